/** Offers a newer version of what is shown; nothing moves until somebody takes it. */

import { personId } from "./person.js";
import { reloadInPlace } from "./reading-place.js";
import { connect } from "./realtime.js";
import { text } from "./text.js";

/**
 * What is newer than the page: the lesson itself or the course (`version`), only the contents
 * beside the lesson, or that the lesson `left` its place; empty where nothing is.
 *
 * @param {any} data what readers of the course read now
 * @param {DOMStringMap} shown
 * @returns {"" | "version" | "contents" | "left"}
 */
export function newsOf(data, { lesson, version, release }) {
  const isOther = Boolean(release) && Boolean(data?.release) && String(data.release) !== release;
  if (!lesson) {
    return isOther ? "version" : "";
  }
  const newest = data?.lessons?.[lesson];
  if (newest === undefined || newest === null) {
    return data?.lessons && isOther ? "left" : "";
  }
  if (version && newest !== version) {
    return "version";
  }
  return isOther ? "contents" : "";
}

/** Follows the releases of the page's course, and the catalogue's changes. */
export function offerVersions() {
  const offer = document.querySelector("[data-offer]");
  if (!(offer instanceof HTMLElement) || !personId()) {
    return;
  }
  const words = offer.querySelector("p");
  const offered = words?.textContent ?? "";
  let elsewhere = "";
  offer.querySelector("button")?.addEventListener("click", () => {
    if (elsewhere) {
      location.assign(elsewhere);
    } else {
      reloadInPlace(document.querySelector("[data-reader] .lesson-body"));
    }
  });
  const compare = (/** @type {any} */ data) => {
    const news = newsOf(data, offer.dataset);
    offer.hidden = news === "";
    // A lesson that left the course, or has another address, cannot be loaded anew.
    elsewhere = news === "left" ? `/courses/${data.slug}/` : "";
    if (words) {
      words.textContent = news === "left" || news === "contents" ? text(`versions.${news}`) : offered;
    }
  };
  connect(`/ws/course-updates/${offer.dataset.course}/`, {
    onSnapshot: compare,
    onFrame: (frame) => compare(frame.data),
  });
}
