"""Neutral HTML as an lxml tree and back, without any HTML parser's repairs."""

import re
from collections.abc import Iterator
from html import escape, unescape

from lxml import etree

_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:\s+[^\s=<>"/]+(?:="[^"]*")?)*)\s*/?>')
_ATTRIBUTE = re.compile(r'([^\s=<>"/]+)(?:="([^"]*)")?')
_VOID = frozenset({"br", "col", "hr", "img", "wbr"})
BLOCKS = frozenset({"blockquote", "caption", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "section", "summary", "table", "td", "th", "tr", "ul"})  # fmt: skip


def read_tree(html: str) -> etree._Element:
    """A `div` that holds the sanitised HTML.

    nh3 writes well-formed HTML; made into XML it is read exactly as it stands, while libxml2's
    HTML parser would move elements that it does not know.
    """
    text = _TAG.sub(_as_xml, html).replace("&nbsp;", "&#160;")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    return etree.fromstring(f"<div>{text}</div>", parser)


def _as_xml(match: re.Match[str]) -> str:
    closing, tag, attributes = match.groups()
    if closing:
        return match.group()
    written = "".join(
        f' {name}="{escape(unescape(value))}"' for name, value in _ATTRIBUTE.findall(attributes)
    )
    return f"<{tag}{written}{'/' if tag in _VOID else ''}>"


def write_tree(root: etree._Element) -> str:
    """The HTML inside the root element.

    lxml's own HTML output leaves out end tags that HTML 4 allowed to leave out.
    """
    parts: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            if element is not root:
                parts.append(_start_tag(element))
            parts.append(escape(element.text or "", quote=False))
        elif element is not root:
            if element.tag not in _VOID:
                parts.append(f"</{element.tag}>")
            parts.append(escape(element.tail or "", quote=False))
    return "".join(parts)


def _start_tag(element: etree._Element) -> str:
    attributes = "".join(f' {name!s}="{escape(str(v))}"' for name, v in element.attrib.items())
    return f"<{element.tag}{attributes}>"


def add_text(element: etree._Element, text: str, *, before: etree._Element | None = None) -> None:
    """The text stands at the end of the element, or right before one of its children."""
    last = before.getprevious() if before is not None else (element[-1] if len(element) else None)
    if last is None:
        element.text = (element.text or "") + text
    else:
        last.tail = (last.tail or "") + text


def remove(element: etree._Element) -> None:
    """The element is gone; what followed it stays."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        add_text(parent, element.tail, before=element)
    element.tail = None
    parent.remove(element)


def unwrap(element: etree._Element) -> None:
    """The element is gone; what it held stands in its place."""
    parent = element.getparent()
    if parent is None:
        return
    if element.text:
        add_text(parent, element.text, before=element)
    for child in list(element):
        element.addprevious(child)
    remove(element)


def replace(element: etree._Element, other: etree._Element) -> None:
    """The other element stands in this one's place."""
    other.tail, element.tail = element.tail, None
    parent = element.getparent()
    if parent is not None:
        parent.replace(element, other)


def has_class(element: etree._Element, name: str) -> bool:
    """Whether the element carries the class."""
    return name in (element.get("class") or "").split()


def raw_text(element: etree._Element) -> str:
    """All text inside the element, white space as it stands."""
    return "".join(str(part) for part in element.itertext())


def take(element: etree._Element, name: str) -> str:
    """The attribute's value, which the element no longer carries; empty when it had none."""
    return str(element.attrib.pop(name, ""))


def text_of(root: etree._Element) -> str:
    """What a reader reads: blocks on lines of their own, pictures by their alternative text."""
    text = "".join(_text_parts(root))
    return re.sub(r"[ \t]*\n\s*", "\n", text).strip()


def _text_parts(root: etree._Element) -> Iterator[str]:
    for event, element in etree.iterwalk(root, events=("start", "end")):
        block = element.tag in BLOCKS
        if event == "start":
            if block:
                yield "\n"
            if element.tag == "br":
                yield "\n"
            elif element.tag == "img":
                yield element.get("alt", "")
            yield element.text or ""
        else:
            if block:
                yield "\n"
            if element is not root:
                yield element.tail or ""
