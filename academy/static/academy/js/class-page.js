/** A class that is followed live: bars move where they stand, and nothing changes its place. */

import { followFigures } from "./class-figures.js";
import { confirmed } from "./dialog.js";
import { isTerminal } from "./order.js";
import { connect } from "./realtime.js";
import { text } from "./text.js";
import { percentage, timeElement } from "./time.js";

/**
 * @typedef {{learner: {id: number, name: string, enrolment_id?: number}, state: string, seq?: number, percent: number,
 *   completed_count: number, required_count: number, last_lesson: string | null,
 *   last_lesson_title: string, last_active_at: string | null}} LearnerProgress
 */

/** Bars of a class, and one learner's, follow what the academy says. */
function followClass() {
  const place = document.querySelector("[data-class]");
  const course = place instanceof HTMLElement ? place.dataset.course : "";
  if (!(place instanceof HTMLElement) || !course) {
    return;
  }
  /** @type {Map<number, number>} */
  const newest = new Map();
  /** @type {Set<number>} */
  const moved = new Set();
  const newcomers = newcomersOf(place);
  const isList = place.dataset.newest !== undefined;
  const changed = isList ? followFigures(newcomers.count) : () => {};
  let isFirst = true;
  const show = (/** @type {LearnerProgress} */ known) => {
    const id = known.learner.id;
    const seq = known.seq ?? Number.MAX_SAFE_INTEGER;
    if (seq < (newest.get(id) ?? -1)) {
      return;
    }
    newest.set(id, seq);
    const row = place.querySelector(`[data-learner="${id}"]`);
    if (row === null && newcomers.take(known)) {
      changed();
    } else if (row instanceof HTMLElement ? showRow(row, known) : isList) {
      moved.add(id);
      changed();
    }
  };
  const tell = () => {
    const line = document.querySelector("[data-moved]");
    if (line !== null && moved.size > 0) {
      line.textContent = text(moved.size === 1 ? "class.moved.one" : "class.moved", { count: moved.size });
    }
  };
  connect(`/ws/progress/${course}/?view=class`, {
    onSnapshot: (data) => {
      for (const known of Array.isArray(data?.learners) ? data.learners : []) {
        // Of those who were in the class and are not on this page a snapshot says nothing new.
        if (newcomers.isOne(known) || place.querySelector(`[data-learner="${known.learner.id}"]`) !== null) {
          show(known);
        }
      }
      tell();
      if (!isFirst) {
        changed();
      }
      isFirst = false;
    },
    onFrame: (frame) => {
      if (frame.type === "progress_update" && frame.data?.learner) {
        show(frame.data);
        tell();
      }
    },
  });
}

/**
 * Those who enrolled since the list was made: their numbers are above all that it knew of.
 *
 * @param {HTMLElement} place
 */
function newcomersOf(place) {
  const known = Number(place.dataset.newest ?? Number.MAX_SAFE_INTEGER);
  const before = Number(place.dataset.everybody ?? 0);
  /** @type {Set<number>} */
  const found = new Set();
  const isOne = (/** @type {LearnerProgress} */ one) => (one.learner.enrolment_id ?? 0) > known;
  const show = (/** @type {number} */ count) => {
    const line = document.querySelector("[data-newcomers]");
    const href = place.dataset.show ?? "";
    if (line === null || count === 0 || line.getAttribute("data-count") === String(count)) {
      return;
    }
    line.setAttribute("data-count", String(count));
    const words = document.createElement("span");
    words.textContent = text(count === 1 ? "class.new.one" : "class.new", { count });
    const link = line.querySelector("a") ?? document.createElement("a");
    link.href = href;
    link.textContent = text("class.new.show");
    line.querySelector("span")?.remove();
    line.prepend(words, " ");
    if (link.parentElement === null) {
      line.append(link);
    }
    for (const gone of document.querySelectorAll("[data-nobody]")) {
      /** @type {HTMLElement} */ (gone).hidden = true;
    }
  };
  return {
    isOne,
    take: (/** @type {LearnerProgress} */ one) => {
      if (isOne(one)) {
        found.add(one.learner.id);
        show(found.size);
      }
      return isOne(one);
    },
    /** A frame holds some learners, and a list may enrol more: the page's own figure says it. */
    count: (/** @type {Document} */ fresh) => {
      const now = fresh.querySelector("[data-everybody]");
      const everybody = now instanceof HTMLElement ? Number(now.dataset.everybody) : 0;
      show(Math.max(found.size, everybody - before));
    },
  };
}

/**
 * @param {HTMLElement} row
 * @param {LearnerProgress} known
 * @returns {boolean} whether anything changed
 */
function showRow(row, known) {
  const bar = row.querySelector('[data-part="bar"]');
  const before = bar instanceof HTMLProgressElement ? bar.value : -1;
  const counted = text("class.of", { completed: known.completed_count, required: known.required_count });
  const isOther = showState(row, known);
  const same = before === known.percent && said(row, "count") === counted && !isOther;
  if (bar instanceof HTMLProgressElement) {
    bar.value = known.percent;
  }
  say(row, "percent", percentage(known.percent));
  say(row, "count", counted);
  showActive(row, known);
  if (!same) {
    row.classList.remove("row-moved");
    // Read, so that the animation begins anew.
    void row.offsetWidth;
    row.classList.add("row-moved");
  }
  return !same;
}

/**
 * @param {HTMLElement} row
 * @param {LearnerProgress} known
 * @returns {boolean} whether it is another than the page was made with
 */
function showState(row, known) {
  const words = text(`class.state.${known.state}`);
  const tag = row.querySelector('[data-part="state"]');
  if (tag === null || !words || said(row, "state") === words) {
    return false;
  }
  tag.textContent = words;
  tag.classList.toggle("tag-locked", known.state !== "open");
  return true;
}

/**
 * @param {HTMLElement} row
 * @param {LearnerProgress} known
 */
function showActive(row, known) {
  const at = new Date(known.last_active_at ?? "");
  if (!Number.isNaN(at.getTime())) {
    row.querySelector('[data-part="active"]')?.replaceChildren(timeElement(at));
  }
  const cell = row.querySelector('[data-part="lesson"]');
  if (cell instanceof HTMLElement && known.last_lesson && cell.dataset.lesson !== known.last_lesson) {
    cell.dataset.lesson = known.last_lesson;
    cell.textContent = known.last_lesson_title;
  }
}

/**
 * @param {HTMLElement} row
 * @param {string} name
 */
function said(row, name) {
  return row.querySelector(`[data-part="${name}"]`)?.textContent?.trim() ?? "";
}

/**
 * @param {HTMLElement} row
 * @param {string} name
 * @param {string} words
 */
function say(row, name, words) {
  const part = row.querySelector(`[data-part="${name}"]`);
  if (part !== null && words && part.textContent !== words) {
    part.textContent = words;
  }
}

/** What changes something for somebody asks first; without this the academy's page does. */
function askFirst() {
  for (const form of document.querySelectorAll("form[data-asks]")) {
    form.addEventListener("submit", (event) => ask(/** @type {SubmitEvent} */ (event)));
  }
}

/** @param {SubmitEvent} event */
async function ask(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const button = event.submitter;
  if (!(button instanceof HTMLButtonElement) || !button.dataset.askTitle || form.elements.namedItem("confirmed")) {
    return;
  }
  event.preventDefault();
  const agreed = await confirmed({
    title: button.dataset.askTitle,
    body: button.dataset.askBody ?? "",
    verb: button.dataset.askVerb ?? "",
    keep: text("class.keep"),
  });
  if (agreed) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "confirmed";
    field.value = "1";
    form.append(field);
    form.requestSubmit(button);
  } else {
    button.focus();
  }
}

/** Draws every chart of the page; the table below it says the same. */
function drawCharts() {
  for (const place of document.querySelectorAll("[data-chart]")) {
    const data = place.querySelector("script");
    // Not there: the file was held up on its way, and the table is.
    if (place instanceof HTMLElement && data !== null && "uPlot" in globalThis) {
      new Chart(place, JSON.parse(data.textContent ?? "[]"));
    }
  }
}

const CHART_HEIGHT_PIXELS = 240;
const NARROW_PIXELS = 480;
const MOST_LABELS = 12;

class Chart {
  /** @type {any} */ #plot = null;

  /**
   * @param {HTMLElement} place
   * @param {[string | number, number][]} bars
   */
  constructor(place, bars) {
    this.place = place;
    this.bars = bars;
    place.hidden = false;
    this.#draw();
    place.addEventListener("class:bars", (event) => {
      this.bars = /** @type {CustomEvent} */ (event).detail;
      this.#draw();
    });
    new ResizeObserver(() => this.#resize()).observe(place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
  }

  #resize() {
    if (this.#plot !== null && this.#plot.width !== this.place.clientWidth) {
      this.#plot.setSize({ width: this.place.clientWidth, height: CHART_HEIGHT_PIXELS });
    }
  }

  #draw() {
    this.#plot?.destroy();
    const uPlot = /** @type {any} */ (globalThis).uPlot;
    const places = this.bars.map((_bar, place) => place);
    const counts = this.bars.map(([, count]) => count);
    this.#plot = new uPlot(this.#options(uPlot), [places, counts], this.place);
  }

  /** @param {any} uPlot */
  #options(uPlot) {
    const style = getComputedStyle(this.place);
    const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    const every = Math.ceil(this.bars.length / MOST_LABELS);
    const most = Math.max(1, ...this.bars.map(([, count]) => count));
    const pixels = this.place.clientWidth < NARROW_PIXELS ? 11 : 13;
    const font = `${pixels}px ${style.fontFamily}`;
    const axis = { stroke: colour("--muted"), font, labelFont: font, ticks: { show: false } };
    return {
      width: this.place.clientWidth,
      height: CHART_HEIGHT_PIXELS,
      cursor: { show: false },
      legend: { show: false },
      scales: {
        x: { time: false, range: [-0.6, this.bars.length - 0.4] },
        y: { range: [0, most * 1.1] },
      },
      axes: [
        {
          ...axis,
          size: 28,
          labelSize: 24,
          label: this.place.dataset.x,
          grid: { show: false },
          splits: this.bars.map((_bar, place) => place).filter((place) => place % every === 0),
          values: (/** @type {any} */ _plot, /** @type {number[]} */ splits) =>
            splits.map((place) => String(this.bars[place]?.[0] ?? "")),
        },
        {
          ...axis,
          label: this.place.dataset.y,
          size: 44,
          labelSize: 24,
          grid: { stroke: colour("--line"), width: 1 },
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000],
        },
      ],
      series: [
        {},
        {
          fill: colour("--accent"),
          stroke: colour("--accent"),
          width: 0,
          points: { show: false },
          paths: uPlot.paths.bars({ size: [0.7, 64], radius: 0.1 }),
        },
      ],
    };
  }
}

/** What a job changes on the page is there when it has ended. */
function reloadAtEnd() {
  const place = document.querySelector("[data-reload-at-end]");
  if (place === null) {
    return;
  }
  addEventListener("academy:job", (event) => {
    const { document: now, before } = /** @type {CustomEvent} */ (event).detail;
    if (isTerminal(now) && before !== null && !isTerminal(before)) {
      location.reload();
    }
  });
}

followClass();
askFirst();
reloadAtEnd();
drawCharts();
