/** The reader: goes on where somebody stopped, and remembers where they are. */

import { ownProgress } from "./progress-view.js";
import { ReadingTime } from "./reading-time.js";
import { goTo, keptPlace, placeOf } from "./reading-place.js";
import { text } from "./text.js";
import { toast } from "./toast.js";

/** @typedef {import("./course-progress.js").CourseProgress} CourseProgress */
/** @typedef {import("./course-progress.js").Place} Place */

const SEND_MILLISECONDS = 5_000;
// The first and the last lines of a lesson are no place to go back to.
const BEGUN = 0.03;
const ENDED = 0.97;
const MOVED = 0.01;
// Reading time counts while somebody reads: who stays at one place still sends it now and then.
const STILL_MILLISECONDS = 30_000;
const IDLE_MILLISECONDS = 120_000;

/** Takes over the reader of the page, if it has one. */
export function takeOverReader() {
  const progress = ownProgress();
  const reader = document.querySelector("[data-reader]");
  // A lesson may be a video and no text.
  const body = reader?.querySelector(".lesson-body") ?? reader?.querySelector(".video");
  if (!(reader instanceof HTMLElement) || !body) {
    return;
  }
  const lesson = reader.dataset.reader ?? "";
  const resumed = resume(reader, body, progress);
  if (progress?.view.lessons.has(lesson)) {
    new Reading(lesson, body, progress, resumed).start();
  }
}

/**
 * Goes to the place that a reload kept, else to where the learner stopped on any device.
 *
 * @param {HTMLElement} reader
 * @param {Element} body
 * @param {CourseProgress | null} progress
 * @returns {Place | null} where the page went
 */
function resume(reader, body, progress) {
  const kept = keptPlace();
  if (kept) {
    goTo(body, kept);
    return kept;
  }
  const mark = progress?.view.lessons.get(reader.dataset.reader ?? "");
  const place = mark?.checkpoint ?? checkpointOf(reader);
  const [entry] = performance.getEntriesByType("navigation");
  const isNew = /** @type {PerformanceNavigationTiming | undefined} */ (entry)?.type === "navigate";
  const elsewhere = location.hash && location.hash !== `#${encodeURIComponent(place?.anchor ?? "")}`;
  // A form without scripts knows the heading, and not how far down it is.
  const ofHeading = place?.anchor && place.fraction === 0;
  const worth = place && (ofHeading || (place.fraction > BEGUN && place.fraction < ENDED));
  if (!place || !worth || !isNew || elsewhere || (mark?.state ?? reader.dataset.state) === "completed") {
    return null;
  }
  goTo(body, place);
  const begin = () => scrollTo({ top: 0, behavior: "instant" });
  toast(text("reader.resumed"), "", { verb: text("reader.begin"), run: begin });
  return place;
}

/**
 * @param {HTMLElement} reader
 * @returns {Place | null}
 */
function checkpointOf({ dataset }) {
  const fraction = Number(dataset.fraction);
  return dataset.fraction && Number.isFinite(fraction) ? { anchor: dataset.anchor ?? "", fraction } : null;
}

class Reading {
  /** @type {number | undefined} */ #timer;
  #sentAt = -Infinity;
  #activeAt = performance.now();
  #moved = false;
  /** @type {ReadingTime | null} */ #time = null;

  /**
   * @param {string} lesson
   * @param {Element} body
   * @param {CourseProgress} progress
   * @param {Place | null} resumed
   */
  constructor(lesson, body, progress, resumed) {
    this.lesson = lesson;
    this.body = body;
    this.progress = progress;
    this.sent = resumed ?? placeOf(body);
  }

  start() {
    // What was shown on opening is nobody's progress; only reading on moves the place.
    const moved = () => {
      this.#moved = true;
      this.#activeAt = performance.now();
    };
    for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) {
      addEventListener(kind, moved, { passive: true });
    }
    const band = { rootMargin: "-25% 0px -74% 0px" };
    const observer = new IntersectionObserver(() => this.#soon(), band);
    for (const part of [...this.body.children, this.body]) {
      observer.observe(part);
    }
    setInterval(() => this.#stay(), STILL_MILLISECONDS);
    const place = document.querySelector("[data-part='reading-time']");
    if (place instanceof HTMLElement) {
      const isReading = () => this.#isReading;
      this.#time = new ReadingTime(place, this.lesson, this.progress, { isReading, onEnough: () => this.#stay() });
    }
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") {
        this.#send({ leaving: true });
      }
    });
  }

  #soon() {
    if (!this.#moved || this.#timer !== undefined) {
      return;
    }
    const wait = Math.max(0, this.#sentAt + SEND_MILLISECONDS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#send();
    }, wait);
  }

  get #isReading() {
    return performance.now() - this.#activeAt < IDLE_MILLISECONDS && document.visibilityState === "visible";
  }

  #stay() {
    if (!this.#isReading) {
      return;
    }
    if (this.#moved) {
      this.#send({ still: true });
    } else if (this.#time?.isMissing) {
      // A short lesson is read without moving; where it was left before stays remembered.
      const known = this.progress.view.lessons.get(this.lesson)?.checkpoint;
      this.progress.checkpoint(this.lesson, known ?? this.sent);
    }
  }

  /** @param {{leaving?: boolean, still?: boolean}} [options] */
  #send({ leaving = false, still = false } = {}) {
    const place = placeOf(this.body);
    const same = place.anchor === this.sent.anchor && Math.abs(place.fraction - this.sent.fraction) < MOVED;
    if ((same && !still) || !this.#moved) {
      return;
    }
    this.sent = place;
    this.#sentAt = performance.now();
    this.progress.checkpoint(this.lesson, place, { leaving });
  }
}
