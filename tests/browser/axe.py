"""What axe finds on a page."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import TimeoutError as TooLateError

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
# What a colour scheme can change: everything else was asked in the other one.
_COLOURS = ["color-contrast", "link-in-text-block"]
_FITS = "width => document.documentElement.scrollWidth <= width"
_ASK = """async ([rules, without]) => {
  const options = { resultTypes: ["violations"] };
  if (rules) options.runOnly = { type: "rule", values: rules };
  options.rules = Object.fromEntries(without.map((rule) => [rule, { enabled: false }]));
  const found = await axe.run(document, options);
  return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html}`));
}"""


def violations(page, *, rules=None, without=()):
    """The rules that are broken, each with the element that breaks it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return page.evaluate(_ASK, [rules, list(without)])


def fits(page, width):
    """Whether nothing is cut off, once charts and menus have taken the new width."""
    try:
        page.wait_for_function(_FITS, arg=width, timeout=3000)
    except TooLateError:
        return False
    return True


def violations_everywhere(page):
    """Those in light and dark, on a desk and on a phone, where also nothing may be cut off."""
    found = []
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        if not fits(page, size["width"]):
            found.append(f"cut off: {size}")
        for scheme, rules in (("light", None), ("dark", _COLOURS)):
            page.emulate_media(color_scheme=scheme)
            found += [f"{size} {scheme} {one}" for one in violations(page, rules=rules)]
    return found


def violations_in_one_scheme(page):
    """Those that no colour has to do with, on a phone; nothing may be cut off there or on a desk.

    For words of another language on a page that was looked at in every size: what they can break
    is their names, and their room, which is scarcer on a phone.
    """
    found = []
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        if not fits(page, size["width"]):
            found.append(f"cut off: {size}")
    return found + [f"{PHONE} {one}" for one in violations(page, without=_COLOURS)]
