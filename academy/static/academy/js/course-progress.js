/**
 * A learner's progress in one course, as every page of the course shows it.
 *
 * What is shown is what the academy said last, with what was done here laid over it: a tick
 * appears at once, and goes again with a reason if the academy refuses it.
 */

import { post } from "./http.js";
import { Outbox } from "./outbox.js";
import { asPerson } from "./person.js";
import { backoff, connect } from "./realtime.js";
import { text } from "./text.js";
import { dismiss, toast } from "./toast.js";

/** @typedef {import("./outbox.js").Event} Event */
/** @typedef {import("./realtime.js").Mode} Mode */
/** @typedef {{anchor: string, fraction: number}} Place */
/** @typedef {"new" | "opened" | "completed"} State */
/** @typedef {{seconds: number, completes: boolean}} TimeLeft of reading, and whether nothing else is missing */
/**
 * @typedef {{state: State, required: boolean, isOpen: boolean | null, checkpoint: Place | null,
 *   missing: string, missingTime: string, timeLeft: TimeLeft | null}} Mark
 */
/**
 * @typedef {{percent: number, completed: number, required: number, lessons: Map<string, Mark>,
 *   waiting: number, mode: Mode, isSignedOut: boolean, resume: {title: string, url: string, anchor: string} | null}} View
 */
/** @typedef {{course_id: number, seq: number, percent: number,
 *   lessons?: Record<string, {state: State, required: boolean}>}} Seed */

const ANSWER_MILLISECONDS = 4_000;
const BY_SOCKET_AT_MOST = 5;
const AT_ONCE = 100;
// Of several tabs the one that somebody looks at should say what was refused.
const HIDDEN_MILLISECONDS = 1_500;
const KIND = { mark_complete: "completed", reopen: "reopened", update_checkpoint: "checkpoint" };
const UNAVAILABLE = "unavailable";
const LOST_RIGHTS = new Set([403, 404]);
const UNKNOWN = { isOpen: null, checkpoint: null, missing: "", missingTime: "", timeLeft: null };
// What is said of the connection; the next thing said of it takes its place.
const CONNECTION = "connection";

export class CourseProgress {
  /** @type {import("./realtime.js").Channel | null} */ #channel = null;
  /** What was accepted and is not part of a later state yet. */
  /** @type {{event: Event, seq: number}[]} */ #settled = [];
  /** @type {Map<string, (verdict: any) => void>} */ #awaited = new Map();
  /** @type {Set<(view: View) => void>} */ #listeners = new Set();
  /** @type {number | undefined} */ #retryTimer;
  #failures = 0;
  #isSignedOut = false;
  #delivering = false;
  #again = false;

  /**
   * @param {number | string} personId
   * @param {number | string} courseId
   * @param {Seed | null} [seed] what the page shows already; null follows nothing and only delivers
   */
  constructor(personId, courseId, seed = null) {
    this.courseId = courseId;
    this.outbox = new Outbox(personId, courseId, () => this.#tell());
    this.base = seed === null ? baseOf(null) : baseOfSeed(seed);
    addEventListener("online", () => this.#deliver());
    if (seed !== null) {
      this.#channel = connect(`/ws/progress/${courseId}/`, {
        onSnapshot: (data, seq) => this.#show(data, seq),
        onFrame: (frame) => this.#hear(frame),
        onState: (mode, reason) => this.#changed(mode, reason),
        read: () => this.#read(),
      });
      this.#channel.accept(seed.seq, seed);
    } else {
      this.#deliver();
    }
  }

  get view() {
    return this.#view();
  }

  /**
   * Tells `listener` of every change, and at once of what is known.
   *
   * @param {(view: View) => void} listener
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    listener(this.#view());
  }

  /** @param {string} lesson its permalink */
  complete(lesson) {
    this.#act({ type: "mark_complete", lesson });
  }

  /** @param {string} lesson its permalink */
  reopen(lesson) {
    this.#act({ type: "reopen", lesson });
  }

  /**
   * Keeps how far somebody read.
   *
   * @param {string} lesson its permalink
   * @param {Place} place
   * @param {{leaving?: boolean}} [options] `leaving`: the page may be gone before an answer comes
   */
  checkpoint(lesson, place, { leaving = false } = {}) {
    const event = this.outbox.add({ type: "update_checkpoint", lesson, ...place });
    if (leaving) {
      post(this.#eventsUrl, { events: [wire(event)] }, {}, { keepalive: true }).catch(() => {});
    } else {
      this.#deliver();
    }
  }

  /** @param {Omit<Event, "id" | "at">} done */
  #act(done) {
    this.outbox.add(done);
    this.#tell();
    if (navigator.onLine === false) {
      toast(text("progress.kept"), "", undefined, CONNECTION);
    }
    this.#deliver();
  }

  get #eventsUrl() {
    return `/api/progress/${this.courseId}/events/`;
  }

  async #read() {
    const response = await fetch(`/api/progress/${this.courseId}/`, {
      headers: { Accept: "application/json", ...asPerson() },
      credentials: "same-origin",
    });
    if (!response.ok) {
      return null;
    }
    const data = await response.json();
    return { seq: data.seq, data };
  }

  /**
   * @param {any} data
   * @param {number} seq
   */
  #show(data, seq) {
    if (Array.isArray(data?.lessons)) {
      this.base = baseOf(data);
      this.#settled = this.#settled.filter((settled) => settled.seq > seq);
    }
    this.#tell();
  }

  /** @param {import("./realtime.js").Frame} frame */
  #hear(frame) {
    if (frame.type === "accepted" || frame.type === "refused") {
      this.#awaited.get(frame.data?.id)?.({ ...frame.data, seq: frame.seq, ok: frame.type === "accepted" });
    } else {
      this.#show(frame.data, frame.seq);
    }
  }

  /**
   * @param {Mode} mode
   * @param {string} reason
   */
  #changed(mode, reason) {
    if (reason === "signed-out") {
      this.#isSignedOut = true;
      toast(text("progress.signed-out"), "bad", { verb: text("progress.sign-in"), href: signInPath() }, CONNECTION);
    } else if (reason === "gone") {
      // What stands on the page may be more than the person may read now. Loaded anew it may be
      // missing altogether; their own page says what became of their place.
      toast(text("progress.gone"), "bad", { verb: text("progress.places"), href: "/learn/" }, CONNECTION);
    }
    if (mode === "live" || mode === "polling") {
      this.#failures = 0;
      dismiss(CONNECTION);
      this.#deliver();
    }
    this.#tell();
  }

  /** Sends what waits, one tab after the other; what is sent twice counts once. */
  async #deliver() {
    if (this.#delivering) {
      this.#again = true;
      return;
    }
    if (navigator.onLine === false || this.outbox.all().length === 0) {
      return;
    }
    this.#delivering = true;
    clearTimeout(this.#retryTimer);
    if (document.visibilityState === "hidden") {
      await new Promise((resolve) => setTimeout(resolve, HIDDEN_MILLISECONDS));
    }
    do {
      this.#again = false;
      await this.#inTurn(() => this.#deliverOnce());
    } while (this.#again);
    this.#delivering = false;
  }

  /** @param {() => Promise<void>} work */
  #inTurn(work) {
    return navigator.locks ? navigator.locks.request(this.outbox.prefix, work) : work();
  }

  async #deliverOnce() {
    const waiting = this.outbox.all();
    if (waiting.length <= BY_SOCKET_AT_MOST && (await this.#bySocket(waiting))) {
      return;
    }
    const left = this.outbox.all().slice(0, AT_ONCE);
    if (left.length > 0) {
      await this.#byPost(left);
    }
  }

  /**
   * @param {Event[]} waiting
   * @returns {Promise<boolean>} whether the academy answered all of it
   */
  async #bySocket(waiting) {
    for (const event of waiting) {
      const { id, type, lesson, at, anchor, fraction } = event;
      const answer = this.#answerTo(id);
      if (!this.#channel?.send({ type, id, data: { lesson, at, anchor, fraction } })) {
        this.#awaited.delete(id);
        return false;
      }
      const verdict = await answer;
      if (verdict === null || verdict.code === UNAVAILABLE) {
        return false;
      }
      this.#settle(event, verdict);
    }
    return true;
  }

  /** @param {string} id */
  #answerTo(id) {
    return new Promise((resolve) => {
      const tooLong = setTimeout(() => done(null), ANSWER_MILLISECONDS);
      const done = (/** @type {any} */ verdict) => {
        clearTimeout(tooLong);
        this.#awaited.delete(id);
        resolve(verdict);
      };
      this.#awaited.set(id, done);
    });
  }

  /** @param {Event[]} waiting */
  async #byPost(waiting) {
    try {
      const answer = await post(this.#eventsUrl, { events: waiting.map(wire) });
      if (answer.status === 200) {
        this.#failures = 0;
        this.#settleAll(waiting, answer.body);
      } else if (LOST_RIGHTS.has(answer.status) || answer.status === 400) {
        for (const event of waiting) {
          this.#settle(event, { ok: false, detail: answer.detail });
        }
      } else {
        this.#later(answer.waitMilliseconds);
      }
    } catch {
      this.#later(0);
    }
  }

  /**
   * @param {Event[]} waiting
   * @param {any} body
   */
  #settleAll(waiting, body) {
    const outcomes = new Map((body?.outcomes ?? []).map((/** @type {any} */ outcome) => [outcome.id, outcome]));
    for (const event of waiting) {
      const outcome = outcomes.get(event.id);
      this.#settle(event, { ...outcome, ok: outcome?.accepted !== false, seq: body?.seq });
    }
    this.#channel?.refresh();
    this.#again = this.outbox.all().length > 0;
  }

  /**
   * @param {Event} event
   * @param {{ok: boolean, detail?: string, seq?: number}} verdict
   */
  #settle(event, verdict) {
    this.outbox.remove(event.id);
    if (verdict.ok) {
      this.#settled.push({ event, seq: verdict.seq ?? 0 });
    } else if (event.type !== "update_checkpoint") {
      toast(verdict.detail || text("progress.refused"), "bad");
    }
    this.#tell();
  }

  /** @param {number} wait milliseconds that the academy asked for */
  #later(wait) {
    this.#failures += 1;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#deliver(), Math.max(wait, backoff(this.#failures)));
  }

  /** @returns {View} */
  #view() {
    const waiting = this.outbox.all();
    const lessons = new Map(this.base.lessons);
    const laid = [...this.#settled.map((settled) => settled.event), ...waiting];
    for (const event of laid) {
      const mark = lessons.get(event.lesson);
      if (mark) {
        lessons.set(event.lesson, laidOver(mark, event));
      }
    }
    const required = [...lessons.values()].filter((mark) => mark.required);
    const completed = required.filter((mark) => mark.state === "completed").length;
    const counted = laid.length > 0 && required.length > 0;
    return {
      lessons,
      completed,
      required: required.length,
      percent: counted ? Math.floor((100 * completed) / required.length) : this.base.percent,
      waiting: waiting.filter((event) => event.type !== "update_checkpoint").length,
      mode: this.#channel?.mode ?? "finished",
      isSignedOut: this.#isSignedOut,
      resume: this.base.resume,
    };
  }

  #tell() {
    const view = this.#view();
    for (const listener of this.#listeners) {
      listener(view);
    }
  }
}

/**
 * @param {Mark} mark
 * @param {Event} event
 * @returns {Mark}
 */
function laidOver(mark, event) {
  if (event.type === "mark_complete") {
    return { ...mark, state: "completed", missing: "", missingTime: "", timeLeft: null };
  }
  if (event.type === "reopen") {
    return { ...mark, state: "opened" };
  }
  return { ...mark, checkpoint: { anchor: event.anchor ?? "", fraction: event.fraction ?? 0 } };
}

/** @param {Event} event */
function wire({ id, type, lesson, at, anchor, fraction }) {
  const data = type === "update_checkpoint" ? { anchor, fraction } : {};
  return { id, kind: KIND[type], lesson, at, data };
}

/** @param {Seed} seed */
function baseOfSeed(seed) {
  const lessons = Object.entries(seed.lessons ?? {}).map(
    ([permalink, mark]) => /** @type {[string, Mark]} */ ([permalink, { ...UNKNOWN, ...mark }]),
  );
  return { percent: seed.percent, lessons: new Map(lessons), resume: null };
}

/**
 * @param {any} document what the academy says of the learner
 * @returns {{percent: number, lessons: Map<string, Mark>, resume: {title: string, url: string, anchor: string} | null}}
 */
function baseOf(document) {
  const lessons = (document?.lessons ?? []).map((/** @type {any} */ lesson) => [
    lesson.lesson,
    {
      state: lesson.state,
      required: lesson.is_required,
      isOpen: lesson.is_open,
      checkpoint: lesson.checkpoint,
      ...missingOf(lesson.rules?.missing ?? []),
    },
  ]);
  return { percent: document?.percent ?? 0, lessons: new Map(lessons), resume: document?.resume ?? null };
}

/**
 * What is missing besides saying so; time of reading by itself, as far as nothing else would do.
 *
 * @param {{rule: string, sentence: string, remaining_seconds: number | null}[]} missing
 */
function missingOf(missing) {
  const time = missing.find((one) => one.remaining_seconds);
  const others = missing.filter((one) => one !== time && one.rule !== "marked");
  return {
    missing: others.map(({ sentence }) => sentence).join(" "),
    missingTime: time?.sentence ?? "",
    timeLeft: time ? { seconds: time.remaining_seconds ?? 0, completes: missing.length === 1 } : null,
  };
}

function signInPath() {
  return `/accounts/sign-in/?next=${encodeURIComponent(location.pathname)}`;
}
