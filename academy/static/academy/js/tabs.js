/** What one tab starts, the person's other tabs hear of; where tabs cannot talk, nothing happens. */

/** @typedef {{permalink: string, format: string, task_id: string, retry_of: string}} News */

const channel = opened();

function opened() {
  try {
    return new BroadcastChannel("academy.jobs");
  } catch {
    return null;
  }
}

/**
 * Tells the other tabs of a job that was started or joined here.
 *
 * @param {Partial<News> & {task_id: string}} news
 */
export function tellTabs({ task_id, permalink = "", format = "", retry_of = "" }) {
  channel?.postMessage({ task_id, permalink, format, retry_of });
}

/**
 * Calls `listener` with what other tabs tell.
 *
 * @param {(news: News) => void} listener
 */
export function hearTabs(listener) {
  channel?.addEventListener("message", (event) => {
    if (typeof event.data?.task_id === "string") {
      listener(event.data);
    }
  });
}
