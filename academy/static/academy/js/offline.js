/** The header's mark: live, reconnecting or offline; nothing while nothing is watched. */

import { modes } from "./realtime.js";

/** @returns {"" | "live" | "reconnecting" | "offline"} */
function state() {
  if (navigator.onLine === false) {
    return "offline";
  }
  const now = modes();
  // Who was signed out, or lost a right, is told so: what else is still heard does not make up for it.
  if (now.includes("refused")) {
    return "";
  }
  if (now.includes("reconnecting") || now.includes("offline")) {
    return "reconnecting";
  }
  return now.includes("live") || now.includes("polling") ? "live" : "";
}

/** Keeps the mark right. */
export function keepConnectionMark() {
  const mark = document.querySelector("[data-connection]");
  const word = mark?.querySelector("[data-connection-word]");
  if (!(mark instanceof HTMLElement) || !word) {
    return;
  }
  const show = () => {
    const current = state();
    mark.hidden = current === "";
    if (current !== "" && mark.dataset.state !== current) {
      mark.dataset.state = current;
      word.textContent = mark.dataset[current] ?? "";
    }
  };
  addEventListener("online", show);
  addEventListener("offline", show);
  addEventListener("academy:connection", show);
  show();
}
