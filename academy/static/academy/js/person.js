/** Whose page this is, whoever has signed in with the same browser since. */

/** Who was signed in when the page was made; empty for a stranger. */
export function personId() {
  return document.body.dataset.person ?? "";
}

/**
 * What a request says of it: the academy answers nobody else then.
 *
 * @returns {Record<string, string>}
 */
export function asPerson() {
  return personId() ? { "X-Person": personId() } : {};
}
