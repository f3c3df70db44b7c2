/**
 * What was done here and has not reached the academy yet; it outlives the page and its network.
 *
 * Every event has an id of its own making, so that sending it twice changes nothing twice, and an
 * entry of its own in the storage, so that tabs never overwrite each other's. Where the browser
 * stores nothing, the page itself remembers.
 *
 * @typedef {{id: string, type: "mark_complete" | "reopen" | "update_checkpoint", lesson: string,
 *   at: string, anchor?: string, fraction?: number}} Event
 */

import { newId } from "./ids.js";

const PREFIX = "academy.outbox.";
const OLDEST_MILLISECONDS = 30 * 24 * 3_600_000;

export class Outbox {
  /** @type {Map<string, Event>} */ #unstored = new Map();

  /**
   * @param {number | string} personId whose it is: people share devices
   * @param {number | string} courseId
   * @param {() => void} onChange another tab did something
   */
  constructor(personId, courseId, onChange) {
    this.prefix = `${PREFIX}${personId}.${courseId}.`;
    addEventListener("storage", (event) => {
      if (event.key === null || event.key.startsWith(this.prefix)) {
        onChange();
      }
    });
  }

  /**
   * The ids of the courses in which something of this person waits.
   *
   * @param {string} personId
   * @returns {Set<string>}
   */
  static courses(personId) {
    const prefix = `${PREFIX}${personId}.`;
    try {
      const keys = Object.keys(localStorage).filter((key) => key.startsWith(prefix));
      return new Set(keys.map((key) => key.slice(prefix.length).split(".")[0]));
    } catch {
      return new Set();
    }
  }

  /**
   * Keeps an event until it is removed. Of places in a lesson only the last counts.
   *
   * @param {Omit<Event, "id" | "at">} done
   * @returns {Event}
   */
  add(done) {
    const event = { ...done, id: newId(), at: new Date().toISOString() };
    if (event.type === "update_checkpoint") {
      for (const earlier of this.all()) {
        if (earlier.type === event.type && earlier.lesson === event.lesson) {
          this.remove(earlier.id);
        }
      }
    }
    try {
      localStorage.setItem(this.prefix + event.id, JSON.stringify(event));
    } catch {
      this.#unstored.set(event.id, event);
    }
    return event;
  }

  /** @param {string} id */
  remove(id) {
    this.#unstored.delete(id);
    try {
      localStorage.removeItem(this.prefix + id);
    } catch {
      // Nothing was stored either.
    }
  }

  /**
   * Everything that waits, oldest first.
   *
   * @returns {Event[]}
   */
  all() {
    const waiting = [...this.#unstored.values(), ...this.#stored()];
    return waiting.sort((one, other) => one.at.localeCompare(other.at));
  }

  /** @returns {Event[]} */
  #stored() {
    try {
      return Object.keys(localStorage)
        .filter((key) => key.startsWith(this.prefix))
        .map((key) => this.#read(key))
        .filter((event) => event !== null);
    } catch {
      return [];
    }
  }

  /**
   * @param {string} key
   * @returns {Event | null} null for what is no event, or one that nobody waits for any more
   */
  #read(key) {
    /** @type {Event | null} */
    let event = null;
    try {
      event = JSON.parse(localStorage.getItem(key) ?? "null");
    } catch {
      // Somebody else wrote there.
    }
    const age = Date.now() - Date.parse(event?.at ?? "");
    if (typeof event?.id === "string" && age < OLDEST_MILLISECONDS) {
      return event;
    }
    localStorage.removeItem(key);
    return null;
  }
}
