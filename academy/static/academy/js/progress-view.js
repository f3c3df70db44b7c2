/** Shows a learner's progress wherever the page has a place for it, and takes over its forms. */

import { CourseProgress } from "./course-progress.js";
import { Outbox } from "./outbox.js";
import { personId } from "./person.js";
import { text } from "./text.js";
import { percentage } from "./time.js";

/** @typedef {import("./course-progress.js").View} View */

const TICK = { new: "open", opened: "opened", completed: "tick" };

/** @type {CourseProgress | null} */
let first = null;

/** The progress in the page's own course; null for whoever does not learn there. */
export function ownProgress() {
  return first;
}

/** Follows every course of which the page shows the progress. */
export function followProgress() {
  if (!personId()) {
    return;
  }
  const seeds = [...document.querySelectorAll("[data-progress-seed] > script")].map((node) =>
    JSON.parse(node.textContent ?? "null"),
  );
  const followed = seeds.map((seed) => keptShown(seed));
  deliverLeftovers(seeds.map((seed) => String(seed.course_id)));
  first = followed[0] ?? null;
}

/** @param {import("./course-progress.js").Seed} seed */
function keptShown(seed) {
  const progress = new CourseProgress(personId(), seed.course_id, seed);
  const places = document.querySelectorAll(`[data-progress="${seed.course_id}"]`);
  progress.subscribe((view) => {
    for (const place of places) {
      show(/** @type {HTMLElement} */ (place), view);
    }
  });
  for (const place of places) {
    for (const form of place.querySelectorAll("[data-done-form]")) {
      takeOver(/** @type {HTMLFormElement} */ (form), progress);
    }
  }
  return progress;
}

/**
 * What was done offline in other courses goes out as well.
 *
 * @param {string[]} followed ids of the courses that deliver by themselves
 */
function deliverLeftovers(followed) {
  for (const courseId of Outbox.courses(personId())) {
    if (!followed.includes(courseId)) {
      new CourseProgress(personId(), courseId);
    }
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {CourseProgress} progress
 */
function takeOver(form, progress) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const lesson = form.dataset.doneForm ?? "";
    if (progress.view.lessons.get(lesson)?.state === "completed") {
      progress.reopen(lesson);
    } else {
      progress.complete(lesson);
    }
  });
}

/**
 * @param {HTMLElement} place
 * @param {View} view
 */
function show(place, view) {
  if (view.lessons.size === 0) {
    return;
  }
  const say = (/** @type {string} */ name, /** @type {string} */ words) => {
    for (const part of place.querySelectorAll(`[data-part="${name}"]`)) {
      if (part.textContent?.trim() !== words) {
        part.textContent = words;
      }
    }
  };
  say("percent", percentage(view.percent));
  say("count", text("progress.count", { completed: view.completed, required: view.required }));
  const waits = view.isSignedOut ? "progress.waiting-signed-out" : "progress.waiting";
  say("waiting", view.waiting ? text(waits, { count: view.waiting }) : "");
  for (const bar of place.querySelectorAll("progress")) {
    bar.value = view.percent;
  }
  for (const mark of place.querySelectorAll("[data-mark]")) {
    showMark(/** @type {HTMLElement} */ (mark), view);
  }
  showOpenings(place, view);
  for (const form of place.querySelectorAll("[data-done-form]")) {
    say("missing", missingIn(place, view.lessons.get(/** @type {HTMLElement} */ (form).dataset.doneForm ?? "")));
    showForm(/** @type {HTMLElement} */ (form), view);
  }
  showResume(place, view);
}

/**
 * @param {HTMLElement} place
 * @param {import("./course-progress.js").Mark | undefined} mark
 */
function missingIn(place, mark) {
  // Where there is something to read the reader counts the time down.
  const counts = place.querySelector("[data-reader] :is(.lesson-body, .video)") !== null;
  return [mark?.missing, counts ? "" : mark?.missingTime].filter(Boolean).join(" ");
}

/**
 * Locks go as lessons open; the page of such a lesson offers to read it, and nothing moves by itself.
 *
 * @param {HTMLElement} place
 * @param {View} view
 */
function showOpenings(place, view) {
  const isOpen = (/** @type {string} */ lesson) => view.lessons.get(lesson)?.isOpen ?? false;
  for (const lock of /** @type {NodeListOf<HTMLElement>} */ (place.querySelectorAll("[data-lock]"))) {
    lock.hidden = isOpen(lock.dataset.lock ?? "");
  }
  for (const offer of /** @type {NodeListOf<HTMLElement>} */ (place.querySelectorAll("[data-opened]"))) {
    offer.hidden = !isOpen(offer.dataset.opened ?? "");
  }
}

/**
 * @param {HTMLElement} mark
 * @param {View} view
 */
function showMark(mark, view) {
  const state = view.lessons.get(mark.dataset.mark ?? "")?.state;
  if (state === undefined || mark.dataset.state === state) {
    return;
  }
  mark.dataset.state = state;
  showIcon(mark, TICK[state]);
  const word = mark.querySelector("[data-mark-word]");
  if (word) {
    word.textContent = text(`mark.${state}`);
  }
}

/**
 * @param {HTMLElement} form
 * @param {View} view
 */
function showForm(form, view) {
  const mark = view.lessons.get(form.dataset.doneForm ?? "");
  const done = mark?.state === "completed";
  if (!mark || form.dataset.done === String(done)) {
    return;
  }
  form.dataset.done = String(done);
  const action = form.querySelector("input[name=action]");
  if (action instanceof HTMLInputElement) {
    action.value = done ? "reopen" : "complete";
  }
  showIcon(form, done ? "retry" : "tick");
  form.querySelector("button")?.classList.toggle("secondary", done);
  const label = form.querySelector("[data-done-label]");
  if (label) {
    label.textContent = text(done ? "done.reopen" : "done.complete");
  }
}

/**
 * @param {HTMLElement} place
 * @param {View} view
 */
function showResume(place, view) {
  for (const done of /** @type {NodeListOf<HTMLElement>} */ (place.querySelectorAll("[data-part='all-done']"))) {
    done.hidden = view.percent !== 100;
  }
  const link = place.querySelector("[data-part='resume']");
  const verb = place.querySelector("[data-part='resume-verb']");
  if (verb) {
    link?.classList.toggle("secondary", view.percent === 100);
    verb.textContent = text(`resume.${resumeVerb(view)}`);
  }
  const title = place.querySelector("[data-part='resume-title']");
  if (!view.resume?.url) {
    return;
  }
  if (link instanceof HTMLAnchorElement) {
    const { url, anchor } = view.resume;
    link.href = anchor ? `${url}#${encodeURIComponent(anchor)}` : url;
  }
  if (title) {
    title.textContent = view.resume.title;
  }
}

/** @param {View} view */
function resumeVerb({ percent, lessons }) {
  if (percent === 100) {
    return [...lessons.values()].every(({ state }) => state === "completed") ? "again" : "on";
  }
  return percent ? "continue" : "begin";
}

/**
 * @param {HTMLElement} scope
 * @param {string} name
 */
function showIcon(scope, name) {
  const icon = scope.querySelector("use");
  icon?.setAttribute("href", `${(icon.getAttribute("href") ?? "").split("#")[0]}#${name}`);
}
