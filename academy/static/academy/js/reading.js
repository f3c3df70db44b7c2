/** Small comforts of the reader; all of it works without them. */

// The line of the window that is taken for the one being read.
const LINE = 0.3;
// Zoomed pages end at fractions of a pixel.
const END_PX = 2;

/** The outline marks the part that is being read. */
export function followReading() {
  const links = new Map();
  for (const link of document.querySelectorAll("[data-outline] a")) {
    const id = decodeURIComponent((link.getAttribute("href") ?? "").slice(1));
    const heading = document.getElementById(id);
    if (heading !== null) {
      links.set(heading, link);
    }
  }
  if (links.size === 0) {
    return;
  }
  const mark = (/** @type {Element} */ current) => {
    for (const [heading, link] of links) {
      if (heading === current) {
        link.setAttribute("aria-current", "true");
      } else {
        link.removeAttribute("aria-current");
      }
    }
  };
  const show = () => mark(headingRead([...links.keys()]));
  addEventListener("scroll", show, { passive: true });
  addEventListener("resize", show, { passive: true });
  show();
}

/**
 * The last heading above the line that is read; at the very end the last of all, which may never
 * come up that far.
 *
 * @param {Element[]} headings in the order of the text, at least one
 * @returns {Element}
 */
function headingRead(headings) {
  const page = document.documentElement;
  const scrolls = page.scrollHeight > innerHeight;
  const atEnd = scrolls && scrollY + innerHeight >= page.scrollHeight - END_PX;
  const above = headings.filter((one) => one.getBoundingClientRect().top <= innerHeight * LINE);
  return (atEnd ? headings.at(-1) : above.at(-1)) ?? headings[0];
}

/** A long tree of contents opens where the reader is. */
export function showPlaceInContents() {
  const tree = document.querySelector(".reader-contents");
  const current = tree?.querySelector("[aria-current]");
  if (tree instanceof HTMLElement && current instanceof HTMLElement) {
    const offset = current.getBoundingClientRect().top - tree.getBoundingClientRect().top;
    tree.scrollTop = Math.max(0, offset - tree.clientHeight / 2);
  }
}

/** A page that is still being prepared is fetched again, more slowly each time. */
export function reloadWhenPrepared() {
  const notice = document.querySelector("[data-reload-seconds]");
  if (notice instanceof HTMLElement) {
    const tries = Number(sessionStorage.getItem(location.pathname) ?? "0");
    sessionStorage.setItem(location.pathname, String(tries + 1));
    const seconds = Math.min(30, Number(notice.dataset.reloadSeconds) * 1.5 ** tries);
    setTimeout(() => location.reload(), seconds * 1000);
  } else {
    sessionStorage.removeItem(location.pathname);
  }
}
