/** Where in a lesson somebody reads: a heading that outlives a new layout, and how far down. */

/** @typedef {import("./course-progress.js").Place} Place */

// The line of the window that is taken for the one being read.
const LINE = 0.25;
const KEPT = "academy.place";

/** @param {Element} body */
function headings(body) {
  return [...body.querySelectorAll(":is(h1, h2, h3, h4, h5, h6)[id]")];
}

/**
 * @param {Element} body the lesson's text
 * @returns {Place}
 */
export function placeOf(body) {
  const box = body.getBoundingClientRect();
  const line = innerHeight * LINE;
  const above = headings(body).filter((heading) => heading.getBoundingClientRect().top <= line);
  const atEnd = box.bottom <= innerHeight;
  const fraction = atEnd ? 1 : (line - box.top) / Math.max(1, box.height);
  return {
    anchor: above.at(-1)?.id ?? "",
    fraction: Math.round(1000 * Math.min(1, Math.max(0, fraction))) / 1000,
  };
}

/**
 * The window shows that place: as far down as it was, but never outside its heading's part.
 *
 * @param {Element} body
 * @param {Place} place
 */
export function goTo(body, place) {
  const box = body.getBoundingClientRect();
  const parts = headings(body);
  const number = parts.findIndex((heading) => heading.id === place.anchor);
  const top = (/** @type {Element | undefined} */ part, /** @type {number} */ otherwise) =>
    part ? part.getBoundingClientRect().top - box.top : otherwise;
  const wanted = place.fraction * box.height;
  const first = number < 0 ? 0 : top(parts[number], 0);
  const last = top(parts[number + 1], box.height);
  const within = Math.min(Math.max(wanted, first), Math.max(first, last - 1));
  scrollTo({ top: scrollY + box.top + within - innerHeight * LINE, behavior: "instant" });
}

/**
 * The page is loaded anew and shows the same place.
 *
 * @param {Element | null} body
 */
export function reloadInPlace(body) {
  if (body !== null) {
    const kept = { path: location.pathname, ...placeOf(body) };
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
  }
  location.reload();
}

/**
 * The place that `reloadInPlace` kept for this page; only once.
 *
 * @returns {Place | null}
 */
export function keptPlace() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  sessionStorage.removeItem(KEPT);
  return kept?.path === location.pathname ? kept : null;
}
