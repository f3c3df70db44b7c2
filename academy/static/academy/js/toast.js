/**
 * Short notes in a polite live region. They go by themselves, except those that tell of a failure or
 * lead to another page: these stay until they are dismissed, by their button or by Escape. Of one
 * topic only the last is shown.
 */

const SHOWN_MILLISECONDS = 8_000;
const EDGE_PX = 16;

/**
 * @param {string} message
 * @param {"" | "good" | "bad"} [tone]
 * @param {{verb: string, run: () => void} | {verb: string, href: string}} [action] what can be done about it,
 *   or the page that says more
 * @param {string} [topic] what is said of the same before goes
 */
export function toast(message, tone = "", action = undefined, topic = "") {
  const region = document.querySelector("[data-toasts]");
  const template = document.querySelector("template[data-toast-template]");
  if (!(region instanceof HTMLElement) || !(template instanceof HTMLTemplateElement) || !message) {
    return;
  }
  for (const shown of region.querySelectorAll("[data-toast-text]")) {
    if (shown.textContent === message) {
      shown.closest(".toast")?.remove();
    }
  }
  dismiss(topic);
  const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  const note = /** @type {HTMLElement} */ (copy.querySelector(".toast"));
  const words = note.querySelector("[data-toast-text]");
  if (words !== null) {
    words.textContent = message;
  }
  if (tone) {
    note.dataset.tone = tone;
  }
  note.dataset.topic = topic;
  note.querySelector("[data-toast-close]")?.addEventListener("click", () => note.remove());
  const button = note.querySelector("[data-toast-action]");
  const link = note.querySelector("[data-toast-link]");
  if (action && "href" in action) {
    if (link instanceof HTMLAnchorElement) {
      link.hidden = false;
      link.textContent = action.verb;
      link.href = action.href;
    }
  } else if (tone !== "bad") {
    passBy(note);
  }
  if (action && "run" in action && button instanceof HTMLElement) {
    button.hidden = false;
    button.textContent = action.verb;
    button.addEventListener("click", () => {
      note.remove();
      action.run();
    });
  }
  region.append(note);
  room.observe(region);
}

/**
 * What was said of that is not so any more.
 *
 * @param {string} topic
 */
export function dismiss(topic) {
  for (const note of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-toasts] .toast"))) {
    if (topic && note.dataset.topic === topic) {
      note.remove();
    }
  }
}

/** What is walked to by keys stops above the notes. */
const room = new ResizeObserver(([entry]) => {
  const height = entry?.target.getBoundingClientRect().height;
  document.documentElement.style.scrollPaddingBottom = height ? `${height + 2 * EDGE_PX}px` : "";
});

document.addEventListener(
  "keydown",
  (event) => {
    // What lies above closes first; asked for before it does.
    if (event.key === "Escape" && !document.querySelector("dialog[open], details.menu[open]")) {
      document.querySelector("[data-toasts] .toast:last-child")?.remove();
    }
  },
  { capture: true },
);

/**
 * The note goes by itself, unless somebody is at it.
 *
 * @param {HTMLElement} note
 */
function passBy(note) {
  let timer = setTimeout(() => note.remove(), SHOWN_MILLISECONDS);
  const hold = () => clearTimeout(timer);
  const release = () => {
    clearTimeout(timer);
    timer = setTimeout(() => note.remove(), SHOWN_MILLISECONDS);
  };
  note.addEventListener("pointerenter", hold);
  note.addEventListener("focusin", hold);
  note.addEventListener("pointerleave", release);
  note.addEventListener("focusout", release);
}
