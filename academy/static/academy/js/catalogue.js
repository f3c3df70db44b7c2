/** The catalogue: searches while somebody types, and offers what changed. */

import { personId } from "./person.js";
import { connect } from "./realtime.js";
import { text } from "./text.js";
import { toast } from "./toast.js";

const PAUSE_MILLISECONDS = 250;

/** Takes over the catalogue's form, if the page has one. */
export function takeOverCatalogue() {
  const form = document.querySelector("form[data-catalogue]");
  const results = document.querySelector("[data-results]");
  if (form instanceof HTMLFormElement && results instanceof HTMLElement) {
    new Catalogue(form, results).start();
  }
}

class Catalogue {
  /** @type {number | undefined} */ #timer;
  /** @type {AbortController | null} */ #request = null;
  #typing = false;

  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement} results
   */
  constructor(form, results) {
    this.form = form;
    this.results = results;
    this.offer = document.querySelector("[data-catalogue-offer]");
  }

  start() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#search(this.#wanted(), "push");
    });
    this.form.addEventListener("input", (event) => {
      const typed = event.target instanceof HTMLInputElement && event.target.type === "search";
      clearTimeout(this.#timer);
      this.#timer = setTimeout(
        () => this.#search(this.#wanted(), typed && this.#typing ? "replace" : "push"),
        typed ? PAUSE_MILLISECONDS : 0,
      );
    });
    this.form.addEventListener("focusout", () => {
      this.#typing = false;
    });
    addEventListener("popstate", () => {
      this.#restore();
      this.#search(new URL(location.href), "none");
    });
    this.offer?.querySelector("button")?.addEventListener("click", () => {
      this.#search(new URL(location.href), "none");
    });
    if (personId()) {
      this.#follow();
    }
  }

  #follow() {
    let first = -1;
    connect("/ws/courses/", {
      onSnapshot: (_data, seq) => {
        this.#offerIf(first >= 0 && seq > first);
        first = Math.max(first, seq);
      },
      onFrame: (frame) => {
        this.#offerIf(frame.seq > first);
        first = Math.max(first, frame.seq);
      },
    });
  }

  /** @param {boolean} changed */
  #offerIf(changed) {
    if (changed && this.offer instanceof HTMLElement) {
      this.offer.hidden = false;
    }
  }

  /** The address of what the form asks for; what is empty is left out. */
  #wanted() {
    const url = new URL(this.form.action, location.href);
    for (const [name, value] of new FormData(this.form)) {
      if (value !== "") {
        url.searchParams.append(name, String(value));
      }
    }
    return url;
  }

  /**
   * @param {URL} url
   * @param {"push" | "replace" | "none"} history
   */
  async #search(url, history) {
    this.#request?.abort();
    const request = new AbortController();
    this.#request = request;
    this.results.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(url, { credentials: "same-origin", signal: request.signal });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const found = page.querySelector("[data-results]");
      if (!response.ok || !found) {
        throw new TypeError(String(response.status));
      }
      this.#show(url, page, found, history);
    } catch {
      if (!request.signal.aborted) {
        failed(url);
      }
    } finally {
      if (this.#request === request) {
        this.results.removeAttribute("aria-busy");
      }
    }
  }

  /**
   * @param {URL} url
   * @param {Document} page
   * @param {Element} found
   * @param {"push" | "replace" | "none"} history
   */
  #show(url, page, found, history) {
    this.results.replaceChildren(...document.importNode(found, true).childNodes);
    document.title = page.title;
    const count = document.querySelector("[data-results-count]");
    const said = page.querySelector("[data-results-count]");
    if (count && said && count.textContent?.trim() !== said.textContent?.trim()) {
      count.replaceChildren(...document.importNode(said, true).childNodes);
    }
    if (history === "push" && url.href !== location.href) {
      window.history.pushState(null, "", url);
      this.#typing = true;
    } else if (history === "replace") {
      window.history.replaceState(null, "", url);
    }
    if (this.offer instanceof HTMLElement) {
      this.offer.hidden = true;
    }
  }

  #restore() {
    const asked = new URL(location.href).searchParams;
    for (const field of this.form.elements) {
      if (field instanceof HTMLInputElement && field.type === "checkbox") {
        field.checked = asked.getAll(field.name).includes(field.value);
      } else if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) {
        field.value = asked.get(field.name) ?? "";
      }
    }
  }
}

/**
 * What is shown stays while nobody can be reached; otherwise the browser goes there itself.
 *
 * @param {URL} url
 */
function failed(url) {
  if (navigator.onLine === false) {
    toast(text("problem.offline.search"));
  } else {
    location.assign(url);
  }
}
