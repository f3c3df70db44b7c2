/** Rows outside the panel for exports: the list of jobs, and the page of a single one. */

import { JobRow } from "./job-row.js";
import { isTerminal } from "./order.js";

/** @typedef {import("./order.js").StatusDocument} StatusDocument */

/** Takes over the rows of the page. */
export function takeOverRows() {
  for (const element of document.querySelectorAll("[data-job]")) {
    if (element.closest("[data-export]") === null) {
      takeOverRow(/** @type {HTMLElement} */ (element));
    }
  }
}

/**
 * @param {HTMLElement} element
 * @param {{isNews?: boolean}} [options] `isNews`: the header's number does not know the job yet
 */
export function takeOverRow(element, { isNews = false } = {}) {
  new JobRow(element, { onRetried: element.closest("[data-job-page]") ? goToPage : addRow, isNews });
}

/**
 * @param {JobRow} row
 * @param {StatusDocument} next
 */
function goToPage(row, next) {
  location.assign(location.pathname.replace(row.element.dataset.job ?? "", next.task_id));
}

/**
 * The new attempt gets a row of its own above the old one, which stays as it ended.
 *
 * @param {JobRow} row
 * @param {StatusDocument} next
 */
function addRow(row, next) {
  const item = row.element.closest("li");
  if (item === null) {
    row.follow(next);
    return;
  }
  if (document.querySelector(`[data-job="${CSS.escape(next.task_id)}"]`) !== null) {
    // The page heard of it before the answer came.
    return;
  }
  const copy = /** @type {HTMLElement} */ (item.cloneNode(true));
  const element = /** @type {HTMLElement} */ (copy.querySelector("[data-job]"));
  element.querySelector("script")?.remove();
  element.querySelector(".job-when")?.remove();
  for (const button of element.querySelectorAll("button")) {
    button.disabled = false;
  }
  item.before(copy);
  new JobRow(element, { onRetried: addRow }).follow(next);
}

/** Keeps the header's number of unfinished jobs right while rows of this page come and go. */
export function keepCount() {
  const badge = document.querySelector("[data-live-jobs]");
  const number = badge?.querySelector("[data-live-jobs-count]");
  if (!(badge instanceof HTMLElement) || !number) {
    return;
  }
  /** @type {Map<string, boolean>} */
  const counted = new Map();
  addEventListener("academy:job", (event) => {
    const { document, before } = /** @type {CustomEvent} */ (event).detail;
    const unfinished = !isTerminal(document);
    const was = counted.get(document.task_id) ?? (before !== null && !isTerminal(before));
    counted.set(document.task_id, unfinished);
    const total = Math.max(0, Number(number.textContent) + Number(unfinished) - Number(was));
    number.textContent = String(total);
    badge.hidden = total === 0;
  });
}
