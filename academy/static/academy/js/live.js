/**
 * One live connection to each job that the page shows.
 *
 * Socket first; after three failures the event stream, after that polling, and the socket again
 * now and then. Whatever the way, a document is shown only if it is newer than the one shown.
 */

import { post, retryAfter } from "./http.js";
import { isNewer, isStatusDocument, isTerminal } from "./order.js";
import { announce, backoff, openSocket, parsed, watch } from "./realtime.js";

/** @typedef {import("./order.js").StatusDocument} StatusDocument */
/** @typedef {import("./realtime.js").Mode} Mode */
/** @typedef {{document: StatusDocument | null, mode: Mode, reason: string, heardAt: number}} View */
/** @typedef {(view: View) => void} Listener */

const LONGEST_DELAY_MILLISECONDS = 20_000;
const SOCKET_FAILURES = 3;
const OPEN_MILLISECONDS = 5_000;
const POLL_MILLISECONDS = 2_000;
const POLL_GROWTH = 1.3;
// A restarted server must be seen within 3 s, so polling slows down only after it was away longer.
const EAGER_MILLISECONDS = 60_000;
const SOCKET_AGAIN_MILLISECONDS = 30_000;
// A frame is a hint and may be lost; a place in line moves without one.
const QUIET_MILLISECONDS = 10_000;
const QUIET_WAITING_MILLISECONDS = 4_000;
const TOGETHER_MILLISECONDS = 10_000;
const TOGETHER_AT_MOST = 100;
const CLOSED = { finished: 1000, signedOut: 4401, forbidden: 4403 };
const REFUSED_STATUS = new Map([
  [401, "signed-out"],
  [403, "gone"],
  [404, "gone"],
]);

export class TaskConnection {
  /** @type {StatusDocument | null} */ #document = null;
  /** @type {Mode} */ #mode = "connecting";
  /** @type {Set<Listener>} */ #listeners = new Set();
  /** @type {WebSocket | null} */ #socket = null;
  /** @type {EventSource | null} */ #stream = null;
  /** @type {number | undefined} */ #retryTimer;
  /** @type {number | undefined} */ #pollTimer;
  /** @type {number | undefined} */ #quietTimer;
  /** @type {AbortController | null} */ #request = null;
  #reason = "";
  #failures = 0;
  #pollDelay = POLL_MILLISECONDS;
  #awaySince = 0;
  #socketPause = SOCKET_AGAIN_MILLISECONDS;
  #heardAt = performance.now();
  #started = false;
  #stopped = false;

  /**
   * @param {string} taskId
   * @param {StatusDocument | null} [initial]
   */
  constructor(taskId, initial = null) {
    this.taskId = taskId;
    if (initial !== null) {
      this.#document = initial;
    }
    if (isTerminal(initial)) {
      this.#mode = "finished";
      this.#stopped = true;
    }
  }

  get document() {
    return this.#document;
  }

  get mode() {
    return this.#mode;
  }

  get isStopped() {
    return this.#stopped;
  }

  /**
   * Tells `listener` of every change, at once of what is known; returns what ends that.
   *
   * @param {Listener} listener
   * @returns {() => void}
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    listener(this.#view());
    if (!this.#started && !this.#stopped) {
      this.#start();
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) {
        this.close();
      }
    };
  }

  /**
   * Shows a document that came another way (the answer of a POST), if it is newer.
   *
   * @param {unknown} candidate
   * @returns {boolean} whether it is shown
   */
  accept(candidate) {
    if (!isStatusDocument(candidate) || candidate.task_id !== this.taskId || this.#stopped) {
      return false;
    }
    this.#heardAt = performance.now();
    const newer = isNewer(candidate, this.#document);
    if (newer) {
      this.#document = candidate;
    }
    if (isTerminal(this.#document)) {
      this.#stop("finished");
    } else {
      this.#watchSilence();
      this.#tell();
    }
    return newer;
  }

  /** Ends the connection; nobody is told. */
  close() {
    this.#stopped = true;
    this.#disconnect();
    removeEventListener("online", this.#onOnline);
    removeEventListener("offline", this.#onOffline);
    document.removeEventListener("visibilitychange", this.#onVisible);
  }

  #start() {
    this.#started = true;
    addEventListener("online", this.#onOnline);
    addEventListener("offline", this.#onOffline);
    document.addEventListener("visibilitychange", this.#onVisible);
    if (navigator.onLine === false) {
      this.#onOffline();
    } else {
      this.#openSocket();
      this.#watchSilence();
    }
  }

  #onOnline = () => {
    this.#failures = 0;
    this.#awaySince = 0;
    this.#pollDelay = POLL_MILLISECONDS;
    this.#disconnect();
    this.#setMode("reconnecting");
    this.#openSocket();
    this.#poll();
  };

  #onOffline = () => {
    this.#disconnect();
    this.#setMode("offline");
  };

  #onVisible = () => {
    if (document.visibilityState === "visible" && this.#mode !== "offline") {
      this.#pollDelay = POLL_MILLISECONDS;
      if (this.#mode !== "live") {
        this.#openSocket();
      }
      this.#poll();
    }
  };

  #openSocket() {
    clearTimeout(this.#retryTimer);
    if (this.#stopped || this.#socket !== null) {
      return;
    }
    const socket = openSocket(`/ws/tasks/${this.taskId}/`);
    this.#socket = socket;
    const tooLong = setTimeout(() => socket.close(), OPEN_MILLISECONDS);
    socket.onmessage = (event) => {
      if (this.#socket !== socket) {
        return;
      }
      const frame = parsed(event.data);
      if (frame && (frame.type === "snapshot" || frame.type === "status_update")) {
        clearTimeout(tooLong);
        this.#socketHeard();
        this.accept(frame.data);
      }
    };
    socket.onclose = (event) => {
      clearTimeout(tooLong);
      if (this.#socket === socket) {
        this.#socket = null;
        this.#socketClosed(event.code);
      }
    };
  }

  #socketHeard() {
    this.#failures = 0;
    this.#awaySince = 0;
    this.#pollDelay = POLL_MILLISECONDS;
    this.#socketPause = SOCKET_AGAIN_MILLISECONDS;
    this.#stopFallback();
    this.#setMode("live");
  }

  /** @param {number} code */
  #socketClosed(code) {
    if (this.#stopped) {
      return;
    }
    if (code === CLOSED.signedOut || code === CLOSED.forbidden) {
      this.#refuse(code === CLOSED.signedOut ? "signed-out" : "gone");
      return;
    }
    this.#failures += 1;
    if (this.#failures < SOCKET_FAILURES) {
      this.#setMode("reconnecting");
      this.#retryTimer = setTimeout(() => this.#openSocket(), backoff(this.#failures));
      return;
    }
    if (this.#stream === null && this.#pollTimer === undefined && this.#request === null) {
      this.#openStream();
    }
    this.#retryTimer = setTimeout(() => this.#openSocket(), this.#nextSocketPause());
  }

  #nextSocketPause() {
    const pause = this.#socketPause;
    this.#socketPause = Math.min(pause * 2, 8 * SOCKET_AGAIN_MILLISECONDS);
    return pause * (0.75 + Math.random() / 2);
  }

  #openStream() {
    const stream = new EventSource(`/async-monitoring/tasks/${this.taskId}/stream/`);
    this.#stream = stream;
    const tooLong = setTimeout(() => this.#streamFailed(stream), OPEN_MILLISECONDS);
    const heard = (/** @type {MessageEvent} */ event) => {
      clearTimeout(tooLong);
      if (this.#stream === stream) {
        this.#setMode("live");
        this.accept(parsed(event.data));
      }
    };
    stream.addEventListener("connected", heard);
    stream.addEventListener("status_update", heard);
    stream.addEventListener("disconnected", (event) => {
      clearTimeout(tooLong);
      const reason = parsed(/** @type {MessageEvent} */ (event).data)?.reason;
      this.#streamEnded(stream, reason === "timeout");
    });
    stream.onerror = () => {
      clearTimeout(tooLong);
      this.#streamFailed(stream);
    };
  }

  /**
   * @param {EventSource} stream
   * @param {boolean} again
   */
  #streamEnded(stream, again) {
    stream.close();
    if (this.#stream !== stream) {
      return;
    }
    this.#stream = null;
    if (again && !this.#stopped) {
      this.#openStream();
    } else {
      this.#poll();
    }
  }

  /** @param {EventSource} stream */
  #streamFailed(stream) {
    stream.close();
    if (this.#stream === stream) {
      this.#stream = null;
      this.#setMode("reconnecting");
      this.#poll();
    }
  }

  async #poll() {
    clearTimeout(this.#pollTimer);
    this.#pollTimer = undefined;
    if (this.#stopped || this.#request !== null) {
      return;
    }
    const request = new AbortController();
    this.#request = request;
    const tooLong = setTimeout(() => request.abort(), OPEN_MILLISECONDS);
    let wait = 0;
    try {
      const response = await fetch(`/async-monitoring/tasks/${this.taskId}/status/`, {
        headers: { Accept: "application/json" },
        credentials: "same-origin",
        signal: request.signal,
      });
      wait = await this.#polled(response);
    } catch {
      this.#away();
    } finally {
      clearTimeout(tooLong);
      if (this.#request === request) {
        this.#request = null;
        this.#pollAgain(wait);
      }
    }
  }

  /**
   * @param {Response} response
   * @returns {Promise<number>} milliseconds that the server asks us to wait
   */
  async #polled(response) {
    const refused = REFUSED_STATUS.get(response.status);
    if (refused !== undefined) {
      this.#refuse(refused);
      return 0;
    }
    if (!response.ok) {
      this.#away();
      return retryAfter(response);
    }
    const wasAway = this.#awaySince !== 0;
    this.#awaySince = 0;
    this.accept(await response.json());
    if (this.#stopped) {
      return 0;
    }
    if (this.#socket === null && this.#stream === null) {
      this.#setMode("polling");
    }
    if (wasAway) {
      this.#pollDelay = POLL_MILLISECONDS;
      this.#openSocket();
    }
    return 0;
  }

  #away() {
    if (this.#awaySince === 0) {
      this.#awaySince = performance.now();
    }
    if (!this.#stopped && this.#mode !== "offline" && !this.isLive) {
      this.#setMode("reconnecting");
    }
  }

  /** @param {number} wait milliseconds that the server asked for */
  #pollAgain(wait) {
    if (this.#stopped || this.#mode === "offline" || this.isLive) {
      return;
    }
    if (this.#mode === "reconnecting" && this.#failures < SOCKET_FAILURES && wait === 0) {
      return;
    }
    const away = this.#awaySince ? performance.now() - this.#awaySince : 0;
    if (this.#awaySince === 0 || away > EAGER_MILLISECONDS) {
      const slower = Math.min(this.#pollDelay * POLL_GROWTH, LONGEST_DELAY_MILLISECONDS);
      this.#pollDelay = slower;
    }
    const delay = Math.max(this.#pollDelay, wait);
    this.#pollTimer = setTimeout(() => this.#poll(), delay);
  }

  get isLive() {
    return this.#mode === "live" && (this.#socket !== null || this.#stream !== null);
  }

  #watchSilence() {
    clearTimeout(this.#quietTimer);
    const status = this.#document?.status;
    const waiting = status === "queued" || status === "retrying";
    this.#quietTimer = setTimeout(
      () => {
        this.#watchSilence();
        if (this.isLive) {
          this.#askQuietly();
        }
      },
      waiting ? QUIET_WAITING_MILLISECONDS : QUIET_MILLISECONDS,
    );
  }

  /** One job is asked for alone, several in one request. */
  #askQuietly() {
    if (liveConnections().length > 1) {
      askTogether();
    } else {
      this.#poll();
    }
  }

  /** @param {string} reason */
  #refuse(reason) {
    this.#reason = reason;
    this.#stop("refused");
  }

  /** @param {Mode} mode */
  #stop(mode) {
    this.#mode = mode;
    this.close();
    this.#tell();
    announce();
  }

  #stopFallback() {
    clearTimeout(this.#pollTimer);
    this.#pollTimer = undefined;
    this.#stream?.close();
    this.#stream = null;
  }

  #disconnect() {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#quietTimer);
    this.#stopFallback();
    this.#request?.abort();
    this.#request = null;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /** @param {Mode} mode */
  #setMode(mode) {
    if (this.#mode !== mode && !this.#stopped) {
      this.#mode = mode;
      this.#tell();
      announce();
    }
  }

  #view() {
    return {
      document: this.#document,
      mode: this.#mode,
      reason: this.#reason,
      heardAt: this.#heardAt,
    };
  }

  #tell() {
    for (const listener of [...this.#listeners]) {
      listener(this.#view());
    }
  }
}

/** @type {Map<string, TaskConnection>} */
const connections = new Map();

/**
 * The page's one connection to that job. A job that ended for us and was asked for once more
 * (a cancelled watch, joined again) starts anew from `initial` when `again` says so.
 *
 * @param {string} taskId
 * @param {StatusDocument | null} [initial]
 * @param {{again?: boolean}} [options]
 * @returns {TaskConnection}
 */
export function connectionTo(taskId, initial = null, { again = false } = {}) {
  let connection = connections.get(taskId);
  if (connection === undefined || (connection.isStopped && (again || !isTerminal(connection.document)))) {
    connection = new TaskConnection(taskId, initial);
    connections.set(taskId, connection);
    watch(connection);
  } else if (initial !== null) {
    connection.accept(initial);
  }
  return connection;
}

function liveConnections() {
  return [...connections.values()].filter((connection) => connection.isLive && !connection.isStopped);
}

let nextTogether = 0;

/** Every live job is asked for at once, beside sockets which may have lost a frame. */
async function askTogether() {
  if (performance.now() < nextTogether) {
    return;
  }
  nextTogether = performance.now() + TOGETHER_MILLISECONDS;
  const asked = liveConnections().slice(-TOGETHER_AT_MOST);
  const ids = asked.map((connection) => connection.taskId);
  try {
    const answer = await post("/async-monitoring/tasks/bulk-status/", { task_ids: ids });
    nextTogether = Math.max(nextTogether, performance.now() + answer.waitMilliseconds);
    for (const connection of answer.status === 200 ? asked : []) {
      connection.accept(answer.body?.[connection.taskId]);
    }
  } catch {
    // Nobody answered: the sockets notice that by themselves.
  }
}
