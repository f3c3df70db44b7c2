/** Keys for whoever reads without a mouse; never while somebody types, and they can be switched off. */

const OFF = "academy.shortcuts";

function areOn() {
  try {
    return localStorage.getItem(OFF) !== "off";
  } catch {
    return true;
  }
}

/** @param {string} selector */
function press(selector) {
  const control = document.querySelector(selector);
  if (control instanceof HTMLElement && control.getClientRects().length > 0) {
    control.click();
  }
}

/** Takes the page's keys. */
export function takeKeys() {
  const dialog = document.querySelector("dialog[data-shortcuts]");
  const opener = document.querySelector("[data-shortcuts-open]");
  if (!(dialog instanceof HTMLDialogElement) || !(opener instanceof HTMLElement)) {
    return;
  }
  const open = () => dialog.showModal();
  opener.hidden = false;
  opener.addEventListener("click", open);
  const chosen = dialog.querySelector("input[type=checkbox]");
  if (chosen instanceof HTMLInputElement) {
    chosen.checked = areOn();
    chosen.addEventListener("change", () => keep(chosen.checked));
  }
  const search = () => {
    const field = document.querySelector("input[type=search]");
    /** @type {HTMLElement | null} */ (field)?.focus();
  };
  /** @type {Record<string, () => void>} */
  const keys = {
    n: () => press("a[rel=next]"),
    p: () => press("a[rel=prev]"),
    d: () => press("[data-done-form] button"),
    "/": search,
    "?": open,
  };
  document.addEventListener("keydown", (event) => {
    const run = keys[event.key];
    if (run && areOn() && isMeant(event)) {
      event.preventDefault();
      run();
    }
  });
}

/** @param {boolean} on */
function keep(on) {
  try {
    localStorage.setItem(OFF, on ? "on" : "off");
  } catch {
    // It holds for as long as the browser keeps things.
  }
}

/** @param {KeyboardEvent} event */
function isMeant(event) {
  const typing = "input, textarea, select, [contenteditable], dialog *";
  const target = event.target instanceof Element ? event.target : null;
  return !(event.ctrlKey || event.metaKey || event.altKey || event.isComposing || target?.closest(typing));
}
