/** Proposes the browser's time zone to whoever signs up or signs in for the first time. */

export function proposeZone() {
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[data-zone]"))) {
    input.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  }
}
