/** Times and sizes in the page's language: relative ones with the exact time on hover. */

const page = document.documentElement.lang || "en";
// The digits that the academy itself writes.
const language = `${page}-u-nu-latn`;
const STEPS = /** @type {const} */ ([
  ["year", 31_556_952],
  ["month", 2_629_746],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
]);
const TICK_MILLISECONDS = 30_000;
// As the academy writes dates: the day first.
const written = page === "en" ? "en-GB" : language;
const DAY = new Intl.DateTimeFormat(written, { dateStyle: "long" });
const TIME = new Intl.DateTimeFormat(written, {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
  timeZoneName: "short",
});
const BYTES = new Intl.NumberFormat(language, {
  style: "unit",
  unit: "byte",
  unitDisplay: "long",
});

/**
 * Seconds as `0:07`, `12:30` or `1:02:03`.
 *
 * @param {number} seconds
 * @returns {string}
 */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (/** @type {number} */ part) => String(part).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/**
 * @param {Date} at
 * @param {Date} [now]
 * @returns {string}
 */
export function relative(at, now = new Date()) {
  const seconds = (at.getTime() - now.getTime()) / 1000;
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) {
      return format.format(Math.trunc(seconds / length), unit);
    }
  }
  return format.format(0, "second");
}

/**
 * @param {Date} at
 * @returns {string}
 */
export function exact(at) {
  return `${DAY.format(at)}, ${TIME.format(at)}`;
}

/**
 * @param {number} bytes
 * @returns {string}
 */
export function fileSize(bytes) {
  const units = ["", "kB", "MB", "GB"];
  let unit = 0;
  let size = bytes;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  if (!unit) {
    // Some languages have a space of another kind for one than for many.
    return BYTES.format(size).replace("\u00a0", " ");
  }
  const digits = new Intl.NumberFormat(language, { maximumFractionDigits: size < 10 ? 1 : 0 });
  return `${digits.format(size)} ${units[unit]}`;
}

/**
 * @param {number} percent
 * @returns {string}
 */
export function percentage(percent) {
  return new Intl.NumberFormat(language, { style: "percent" }).format(Math.floor(percent) / 100);
}

/**
 * A `<time>` that says how long ago `at` was.
 *
 * @param {Date} at
 * @returns {HTMLTimeElement}
 */
export function timeElement(at) {
  const element = document.createElement("time");
  element.dateTime = at.toISOString();
  show(element);
  return element;
}

/** @param {HTMLTimeElement} element */
function show(element) {
  const at = new Date(element.dateTime);
  if (!Number.isNaN(at.getTime())) {
    element.textContent = relative(at);
    element.title = exact(at);
  }
}

/**
 * Every `<time datetime>` inside says how long ago it was.
 *
 * @param {ParentNode} scope
 */
export function showTimes(scope) {
  for (const element of scope.querySelectorAll("time[datetime]:not([data-exact])")) {
    show(/** @type {HTMLTimeElement} */ (element));
  }
}

/** Keeps every `<time datetime>` of the page right. */
export function keepTimes() {
  showTimes(document);
  setInterval(() => showTimes(document), TICK_MILLISECONDS);
}
