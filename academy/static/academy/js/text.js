/**
 * Sentences for people: they stand in `<template data-texts>`s, so that translation covers them.
 */

/** @type {Map<string, string> | null} */
let sentences = null;

function all() {
  if (sentences === null) {
    sentences = new Map();
    for (const template of document.querySelectorAll("template[data-texts]")) {
      const { content } = /** @type {HTMLTemplateElement} */ (template);
      for (const node of content.querySelectorAll("[data-text]")) {
        sentences.set(node.getAttribute("data-text") ?? "", (node.textContent ?? "").trim());
      }
    }
  }
  return sentences;
}

/**
 * The sentence of that name with its places filled; empty where the page has none.
 *
 * @param {string} name
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function text(name, values = {}) {
  const sentence = all().get(name) ?? "";
  return sentence.replace(/\{(\w+)\}/g, (place, key) => String(values[key] ?? place));
}
