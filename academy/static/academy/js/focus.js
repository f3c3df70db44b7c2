/** Keeps a keyboard's place in a row whose pressed control goes away. */

const NEXT = [
  '[data-part="retry"] button',
  'a[data-part="download"]',
  'a[data-part="file-link"]:not(.secondary)',
  '[data-part="form"] button',
];

/**
 * The control of `scope` that has the focus; null where the focus is elsewhere.
 *
 * @param {Element} scope
 * @returns {HTMLElement | null}
 */
export function placeIn(scope) {
  const active = document.activeElement;
  return active instanceof HTMLElement && scope.contains(active) ? active : null;
}

/**
 * The focus is where it was before, or on what can be done next in the row, or on the row.
 *
 * @param {HTMLElement} row
 * @param {HTMLElement | null} before what `placeIn` said; null leaves the focus alone
 */
export function keepPlace(row, before) {
  const active = document.activeElement;
  if (before === null || (active instanceof HTMLElement && active !== document.body && isUsable(active))) {
    return;
  }
  const scope = /** @type {HTMLElement} */ (row.closest("[data-export-format]") ?? row);
  const controls = NEXT.flatMap((selector) => [...scope.querySelectorAll(selector)]);
  const next = [before, ...controls].find(isUsable);
  if (next instanceof HTMLElement) {
    next.focus();
    return;
  }
  const last = isShown(row) ? row : scope;
  last.tabIndex = -1;
  last.focus();
}

/** @param {Element} element */
function isShown(element) {
  return element.getClientRects().length > 0;
}

/** @param {Element} element */
function isUsable(element) {
  return isShown(element) && !element.matches(":disabled");
}
