/**
 * Which of two status documents is the later one.
 *
 * @typedef {{
 *   task_id: string, kind: string, title: string, lane: string, status: string,
 *   progress: number, step: string, queue_position: number | null, attempt: number,
 *   max_attempts: number, next_attempt_at: string | null, created_at: string,
 *   started_at: string | null, finished_at: string | null, checked_at: string,
 *   task_age_seconds: number, estimated_remaining_seconds: number | null,
 *   can_cancel: boolean, can_retry: boolean, cancel_requested_at?: string | null, seq: number,
 *   result: {download_url: string | null, file_size: number | null, content_type: string | null} | null,
 *   error: {code: string, detail: string} | null,
 * }} StatusDocument
 */

const TERMINAL = new Set(["succeeded", "failed", "cancelled", "dead"]);

/**
 * @param {{status: string} | null | undefined} document
 * @returns {boolean}
 */
export function isTerminal(document) {
  return Boolean(document) && TERMINAL.has(/** @type {{status: string}} */ (document).status);
}

/**
 * Whether `next` may replace what is shown: never an older state, and nothing after the last one.
 *
 * The place in line changes without the row's `seq`, so that of two documents with the same
 * `seq` the one that was read later counts.
 *
 * @param {StatusDocument} next
 * @param {StatusDocument | null} shown
 * @returns {boolean}
 */
export function isNewer(next, shown) {
  if (shown === null) {
    return true;
  }
  if (isTerminal(shown)) {
    return false;
  }
  if (next.seq !== shown.seq) {
    return next.seq > shown.seq;
  }
  return isTerminal(next) || Date.parse(next.checked_at) > Date.parse(shown.checked_at);
}

/**
 * @param {unknown} value
 * @returns {value is StatusDocument}
 */
export function isStatusDocument(value) {
  const candidate = /** @type {Record<string, unknown> | null} */ (value);
  return (
    typeof candidate === "object" &&
    candidate !== null &&
    typeof candidate.task_id === "string" &&
    typeof candidate.status === "string" &&
    typeof candidate.seq === "number"
  );
}
