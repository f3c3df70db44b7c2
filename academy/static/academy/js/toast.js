/** Short notes in a polite live region; what they say is always on the page as well. */

const SHOWN_MILLISECONDS = 8_000;

/**
 * @param {string} message
 * @param {"" | "good" | "bad"} [tone]
 * @param {{verb: string, run: () => void}} [action] what can be done about it
 */
export function toast(message, tone = "", action = undefined) {
  const region = document.querySelector("[data-toasts]");
  const template = document.querySelector("template[data-toast-template]");
  if (!(region instanceof HTMLElement) || !(template instanceof HTMLTemplateElement) || !message) {
    return;
  }
  const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  const note = /** @type {HTMLElement} */ (copy.querySelector(".toast"));
  const words = note.querySelector("[data-toast-text]");
  if (words !== null) {
    words.textContent = message;
  }
  if (tone) {
    note.dataset.tone = tone;
  }
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
  note.querySelector("[data-toast-close]")?.addEventListener("click", () => note.remove());
  const button = note.querySelector("[data-toast-action]");
  if (action && button instanceof HTMLElement) {
    button.hidden = false;
    button.textContent = action.verb;
    button.addEventListener("click", () => {
      note.remove();
      action.run();
    });
  }
  region.append(note);
}
