/* Landmarks and names that the admin's theme leaves out, for those who hear a page. */

(() => {
  const text = (element) => element?.textContent.trim().replace(/\s+/g, " ").replace(/\*$/, "") ?? "";

  function name(element, given) {
    if (given && !element.labels?.length && element.getAttribute("aria-label") !== given) {
      element.setAttribute("aria-label", given);
    }
  }

  function landmarks() {
    document.querySelector("#main")?.setAttribute("role", "main");
    for (const scroller of document.querySelectorAll(".simplebar-content-wrapper[role=region]")) {
      scroller.setAttribute("role", "group");
    }
  }

  /* A field in a table is named by its column. */
  function columnOf(field) {
    const cell = field.closest("td");
    const head = cell?.closest("table")?.tHead?.rows[0];
    if (!head) return "";
    const before = [...cell.parentElement.children].slice(0, cell.cellIndex);
    const place = before.reduce((sum, one) => sum + (one.colSpan || 1), 0);
    return text(head.cells[place]);
  }

  function fields() {
    const nameless = "select, textarea, input:not([type=hidden], [type=submit], [type=button])";
    for (const field of document.querySelectorAll(nameless)) {
      if (field.labels?.length || field.getAttribute("aria-label")) continue;
      const label = document.querySelector(`label[for="${CSS.escape(field.id)}"]`);
      name(field, text(label) || columnOf(field) || field.title || field.placeholder);
    }
    for (const box of document.querySelectorAll(".select2-selection")) {
      const field = box.closest(".select2")?.previousElementSibling;
      const given = text(field?.labels?.[0]) || field?.getAttribute("aria-label") || "";
      name(box, given);
      for (const part of box.querySelectorAll("[role=textbox], [role=searchbox]")) name(part, given);
    }
    for (const head of document.querySelectorAll("th")) {
      if (!text(head) && !head.querySelector("input")) head.setAttribute("role", "cell");
    }
  }

  function all() {
    landmarks();
    fields();
  }

  addEventListener("load", () => {
    all();
    new MutationObserver(all).observe(document.body, { childList: true, subtree: true });
  });
})();
