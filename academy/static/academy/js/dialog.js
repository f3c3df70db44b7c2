/** Asks before something is thrown away, naming what will happen. */

/**
 * Whether the person agreed. Without a dialog in the page: yes, as the plain form would do.
 *
 * @param {{title: string, body: string, verb: string, keep: string}} words
 * @param {AbortSignal} [moot] closes the question when there is nothing left to decide
 * @returns {Promise<boolean>}
 */
export function confirmed({ title, body, verb, keep }, moot) {
  const template = document.querySelector("template[data-confirm-template]");
  if (!(template instanceof HTMLTemplateElement)) {
    return Promise.resolve(true);
  }
  const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  const dialog = /** @type {HTMLDialogElement} */ (copy.querySelector("dialog"));
  const say = (/** @type {string} */ selector, /** @type {string} */ words) => {
    const place = dialog.querySelector(selector);
    if (place !== null) {
      place.textContent = words;
    }
  };
  say("#confirm-title", title);
  say("#confirm-body", body);
  say("[data-confirm-yes]", verb);
  say("[data-confirm-no]", keep);
  document.body.append(dialog);
  dialog.showModal();
  moot?.addEventListener("abort", () => dialog.close("moot"));
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
