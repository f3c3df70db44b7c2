/** Reading time that is missing counts down while somebody reads; the academy has the last word. */

import { text } from "./text.js";
import { clock } from "./time.js";

/** @typedef {import("./course-progress.js").CourseProgress} CourseProgress */
/** @typedef {import("./course-progress.js").TimeLeft} TimeLeft */

const SECOND_MILLISECONDS = 1_000;
// The academy counts whole seconds of its own clock.
const LATER_SECONDS = 1;

export class ReadingTime {
  /** @type {TimeLeft | null} */ #left = null;
  #read = 0;
  #told = false;

  /**
   * @param {HTMLElement} place where it is said
   * @param {string} lesson its permalink
   * @param {CourseProgress} progress
   * @param {{isReading: () => boolean, onEnough: () => void}} reading
   */
  constructor(place, lesson, progress, reading) {
    this.place = place;
    this.reading = reading;
    progress.subscribe((view) => this.#follow(view.lessons.get(lesson)?.timeLeft ?? null));
    setInterval(() => this.#tick(), SECOND_MILLISECONDS);
  }

  /** Whether time of reading is missing. */
  get isMissing() {
    return this.#left !== null;
  }

  /** @param {TimeLeft | null} left what the academy says */
  #follow(left) {
    if (left?.seconds !== this.#left?.seconds) {
      this.#read = 0;
      this.#told = false;
    }
    this.#left = left;
    this.#show();
  }

  #tick() {
    if (this.#left === null || !this.reading.isReading()) {
      return;
    }
    this.#read += 1;
    if (!this.#told && this.#read >= this.#left.seconds + LATER_SECONDS) {
      this.#told = true;
      this.reading.onEnough();
    }
    this.#show();
  }

  #show() {
    this.place.hidden = this.#left === null;
    if (this.#left !== null) {
      const time = clock(Math.max(0, this.#left.seconds - this.#read));
      const words = text(this.#left.completes ? "reading.left-whole" : "reading.left", { time });
      this.place.textContent = words;
    }
  }
}
