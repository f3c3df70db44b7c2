"""Sanitised HTML becomes neutral HTML: figures are markers, ids are unique, links lead somewhere."""

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _
from lxml import etree

from academy.platform.documents import boxes, tree
from academy.platform.documents.sanitise import FIGURE_SCHEME
from academy.platform.documents.text import runs_right_to_left, slugify

_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_DIRECTED: Final = _HEADINGS | {"p", "ul", "ol", "li", "td", "th", "dl", "dt", "dd", "figcaption", "caption", "blockquote"}  # fmt: skip
_LANGUAGE_CLASS: Final = re.compile(r"language-[\w+#.-]{1,40}")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_IDENTIFIER: Final = re.compile(r"[^\s\"'<>&]{1,200}")
_MOST: Final = {"colspan": 100, "rowspan": 1_000, "start": 1_000_000_000}
_EXTERNAL: Final = frozenset({"http", "https"})
_TOP_LEVEL: Final = 2
_OF_THE_PAGE: Final = re.compile(
    r"(?:main|export|export-title|contents-title|confirm-title|confirm-body|panels|tables|boxes|site-search|failure-search|messages|toasts?|csrfmiddlewaretoken|(?:job-|id_|export-).*)",
    re.IGNORECASE,
)
"""Ids that the page around a lesson has, or its scripts look for."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the text refers to outside itself, and where problems go (the text to blame, the message)."""

    find_figure: Callable[[str], str | None]
    resolve_link: Callable[[str], str | None]
    report: Callable[[str, str], None]


@dataclass(slots=True)
class Neutral:
    """The tidy tree, its headings (level, text, anchor) and the names of its figures in order."""

    root: etree._Element
    outline: list[tuple[int, str, str]] = field(default_factory=list)
    figure_names: list[str] = field(default_factory=list)


def tidy(sanitised_html: str, surroundings: Surroundings) -> Neutral:
    """Every id is unique, every link leads on, headings skip no level, pictures are markers."""
    neutral = Neutral(tree.read_tree(sanitised_html))
    root = neutral.root
    _wrap_loose_text(root)
    for element in list(root.iter("img")):
        _settle_image(element, neutral, surroundings)
    for element in list(root.iter("p")):
        _lift_figure(element)
    renamed = _unique_identifiers(root)
    _settle_headings(neutral, renamed)
    for element in root.iter():
        _settle_attributes(element)
    for element in list(root.iter("a")):
        _settle_link(element, surroundings)
    unlink_dangling(root, surroundings.report)
    return neutral


def _wrap_loose_text(root: etree._Element) -> None:
    """Raw inline HTML between blocks stands in paragraphs."""
    pieces: list[tuple[str | None, etree._Element | None]] = [(root.text, None)]
    for child in list(root):
        pieces += [(None, child), (child.tail, None)]
        child.tail = None
        root.remove(child)
    root.text = None
    paragraph: etree._Element | None = None
    for text, element in pieces:
        if element is not None and element.tag in tree.BLOCKS:
            root.append(element)
            element.tail = "\n"
            paragraph = None
        elif element is not None or (text and text.strip()):
            if paragraph is None:
                paragraph = etree.SubElement(root, "p")
            if element is not None:
                paragraph.append(element)
            else:
                tree.add_text(paragraph, text or "")


def _settle_image(image: etree._Element, neutral: Neutral, surroundings: Surroundings) -> None:
    source = unquote(image.get("src", ""))
    name = surroundings.find_figure(source.removeprefix(f"{FIGURE_SCHEME}:"))
    alternative = image.get("alt", "")
    title = image.get("title", "")
    if name is None:
        message = _("The figure “%(name)s” is missing.") % {"name": source[:200]}
        surroundings.report(source, message)
        missing = etree.Element("span", {"class": "missing-figure"})
        missing.text = alternative or title
        tree.replace(image, missing)
        return
    identifier = image.get("id")
    image.attrib.clear()
    image.set("data-figure", name)
    image.set("alt", alternative)
    if title:
        image.set("title", title)
    if identifier:
        image.set("id", identifier)
    neutral.figure_names.append(name)


def _lift_figure(paragraph: etree._Element) -> None:
    alone = len(paragraph) == 1 and not (paragraph.text or "").strip()
    if alone and paragraph[0].tag == "img" and not (paragraph[0].tail or "").strip():
        image = paragraph[0]
        paragraph.tag = "figure"
        paragraph.text = image.tail = None
        caption = tree.take(image, "title")
        if caption:
            etree.SubElement(paragraph, "figcaption").text = caption
        return
    for image in paragraph.iter("img"):
        if image.get("title") == image.get("alt"):
            tree.take(image, "title")


def own_anchor(anchor: str) -> str:
    """The anchor as a lesson may have it: one of the page around it gets a prefix."""
    return f"lesson-{anchor}" if _OF_THE_PAGE.fullmatch(anchor) else anchor


def _unique_identifiers(root: etree._Element) -> set[str]:
    seen: set[str] = set()
    for element in root.iter():
        identifier = element.get("id")
        if identifier is None:
            continue
        identifier = own_anchor(identifier)
        element.set("id", identifier)
        if identifier in seen or not _IDENTIFIER.fullmatch(identifier):
            del element.attrib["id"]
        else:
            seen.add(identifier)
    return seen


def _settle_headings(neutral: Neutral, used: set[str]) -> None:
    written_levels: list[int] = []
    for heading in [element for element in neutral.root.iter() if element.tag in _HEADINGS]:
        written = int(str(heading.tag)[1])
        around = [box for box in heading.iterancestors("div") if tree.has_class(box, boxes.NEUTRAL)]
        if around:
            level = _level_inside(heading, around[0], len(written_levels))
        else:
            while written_levels and written_levels[-1] >= written:
                written_levels.pop()
            written_levels.append(written)
            level = len(written_levels) + _TOP_LEVEL - 1
        heading.tag = f"h{min(6, level)}"
        text = heading_text(heading)
        anchor = heading.get("id") or _free_anchor(own_anchor(slugify(text)), used)
        heading.set("id", anchor)
        if not any(set(box.get("class", "").split()) & boxes.FOLDED for box in around):
            neutral.outline.append((min(6, level), text, anchor))


def heading_text(heading: etree._Element) -> str:
    """What the heading says, on one line, without its footnote references."""
    said = deepcopy(heading)
    said.tail = None
    for reference in list(said.iter("sup")):
        if tree.has_class(reference, "footnote-ref"):
            tree.remove(reference)
    return " ".join(tree.text_of(said).split())


def _level_inside(heading: etree._Element, box: etree._Element, depth_outside: int) -> int:
    first = next(iter(box), None)
    boxes_around = sum(1 for outer in box.iterancestors("div") if tree.has_class(outer, "box"))
    level = depth_outside + boxes_around + _TOP_LEVEL
    if first is heading:
        heading.set("class", "box-title")
        return level
    return level + (first is not None and tree.has_class(first, "box-title"))


def _free_anchor(slug: str, used: set[str]) -> str:
    anchor, number = slug, 0
    while anchor in used:
        number += 1
        anchor = f"{slug}-{number}"
    used.add(anchor)
    return anchor


def _settle_attributes(element: etree._Element) -> None:
    if element.tag == "code" and not _LANGUAGE_CLASS.fullmatch(element.get("class", "language-x")):
        del element.attrib["class"]
    for name, most in _MOST.items():
        value = element.get(name)
        if value is not None:
            _bound(element, name, value, most)
    language = element.get("lang")
    if language is not None and not _LANGUAGE.fullmatch(language):
        del element.attrib["lang"]
    direction = element.get("dir")
    if direction is not None and direction not in {"ltr", "rtl"}:
        del element.attrib["dir"]
    if element.tag in _DIRECTED and "dir" not in element.attrib:
        _settle_direction(element)


def _bound(element: etree._Element, name: str, value: str, most: int) -> None:
    if not (value.isascii() and value.isdigit() and len(value) <= 12):
        del element.attrib[name]
    elif int(value) > most:
        element.set(name, str(most))


def _settle_direction(element: etree._Element) -> None:
    text = (element.text or "") + "".join(
        (child.text or "") + (child.tail or "") for child in element
    )
    inherited = next(
        (outer.get("dir") for outer in element.iterancestors() if "dir" in outer.attrib), "ltr"
    )
    if inherited == "ltr" and runs_right_to_left(text):
        element.set("dir", "rtl")


def _settle_link(link: etree._Element, surroundings: Surroundings) -> None:
    written = link.get("href", "")
    target = _target(written, surroundings.resolve_link)
    if target is None:
        if written and not link.get("id"):
            message = _("The link “%(target)s” leads nowhere.") % {"target": written[:200]}
            surroundings.report(unquote(written), message)
        _unlink(link)
        return
    link.set("href", target)
    if urlsplit(target).scheme in _EXTERNAL:
        link.set("rel", "noopener")


def _target(written: str, resolve_link: Callable[[str], str | None]) -> str | None:
    try:
        scheme = urlsplit(written).scheme.lower()
    except ValueError:
        return None
    if not written or scheme == FIGURE_SCHEME:
        return None
    if scheme or written.startswith("#"):
        return written
    if written.startswith(("//", "\\", "/\\")):
        return None
    if written.startswith("/"):
        return written
    path, mark, anchor = unquote(written).partition("#")
    return resolve_link(f"{path}{mark}{own_anchor(anchor)}")


def unlink_dangling(root: etree._Element, report: Callable[[str, str], None]) -> None:
    """Links to anchors that are not in the tree are plain text."""
    anchors = {element.get("id"): None for element in root.iter() if element.get("id")}
    folded = {str(anchor).lower(): anchor for anchor in anchors}
    for link in list(root.iter("a")):
        href = link.get("href", "")
        if not href.startswith("#"):
            continue
        wanted = own_anchor(unquote(href[1:]))
        anchor = wanted if wanted in anchors else folded.get(wanted.lower())
        if anchor is not None:
            link.set("href", f"#{anchor}")
        else:
            message = _("The link “%(target)s” leads nowhere.") % {"target": href[:200]}
            report(href, message)
            _unlink(link)


def _unlink(link: etree._Element) -> None:
    if link.get("id"):
        tree.take(link, "href")
        link.tag = "span"
    else:
        tree.unwrap(link)
