/** My learning and My jobs: show what their person does anywhere, as the academy tells it. */

import { placeIn } from "./focus.js";
import { takeOverRow } from "./jobs-page.js";
import { isTerminal } from "./order.js";
import { backoff, connect } from "./realtime.js";
import { text } from "./text.js";
import { showTimes } from "./time.js";
import { toast } from "./toast.js";

const TOGETHER_MILLISECONDS = 500;

/** Follows the page's own topic, if this is that page. */
export function followDesk() {
  const desk = document.querySelector("[data-desk]");
  if (desk instanceof HTMLElement) {
    new Desk(desk).follow();
  }
}

class Desk {
  /** @type {Map<string, Element>} */ #shown = new Map();
  /** @type {number | undefined} */ #timer;
  #seq;
  #failures = 0;
  #isNew = true;
  #asking = false;
  #again = false;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.#seq = seqOf(element);
    for (const [name, part] of partsOf(element)) {
      this.#shown.set(name, contentOf(part));
    }
  }

  follow() {
    connect("/ws/courses/?view=mine", {
      onSnapshot: (data, seq) => this.#heard(data, seq),
      onState: (_mode, reason) => {
        if (reason === "signed-out") {
          toast(text("progress.signed-out"), "bad");
        }
      },
      read: async () => {
        await this.#ask();
        return { seq: this.#seq, data: null };
      },
    });
  }

  /**
   * @param {{seq: number} | null} data null: the page was read without a word from the socket
   * @param {number} seq
   */
  #heard(data, seq) {
    const isFirst = this.#isNew;
    this.#isNew = false;
    if (data !== null && !(isFirst && seq === this.#seq)) {
      this.#soon(TOGETHER_MILLISECONDS);
    }
  }

  /** @param {number} milliseconds */
  #soon(milliseconds) {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // A hidden page is read when it is shown again.
      if (document.visibilityState === "visible") {
        this.#ask();
      }
    }, milliseconds);
  }

  /** The page shows what the academy says now. */
  async #ask() {
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    try {
      const fresh = await read();
      this.#failures = 0;
      if (fresh !== null && seqOf(fresh) >= this.#seq) {
        this.#show(fresh);
      }
    } catch {
      this.#failures += 1;
      this.#soon(TOGETHER_MILLISECONDS + backoff(this.#failures));
    } finally {
      this.#asking = false;
    }
    if (this.#again) {
      this.#again = false;
      this.#soon(TOGETHER_MILLISECONDS);
    }
  }

  /** @param {Element} fresh */
  #show(fresh) {
    this.#seq = seqOf(fresh);
    const parts = partsOf(fresh);
    for (const [name, part] of partsOf(this.element)) {
      const next = parts.get(name);
      const content = next && contentOf(next);
      if (next && content && !content.isEqualNode(this.#shown.get(name) ?? null)) {
        this.#shown.set(name, content);
        replace(part, next);
      }
    }
    showJobs(this.element, fresh);
  }
}

/**
 * @returns {Promise<Element | null>} null: this is nobody's page any more
 * @throws {Error} nobody answered, or not with a page
 */
async function read() {
  const response = await fetch(location.pathname, {
    headers: { Accept: "text/html", "X-Part": "desk" },
    credentials: "same-origin",
  });
  if (!response.ok) {
    throw new Error(String(response.status));
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return page.querySelector("[data-desk-seq]") ? page.body : null;
}

/** @param {Element} scope */
function seqOf(scope) {
  return Number(scope.querySelector("[data-desk-seq]")?.getAttribute("data-desk-seq") ?? 0);
}

/**
 * @param {Element} scope
 * @returns {Map<string, Element>}
 */
function partsOf(scope) {
  const parts = [...scope.querySelectorAll("[data-desk-part]")];
  return new Map(parts.map((part) => [part.getAttribute("data-desk-part") ?? "", part]));
}

/**
 * What a part says, but for how long ago it was: that alone is no reason to replace it.
 *
 * @param {Element} part
 */
function contentOf(part) {
  const copy = /** @type {Element} */ (part.cloneNode(true));
  for (const time of copy.querySelectorAll("time")) {
    time.textContent = "";
  }
  return copy;
}

/**
 * The part is as `next`; a keyboard's place in it stays at the same link, or in the part.
 *
 * @param {Element} part
 * @param {Element} next
 */
function replace(part, next) {
  const before = placeIn(part);
  const href = before?.getAttribute("href");
  const words = before?.textContent;
  part.replaceChildren(...next.childNodes);
  showTimes(part);
  if (before === null) {
    return;
  }
  const links = [...part.querySelectorAll("a[href]")].filter((link) => link.getAttribute("href") === href);
  const place = /** @type {HTMLElement} */ (links.find((link) => link.textContent === words) ?? links[0] ?? part);
  if (place === part) {
    place.tabIndex = -1;
  }
  place.focus({ preventScroll: true });
}

/**
 * Jobs that are new stand above the others, which follow themselves; what is over and no longer
 * among the newest goes.
 *
 * @param {Element} desk
 * @param {Element} fresh
 */
function showJobs(desk, fresh) {
  const section = desk.querySelector("[data-desk-jobs]");
  const next = fresh.querySelector("[data-desk-jobs]");
  const items = [...(next?.querySelectorAll("[data-job-list] > li") ?? [])];
  if (!section || !next || items.length === 0) {
    return;
  }
  const newest = new Set(items.map(jobOf));
  const known = new Set([...section.querySelectorAll("[data-job-list] > li")].map(jobOf));
  const added = items.filter((item) => !known.has(jobOf(item)));
  const list = section.querySelector("[data-job-list]");
  if (list === null) {
    section.replaceChildren(...next.childNodes);
  } else {
    list.prepend(...added);
  }
  for (const item of added) {
    showTimes(item);
    takeOverRow(/** @type {HTMLElement} */ (item.querySelector("[data-job]")), { isNews: true });
  }
  for (const item of [...(list?.children ?? [])]) {
    const status = item.querySelector("[data-job]")?.getAttribute("data-state") ?? "";
    if (!newest.has(jobOf(item)) && isTerminal({ status }) && placeIn(item) === null) {
      item.remove();
    }
  }
}

/** @param {Element} item */
function jobOf(item) {
  return item.querySelector("[data-job]")?.getAttribute("data-job") ?? "";
}
