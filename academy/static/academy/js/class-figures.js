/** The figures of a class, read again from its own page when something changed. */

const FIRST_MILLISECONDS = 1_000;
const APART_MILLISECONDS = 6_000;

/**
 * Says that something changed; the page is read again soon, and never twice within some seconds.
 *
 * Only what carries `data-figure` is replaced: the place, the order and the focus stay.
 *
 * @param {(fresh: Document) => void} after told of the page as it is now
 * @returns {() => void}
 */
export function followFigures(after) {
  let isWanted = false;
  let readAt = -APART_MILLISECONDS;
  /** @type {number | undefined} */
  let timer;
  const plan = () => {
    if (!isWanted || timer !== undefined || document.visibilityState !== "visible") {
      return;
    }
    const rest = readAt + APART_MILLISECONDS - performance.now();
    timer = setTimeout(read, Math.max(rest, FIRST_MILLISECONDS) * (1 + Math.random() / 4));
  };
  const read = async () => {
    isWanted = false;
    readAt = performance.now();
    const fresh = await pageNow();
    // Until the answer is there nobody asks again.
    timer = undefined;
    if (fresh !== null) {
      showFigures(fresh);
      after(fresh);
    }
    plan();
  };
  document.addEventListener("visibilitychange", plan);
  return () => {
    isWanted = true;
    plan();
  };
}

/** @returns {Promise<Document | null>} null where it is not to be had now */
async function pageNow() {
  try {
    const response = await fetch(location.href, {
      headers: { Accept: "text/html" },
      credentials: "same-origin",
    });
    const isPage = response.ok && !response.redirected;
    return isPage ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
  } catch {
    return null;
  }
}

/** @param {Document} fresh */
function showFigures(fresh) {
  for (const known of document.querySelectorAll("[data-figure]")) {
    const name = known.getAttribute("data-figure") ?? "";
    const now = fresh.querySelector(`[data-figure="${CSS.escape(name)}"]`);
    if (now === null || known.contains(document.activeElement)) {
      continue;
    }
    if (known.textContent === now.textContent) {
      continue;
    }
    // The nodes alone: what somebody has chosen in a list stays chosen.
    known.replaceChildren(...[...now.childNodes].map((node) => document.importNode(node, true)));
    known.className = now.className;
  }
  for (const chart of document.querySelectorAll("[data-chart]")) {
    const bars = fresh.querySelector("[data-chart] script")?.textContent ?? "";
    const known = chart.querySelector("script");
    if (bars && known !== null && bars !== known.textContent) {
      known.textContent = bars;
      chart.dispatchEvent(new CustomEvent("class:bars", { detail: JSON.parse(bars) }));
    }
  }
}
