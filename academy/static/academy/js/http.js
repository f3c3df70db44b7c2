/** POST to the academy's own API, and what its refusals say. */

import { retryAfter } from "./live.js";

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
 * The answer, whatever its status.
 *
 * @param {string} url
 * @param {unknown} body
 * @param {Record<string, string>} [headers]
 * @returns {Promise<Answer>}
 * @throws {TypeError} when nobody answered
 */
export async function post(url, body, headers = {}) {
  const response = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      "X-CSRFToken": csrfToken(),
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
