/** Small comforts of every page; all of it works without them. */

/** Menus close on Escape and on a click elsewhere. */
export function closeMenus() {
  const open = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const menu of open()) {
        menu.removeAttribute("open");
        menu.querySelector("summary")?.focus();
      }
    }
  });
  document.addEventListener("click", (event) => {
    for (const menu of open()) {
      if (!menu.contains(/** @type {Node} */ (event.target))) {
        menu.removeAttribute("open");
      }
    }
  });
}
