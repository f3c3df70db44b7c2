/** Exporting a lesson: asks, shows the job live, offers the file. */

import { keepPlace, placeIn } from "./focus.js";
import { post, statusOf } from "./http.js";
import { newId } from "./ids.js";
import { JobRow } from "./job-row.js";
import { isStatusDocument, isTerminal } from "./order.js";
import { hearTabs, tellTabs } from "./tabs.js";
import { text } from "./text.js";
import { clock, fileSize, timeElement } from "./time.js";

/** @typedef {import("./order.js").StatusDocument} StatusDocument */
/** @typedef {import("./http.js").Answer} Answer */
/** @typedef {{download_url: string, generated_at?: string | null, file_size?: number | null}} File */

export class ExportFormat {
  /** Kept until somebody answers, so that pressing again after a failure makes nothing twice. */
  #key = "";
  /** @type {number | undefined} */ #countdown;

  /**
   * @param {HTMLElement} element
   * @param {string} apiUrl
   * @param {string} permalink
   */
  constructor(element, apiUrl, permalink) {
    this.element = element;
    this.permalink = permalink;
    this.apiUrl = apiUrl;
    this.format = element.dataset.exportFormat ?? "";
    const row = element.querySelector("[data-job]");
    this.row = new JobRow(/** @type {HTMLElement} */ (row), {
      onChange: (document) => this.#changed(document),
    });
    hearTabs((news) => this.#hear(news));
    this.#part("form")?.addEventListener("submit", (event) => this.#ask(event));
  }

  /**
   * Another tab's job for the same document is shown here too, if the academy says that it is ours.
   *
   * @param {import("./tabs.js").News} news
   */
  async #hear(news) {
    const shown = this.row.element.dataset.job;
    const ours = news.permalink === this.permalink && news.format === this.format;
    if (!ours && news.retry_of !== shown) {
      return;
    }
    const document = await statusOf(news.task_id);
    if (isStatusDocument(document)) {
      this.#hideProblem();
      this.row.follow(document);
    }
  }

  /** @param {Event} event */
  async #ask(event) {
    event.preventDefault();
    this.#hideProblem();
    if (!navigator.onLine) {
      this.#showProblem(text("problem.offline"), 0);
      return;
    }
    const place = placeIn(this.element);
    this.#busy(true);
    this.#key ||= newId();
    try {
      const answer = await post(this.apiUrl, { format: this.format }, { "Idempotency-Key": this.#key });
      this.#key = answer.status === 409 ? this.#key : "";
      this.#answered(answer);
    } catch {
      this.#showProblem(text("problem.network"), 0);
    } finally {
      this.#busy(false);
      keepPlace(this.row.element, place);
    }
  }

  /** @param {Answer} answer */
  #answered(answer) {
    if (answer.status === 200 && answer.body?.download_url) {
      this.#showFile(answer.body, false);
      this.row.element.hidden = true;
      this.#show("form", false);
      /** @type {HTMLElement | null} */ (this.#part("file-link"))?.focus();
    } else if (answer.status === 202 && isStatusDocument(answer.body)) {
      const stale = /** @type {{stale?: File | null}} */ (answer.body).stale;
      if (stale?.download_url) {
        this.#showFile(stale, true);
      }
      this.row.follow(answer.body);
      const { permalink, format } = this;
      tellTabs({ permalink, format, task_id: answer.body.task_id });
    } else {
      const words = answer.detail || text("problem.unknown", { status: answer.status });
      this.#showProblem(words, answer.waitMilliseconds);
    }
  }

  /** @param {StatusDocument} document */
  #changed(document) {
    const url = document.result?.download_url;
    this.#show("form", isTerminal(document) && !url && !document.can_retry);
    if (url) {
      const size = document.result?.file_size;
      const file = { download_url: url, generated_at: document.finished_at, file_size: size };
      this.#showFile(file, false);
    }
  }

  /**
   * @param {File} file
   * @param {boolean} stale
   */
  #showFile(file, stale) {
    const link = this.#part("file-link");
    if (link instanceof HTMLAnchorElement) {
      link.href = file.download_url;
      link.classList.toggle("secondary", stale);
    }
    // The answer to a new request names the older file without its size, which stands here already.
    const known = typeof file.file_size === "number";
    if (known || !stale) {
      this.#say("file-size", known ? fileSize(/** @type {number} */ (file.file_size)) : "");
    }
    const made = new Date(file.generated_at ?? "");
    this.#part("file-age")?.replaceChildren(
      ...(Number.isNaN(made.getTime()) ? [] : [timeElement(made)]),
    );
    this.#show("file-stale", stale);
    this.#show("file-fresh", !stale);
    this.#show("file", true);
  }

  /**
   * @param {string} words
   * @param {number} waitMilliseconds
   */
  #showProblem(words, waitMilliseconds) {
    this.#say("problem-text", words);
    this.#show("problem", true);
    this.#count(performance.now() + waitMilliseconds, waitMilliseconds > 0);
  }

  /**
   * @param {number} until
   * @param {boolean} waits
   */
  #count(until, waits) {
    clearInterval(this.#countdown);
    this.#show("problem-wait", waits);
    if (!waits) {
      return;
    }
    const button = this.#button();
    const tick = () => {
      const left = Math.ceil((until - performance.now()) / 1000);
      if (button) {
        button.disabled = left > 0;
      }
      this.#say("problem-wait", left > 0 ? text("problem.wait", { time: clock(left) }) : text("problem.now"));
      if (left <= 0) {
        clearInterval(this.#countdown);
      }
    };
    this.#countdown = setInterval(tick, 1000);
    tick();
  }

  #hideProblem() {
    clearInterval(this.#countdown);
    this.#show("problem", false);
  }

  /** @param {boolean} busy */
  #busy(busy) {
    const button = this.#button();
    if (button && !(button.disabled && !busy && this.#isCounting())) {
      button.disabled = busy;
    }
    this.#show("skeleton", busy);
    this.element.toggleAttribute("aria-busy", busy);
  }

  #isCounting() {
    const wait = this.#part("problem-wait");
    return wait instanceof HTMLElement && !wait.hidden;
  }

  /** @returns {HTMLButtonElement | null} */
  #button() {
    return this.#part("form")?.querySelector("button") ?? null;
  }

  /** @param {string} name */
  #part(name) {
    return this.element.querySelector(`[data-part="${name}"]`);
  }

  /**
   * @param {string} name
   * @param {string} words
   */
  #say(name, words) {
    const part = this.#part(name);
    if (part !== null) {
      part.textContent = words;
    }
  }

  /**
   * @param {string} name
   * @param {boolean} shown
   */
  #show(name, shown) {
    const part = this.#part(name);
    if (part instanceof HTMLElement) {
      part.hidden = !shown;
    }
  }
}

/** Takes over every export control of the page. */
export function takeOverExports() {
  for (const control of document.querySelectorAll("[data-export]")) {
    const apiUrl = control.getAttribute("data-api-url") ?? "";
    const permalink = control.getAttribute("data-permalink") ?? "";
    for (const format of control.querySelectorAll("[data-export-format]")) {
      new ExportFormat(/** @type {HTMLElement} */ (format), apiUrl, permalink);
    }
  }
}
