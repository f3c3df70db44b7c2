/** A job's row: shows one status document at a time in nodes that are there already. */

import { confirmed } from "./dialog.js";
import { keepPlace, placeIn } from "./focus.js";
import { post } from "./http.js";
import { connectionTo } from "./live.js";
import { isStatusDocument, isTerminal } from "./order.js";
import { tellTabs } from "./tabs.js";
import { text } from "./text.js";
import { clock, fileSize, percentage } from "./time.js";
import { toast } from "./toast.js";

/** @typedef {import("./order.js").StatusDocument} StatusDocument */
/** @typedef {import("./live.js").View} View */

const TICK_MILLISECONDS = 1_000;
// A connection that is back at once is nobody's concern.
const BLINK_MILLISECONDS = 1_500;
// Less than this is over before it is read.
const SHORTEST_ESTIMATE_SECONDS = 3;

/** @type {Set<JobRow>} */
const ticking = new Set();

setInterval(() => {
  for (const row of ticking) {
    row.tick();
  }
}, TICK_MILLISECONDS);

export class JobRow {
  /** @type {View | null} */ #view = null;
  /** @type {(() => void) | null} */ #unsubscribe = null;
  /** What the header's number knew of this job already: it came with the page. */
  /** @type {StatusDocument | null} */ #counted = null;
  #shownAt = performance.now();
  #staleSince = 0;
  #asked = false;
  /** @type {AbortController | null} */ #question = null;

  /**
   * @param {HTMLElement} element
   * @param {{onRetried?: (row: JobRow, document: StatusDocument) => void, onChange?: (document: StatusDocument) => void, isNews?: boolean}} [hooks]
   *   `isNews`: the header's number does not know the job yet
   */
  constructor(element, hooks = {}) {
    this.element = element;
    this.hooks = hooks;
    this.#form("cancel")?.addEventListener("submit", (event) => this.#cancel(event));
    this.#form("retry")?.addEventListener("submit", (event) => this.#retry(event));
    const initial = this.#initial();
    if (initial !== null) {
      this.#counted = hooks.isNews ? null : initial;
      this.follow(initial);
    }
  }

  /**
   * Shows this job from now on, whatever the row showed before.
   *
   * @param {StatusDocument} document
   */
  follow(document) {
    this.#unsubscribe?.();
    this.#rename(document.task_id);
    this.#view = null;
    this.#asked = false;
    this.element.hidden = false;
    const connection = connectionTo(document.task_id, document, { again: !isTerminal(document) });
    this.#unsubscribe = connection.subscribe((view) => this.#show(view));
  }

  /** Moves the clocks on. */
  tick() {
    const document = this.#view?.document;
    if (!document || isTerminal(document)) {
      return;
    }
    const passed = (performance.now() - this.#shownAt) / 1000;
    this.#say("elapsed", clock(document.task_age_seconds + passed));
    this.#showRemaining(document, passed);
    this.#showStale();
    if (document.status === "retrying") {
      this.#say("line", lineOf(document));
    }
  }

  /** @returns {StatusDocument | null} */
  #initial() {
    const data = this.element.querySelector("script[type='application/json']");
    const document = data === null ? null : JSON.parse(data.textContent ?? "null");
    return isStatusDocument(document) ? document : null;
  }

  /** @param {View} view */
  #show(view) {
    const before = this.#view?.document ?? null;
    this.#view = view;
    const document = view.document;
    if (document !== null && document !== before) {
      const place = placeIn(this.element);
      this.#shownAt = performance.now();
      this.#showDocument(document);
      this.hooks.onChange?.(document);
      keepPlace(this.element, place);
      if (isTerminal(document)) {
        this.#question?.abort();
      }
      dispatchEvent(new CustomEvent("academy:job", { detail: { document, before: before ?? this.#counted } }));
      this.#counted = null;
      if (before !== null && isTerminal(document)) {
        tellOfEnd(document);
      }
    }
    this.#showStale();
    if (view.mode === "finished" || view.mode === "refused") {
      ticking.delete(this);
    } else {
      ticking.add(this);
    }
  }

  /** @param {StatusDocument} document */
  #showDocument(document) {
    const { status } = document;
    const moving = status === "running" || status === "retrying";
    this.element.dataset.state = status;
    this.#say("title", document.title);
    this.#say("state", text(`state.${status}`));
    this.#say("line", lineOf(document));
    this.#say("percent", percentage(document.progress));
    this.#say("error-text", document.error?.detail ?? "");
    this.#toggle("bar-row", moving);
    this.#toggle("error", document.error !== null);
    this.#toggle("cancel", document.can_cancel && !this.#asked);
    this.#toggle("retry", document.can_retry);
    this.#showBar(document.progress);
    this.#showDownload(document);
    this.#say("elapsed", isTerminal(document) ? took(document) : clock(document.task_age_seconds));
    this.#showRemaining(document, 0);
    const icon = this.#part("icon");
    icon?.setAttribute("href", `${(icon.getAttribute("href") ?? "").split("#")[0]}#state-${status}`);
  }

  /** @param {number} progress */
  #showBar(progress) {
    const bar = this.#part("bar");
    if (bar instanceof HTMLProgressElement) {
      bar.value = progress;
    }
  }

  /** @param {StatusDocument} document */
  #showDownload(document) {
    const link = this.#part("download");
    const url = document.result?.download_url;
    if (link instanceof HTMLAnchorElement) {
      link.hidden = !url;
      link.href = url ?? "#";
    }
    const size = document.result?.file_size;
    this.#say("size", typeof size === "number" ? fileSize(size) : "");
  }

  /**
   * @param {StatusDocument} document
   * @param {number} passed seconds since the document came
   */
  #showRemaining(document, passed) {
    const estimate = document.estimated_remaining_seconds;
    if (typeof estimate !== "number" || isTerminal(document)) {
      this.#toggle("remaining", false);
      return;
    }
    const left = estimate - passed;
    const told = left >= SHORTEST_ESTIMATE_SECONDS;
    this.#say("remaining", told ? text("remaining", { time: clock(Math.ceil(left)) }) : text("remaining.soon"));
    this.#toggle("remaining", told || document.status === "running");
  }

  #showStale() {
    const view = this.#view;
    const mode = view?.mode ?? "connecting";
    const refused = mode === "refused";
    const stale = mode === "offline" || (mode === "reconnecting" && this.#isAwayLong());
    if (mode !== "reconnecting") {
      this.#staleSince = 0;
    }
    this.#toggle("stale", stale || refused);
    this.element.classList.toggle("is-stale", stale);
    if (refused) {
      this.#say("stale-text", text(`refused.${view?.reason ?? ""}`));
    } else if (stale) {
      const time = clock((performance.now() - (view?.heardAt ?? 0)) / 1000);
      this.#say("stale-text", text(mode === "offline" ? "stale.offline" : "stale", { time }));
    }
  }

  #isAwayLong() {
    this.#staleSince ||= performance.now();
    return performance.now() - this.#staleSince >= BLINK_MILLISECONDS;
  }

  /** @param {SubmitEvent} event */
  async #cancel(event) {
    event.preventDefault();
    const document = this.#view?.document;
    if (!document) {
      return;
    }
    const place = placeIn(this.element);
    if (!(await this.#mayCancel(document))) {
      keepPlace(this.element, place);
      return;
    }
    const answer = await this.#act(document.task_id, "cancel");
    // The end may have come by the socket before the answer did.
    if (answer?.status === 202 && !isTerminal(this.#view?.document)) {
      this.#asked = true;
      this.#toggle("cancel", false);
      this.#say("line", text("cancel.asked"));
      connectionTo(document.task_id).accept(answer.body);
    }
    keepPlace(this.element, place);
  }

  /**
   * Whether the person still wants it, and there is still something to cancel.
   *
   * @param {StatusDocument} document
   */
  async #mayCancel(document) {
    this.#question = new AbortController();
    const agreed = await confirmed(
      {
        title: text("cancel.title", { title: document.title }),
        body: text("cancel.body"),
        verb: text("cancel.verb"),
        keep: text("cancel.keep"),
      },
      this.#question.signal,
    );
    this.#question = null;
    if (isTerminal(this.#view?.document)) {
      toast(text("cancel.late"));
      return false;
    }
    return agreed;
  }

  /** @param {SubmitEvent} event */
  async #retry(event) {
    event.preventDefault();
    const document = this.#view?.document;
    if (!document) {
      return;
    }
    const place = placeIn(this.element);
    const answer = await this.#act(document.task_id, "retry");
    if (answer?.status === 202 && isStatusDocument(answer.body)) {
      this.#toggle("retry", false);
      (this.hooks.onRetried ?? ((row, next) => row.follow(next)))(this, answer.body);
      tellTabs({ task_id: answer.body.task_id, retry_of: document.task_id });
    }
    keepPlace(this.element, place);
  }

  /**
   * @param {string} taskId
   * @param {"cancel" | "retry"} verb
   */
  async #act(taskId, verb) {
    this.#busy(verb, true);
    try {
      const answer = await post(`/async-monitoring/tasks/${taskId}/${verb}/`, {});
      if (answer.status !== 202) {
        const words = answer.detail || text("problem.unknown", { status: answer.status });
        toast(words, "bad");
        this.#say("error-text", words);
        this.#toggle("error", true);
      }
      return answer;
    } catch {
      toast(text(navigator.onLine ? "problem.network" : "problem.offline"), "bad");
      return null;
    } finally {
      this.#busy(verb, false);
    }
  }

  /** @param {string} taskId */
  #rename(taskId) {
    const before = this.element.dataset.job ?? "";
    this.element.dataset.job = taskId;
    if (before && before !== taskId) {
      renameIn(this.element, before, taskId);
    }
  }

  /**
   * @param {string} name
   * @param {boolean} busy
   */
  #busy(name, busy) {
    const button = this.#form(name)?.querySelector("button");
    if (button) {
      button.disabled = busy;
    }
  }

  /** @param {string} name */
  #part(name) {
    return this.element.querySelector(`[data-part="${name}"]`);
  }

  /**
   * @param {string} name
   * @returns {HTMLFormElement | null}
   */
  #form(name) {
    const form = this.#part(name);
    return form instanceof HTMLFormElement ? form : null;
  }

  /**
   * @param {string} name
   * @param {string} words
   */
  #say(name, words) {
    for (const part of this.element.querySelectorAll(`[data-part="${name}"]`)) {
      if (part.textContent !== words) {
        part.textContent = words;
      }
    }
  }

  /**
   * @param {string} name
   * @param {boolean} shown
   */
  #toggle(name, shown) {
    const part = this.#part(name);
    if (part instanceof HTMLElement) {
      part.hidden = !shown;
    }
  }
}

/**
 * @param {HTMLElement} element
 * @param {string} before
 * @param {string} after
 */
function renameIn(element, before, after) {
  for (const node of [element, ...element.querySelectorAll("*")]) {
    for (const name of ["id", "action", "href", "aria-labelledby"]) {
      const value = node.getAttribute(name);
      if (value?.includes(before)) {
        node.setAttribute(name, value.replace(before, after));
      }
    }
  }
}

/**
 * @param {StatusDocument} document
 * @returns {string}
 */
function took(document) {
  return clock((Date.parse(document.finished_at ?? "") - Date.parse(document.created_at)) / 1000 || 0);
}

/**
 * Where the job is, in a few words.
 *
 * @param {StatusDocument} document
 * @returns {string}
 */
function lineOf(document) {
  if (document.cancel_requested_at && !isTerminal(document)) {
    return text("cancel.asked");
  }
  switch (document.status) {
    case "queued":
      return document.queue_position
        ? text("line.place", { place: document.queue_position })
        : text("line.waiting");
    case "running":
      return document.step || text("line.starting");
    case "retrying":
      return retryingLine(document);
    default:
      return text(`line.${document.status}`);
  }
}

/** @param {StatusDocument} document */
function retryingLine(document) {
  const values = { attempt: document.attempt, total: document.max_attempts };
  const wait = (Date.parse(document.next_attempt_at ?? "") - Date.now()) / 1000;
  return wait > 0
    ? text("line.retrying-in", { ...values, time: clock(Math.ceil(wait)) })
    : text("line.retrying", values);
}

/** @param {StatusDocument} document */
function tellOfEnd(document) {
  if (document.status === "succeeded") {
    toast(text("done.toast", { title: document.title }), "good");
  } else if (document.status !== "cancelled") {
    toast(text("failed.toast", { title: document.title }), "bad");
  }
}
