/**
 * Live connections to the academy: a socket that comes back by itself and never goes back in time.
 *
 * The first frame of every socket is a snapshot, so whoever was away is whole again at once. A
 * frame is a hint and may be lost: where the page names a way to `read` the state, it is asked for
 * after silence, and instead of a socket where none opens.
 */

import { personId } from "./person.js";

/** @typedef {"connecting" | "live" | "polling" | "reconnecting" | "offline" | "finished" | "refused"} Mode */
/** @typedef {{type: string, seq: number, data: any}} Frame */
/**
 * @typedef {{
 *   onSnapshot?: (data: any, seq: number) => void,
 *   onFrame?: (frame: Frame) => void,
 *   onState?: (mode: Mode, reason: string) => void,
 *   read?: () => Promise<{seq: number, data: any} | null>,
 * }} Hooks
 */

const FIRST_DELAY_MILLISECONDS = 500;
const LONGEST_DELAY_MILLISECONDS = 20_000;
const CROWDED_DELAY_MILLISECONDS = 30_000;
const OPEN_MILLISECONDS = 5_000;
const SOCKET_FAILURES = 3;
const POLL_MILLISECONDS = 10_000;
const QUIET_MILLISECONDS = 60_000;
const CROWDED = 4429;
const REFUSED_CODE = new Map([
  [4401, "signed-out"],
  [4403, "gone"],
  [4404, "gone"],
]);
// These answer one message of ours; they say nothing of the state, so none of them is too old.
const ANSWERS = new Set(["accepted", "refused"]);

/**
 * Exponential backoff with full jitter.
 *
 * @param {number} failures how many there were in a row, from 1
 * @param {() => number} [random]
 * @returns {number} milliseconds
 */
export function backoff(failures, random = Math.random) {
  const ceiling = FIRST_DELAY_MILLISECONDS * 2 ** Math.max(0, failures - 1);
  return random() * Math.min(LONGEST_DELAY_MILLISECONDS, ceiling);
}

/**
 * A socket of this site.
 *
 * @param {string} path
 * @returns {WebSocket}
 */
export function openSocket(path) {
  const address = new URL(path, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  if (personId()) {
    // The cookie may be another person's by now.
    address.searchParams.set("person", personId());
  }
  return new WebSocket(address);
}

/**
 * What a message says; null where it is no JSON.
 *
 * @param {unknown} data
 * @returns {any}
 */
export function parsed(data) {
  try {
    return JSON.parse(String(data));
  } catch {
    return null;
  }
}

/** @type {Set<{mode: Mode}>} */
const watched = new Set();

/**
 * The header's mark counts this connection from now on.
 *
 * @param {{mode: Mode}} connection
 */
export function watch(connection) {
  watched.add(connection);
}

/** Every connection's mode, for the header's mark. */
export function modes() {
  return [...watched].map((connection) => connection.mode);
}

/** Tells the header's mark that a mode changed. */
export function announce() {
  dispatchEvent(new Event("academy:connection"));
}

export class Channel {
  /** @type {Mode} */ #mode = "connecting";
  /** @type {WebSocket | null} */ #socket = null;
  /** @type {number | undefined} */ #retryTimer;
  /** @type {number | undefined} */ #pollTimer;
  /** @type {number | undefined} */ #quietTimer;
  #seq = -1;
  #failures = 0;
  #reading = false;
  #closed = false;

  /**
   * @param {string} path
   * @param {Hooks} hooks
   */
  constructor(path, hooks) {
    this.path = path;
    this.hooks = hooks;
    watch(this);
    addEventListener("online", this.#onOnline);
    addEventListener("offline", this.#onOffline);
    addEventListener("pagehide", this.#onHide);
    addEventListener("pageshow", this.#onShow);
    document.addEventListener("visibilitychange", this.#onVisible);
    if (navigator.onLine === false) {
      this.#setMode("offline");
    } else {
      this.#open();
    }
  }

  get mode() {
    return this.#mode;
  }

  /**
   * Sends a message if the socket is open.
   *
   * @param {object} message
   * @returns {boolean} whether it went out
   */
  send(message) {
    if (this.#mode !== "live" || this.#socket?.readyState !== WebSocket.OPEN) {
      return false;
    }
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /**
   * Shows a state that came another way, unless a later one is shown already.
   *
   * @param {number} seq
   * @param {any} data
   * @returns {boolean} whether it is shown
   */
  accept(seq, data) {
    if (seq < this.#seq) {
      return false;
    }
    this.#seq = seq;
    this.hooks.onSnapshot?.(data, seq);
    return true;
  }

  /** Asks for the whole state now, beside the socket. */
  async refresh() {
    if (!this.hooks.read || this.#reading || this.#closed) {
      return;
    }
    this.#reading = true;
    try {
      const state = await this.hooks.read();
      if (state !== null && !this.#closed) {
        this.accept(state.seq, state.data);
        if (this.#socket === null && this.#failures >= SOCKET_FAILURES) {
          this.#setMode("polling");
        }
      }
    } catch {
      if (this.#mode === "polling") {
        this.#setMode("reconnecting");
      }
    } finally {
      this.#reading = false;
    }
  }

  /** Ends the connection. */
  close() {
    this.#stop("finished", "");
  }

  #open() {
    clearTimeout(this.#retryTimer);
    if (this.#closed || this.#socket !== null) {
      return;
    }
    const socket = openSocket(this.path);
    this.#socket = socket;
    const tooLong = setTimeout(() => socket.close(), OPEN_MILLISECONDS);
    socket.onmessage = (event) => {
      const frame = parsed(event.data);
      if (this.#socket === socket && typeof frame?.type === "string") {
        clearTimeout(tooLong);
        this.#heard(frame);
      }
    };
    socket.onclose = (event) => {
      clearTimeout(tooLong);
      if (this.#socket === socket) {
        this.#socket = null;
        this.#lost(event.code);
      }
    };
  }

  /** @param {Frame} frame */
  #heard(frame) {
    this.#watchSilence();
    if (ANSWERS.has(frame.type)) {
      this.hooks.onFrame?.(frame);
      return;
    }
    if (frame.type === "snapshot") {
      this.#failures = 0;
      clearTimeout(this.#pollTimer);
      this.#setMode("live");
      this.accept(frame.seq, frame.data);
    } else if (frame.seq >= this.#seq) {
      this.#seq = frame.seq;
      this.hooks.onFrame?.(frame);
    }
  }

  /** @param {number} code */
  #lost(code) {
    const refused = REFUSED_CODE.get(code);
    if (refused !== undefined) {
      this.#stop("refused", refused);
      return;
    }
    this.#failures += 1;
    if (this.#mode !== "offline" && this.#mode !== "polling") {
      this.#setMode("reconnecting");
    }
    const crowded = code === CROWDED ? CROWDED_DELAY_MILLISECONDS * (0.75 + Math.random() / 2) : 0;
    this.#retryTimer = setTimeout(() => this.#open(), Math.max(crowded, backoff(this.#failures)));
    if (this.#failures === SOCKET_FAILURES) {
      this.#poll();
    }
  }

  #poll() {
    clearTimeout(this.#pollTimer);
    if (this.#closed || !this.hooks.read || this.#mode === "live" || this.#mode === "offline") {
      return;
    }
    if (document.visibilityState === "visible") {
      this.refresh();
    }
    this.#pollTimer = setTimeout(() => this.#poll(), POLL_MILLISECONDS * (0.75 + Math.random() / 2));
  }

  #watchSilence() {
    clearTimeout(this.#quietTimer);
    this.#quietTimer = setTimeout(() => {
      this.#watchSilence();
      if (this.#mode === "live" && document.visibilityState === "visible") {
        this.refresh();
      }
    }, QUIET_MILLISECONDS);
  }

  #onOnline = () => {
    this.#disconnect();
    this.#failures = 0;
    this.#setMode("reconnecting");
    this.#open();
  };

  #onOffline = () => {
    this.#disconnect();
    this.#setMode("offline");
  };

  // A page with an open socket is not kept for the way back.
  #onHide = () => {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#disconnect();
    }
  };

  /** @param {PageTransitionEvent} event */
  #onShow = (event) => {
    if (event.persisted) {
      this.#onOnline();
    }
  };

  #onVisible = () => {
    if (document.visibilityState !== "visible" || this.#closed || this.#mode === "offline") {
      return;
    }
    if (this.#socket === null) {
      this.#open();
    }
    this.refresh();
  };

  #disconnect() {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#pollTimer);
    clearTimeout(this.#quietTimer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /**
   * @param {Mode} mode
   * @param {string} reason
   */
  #stop(mode, reason) {
    this.#setMode(mode, reason);
    this.#closed = true;
    this.#disconnect();
    removeEventListener("online", this.#onOnline);
    removeEventListener("offline", this.#onOffline);
    removeEventListener("pagehide", this.#onHide);
    removeEventListener("pageshow", this.#onShow);
    document.removeEventListener("visibilitychange", this.#onVisible);
  }

  /**
   * @param {Mode} mode
   * @param {string} [reason]
   */
  #setMode(mode, reason = "") {
    if (this.#mode !== mode && !this.#closed) {
      this.#mode = mode;
      this.hooks.onState?.(mode, reason);
      announce();
    }
  }
}

/**
 * Follows a topic from its snapshot on.
 *
 * @param {string} path such as `/ws/progress/3/`
 * @param {Hooks} hooks
 * @returns {Channel}
 */
export function connect(path, hooks) {
  return new Channel(path, hooks);
}
