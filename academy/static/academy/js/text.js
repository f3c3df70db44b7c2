/**
 * Sentences for people: they stand in `<template data-texts>`, so that translation covers them.
 */

/** @type {Map<string, string> | null} */
let sentences = null;

function all() {
  if (sentences === null) {
    sentences = new Map();
    const template = document.querySelector("template[data-texts]");
    if (template instanceof HTMLTemplateElement) {
      for (const node of template.content.querySelectorAll("[data-text]")) {
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
