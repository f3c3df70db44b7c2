/** Offers a newer version of what is shown; nothing moves until somebody takes it. */

import { personId } from "./progress-view.js";
import { reloadInPlace } from "./reading-place.js";
import { connect } from "./realtime.js";

/** Follows the releases of the page's course, and the catalogue's changes. */
export function offerVersions() {
  const offer = document.querySelector("[data-offer]");
  if (!(offer instanceof HTMLElement) || !personId()) {
    return;
  }
  const { course, lesson, version, release } = offer.dataset;
  offer.querySelector("button")?.addEventListener("click", () => {
    reloadInPlace(document.querySelector("[data-reader] .lesson-body"));
  });
  const compare = (/** @type {any} */ data) => {
    const newest = lesson ? data?.lessons?.[lesson] : data?.release;
    const shown = lesson ? version : release;
    offer.hidden = newest === undefined || newest === null || !shown || String(newest) === shown;
  };
  connect(`/ws/course-updates/${course}/`, {
    onSnapshot: compare,
    onFrame: (frame) => compare(frame.data),
  });
}
