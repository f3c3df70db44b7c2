/** POST to the academy's own API, and what its refusals say. */

import { asPerson } from "./person.js";

/**
 * The cookie's secret is newer than the page's where somebody signed in again in another tab.
 *
 * @returns {string}
 */
function csrfToken() {
  const cookie = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie);
  if (cookie !== null) {
    return decodeURIComponent(cookie[1]);
  }
  const field = document.querySelector("input[name=csrfmiddlewaretoken]");
  return field instanceof HTMLInputElement ? field.value : "";
}

/**
 * @typedef {{status: number, body: any, detail: string, waitMilliseconds: number}} Answer
 */

/**
 * `Retry-After` in milliseconds; 0 where there is none.
 *
 * @param {Response} response
 * @returns {number}
 */
export function retryAfter(response) {
  const value = response.headers.get("Retry-After") ?? "";
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}

/**
 * The job's status document; null where it is not this person's, or nobody answered.
 *
 * @param {string} taskId
 * @returns {Promise<unknown>}
 */
export async function statusOf(taskId) {
  try {
    const response = await fetch(`/async-monitoring/tasks/${encodeURIComponent(taskId)}/status/`, {
      headers: { Accept: "application/json", ...asPerson() },
      credentials: "same-origin",
    });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/**
 * The answer, whatever its status.
 *
 * @param {string} url
 * @param {unknown} body
 * @param {Record<string, string>} [headers]
 * @param {{keepalive?: boolean}} [options] `keepalive`: it is sent even if the page goes away
 * @returns {Promise<Answer>}
 * @throws {TypeError} when nobody answered
 */
export async function post(url, body, headers = {}, { keepalive = false } = {}) {
  const response = await fetch(url, {
    method: "POST",
    keepalive,
    credentials: "same-origin",
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      "X-CSRFToken": csrfToken(),
      ...asPerson(),
      ...headers,
    },
    body: JSON.stringify(body),
  });
  const answer = await response.json().catch(() => null);
  return {
    status: response.status,
    body: answer,
    detail: String(answer?.errors?.[0]?.detail ?? ""),
    waitMilliseconds: retryAfter(response),
  };
}
