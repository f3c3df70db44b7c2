/** Small comforts of the reader; all of it works without them. */

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
  const observer = new IntersectionObserver(
    (entries) => {
      const seen = entries.filter((entry) => entry.isIntersecting);
      if (seen.length > 0) {
        mark(seen[0].target);
      }
    },
    { rootMargin: "0px 0px -70% 0px" },
  );
  for (const heading of links.keys()) {
    observer.observe(heading);
  }
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
