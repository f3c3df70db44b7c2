"""The part of a premium lesson that everybody may read."""

from typing import Final

from lxml import etree

from academy.platform.documents import tree
from academy.platform.documents.markdown import Document
from academy.platform.documents.text import count_words
from academy.platform.documents.tidy import unlink_dangling

_DIVISIBLE: Final = frozenset({"div", "section", "blockquote", "ul", "ol", "dl", "details", "table", "tbody"})  # fmt: skip
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LEAF: Final = frozenset({"p", "pre", "li", "dd", "td"}) | _HEADINGS
_PICTURE_CHARACTERS: Final = 200


def gate(document: Document, *, fraction: float = 0.2) -> Document:
    """The first part of the text, cut between blocks where it can be: something, never everything.

    Figures, outline and links lead only to what is left; nothing of the rest stays in the result.
    """
    root = tree.read_tree(document.html)
    budget = int(_weight(root) * fraction)
    kept = _keep(root, budget)
    _drop_last_headings(root)
    if not kept or not _weight(root):
        root = tree.read_tree(document.html)
        _shorten(root, max(1, budget))
    unlink_dangling(root, lambda _text, _message: None)
    anchors = {element.get("id") for element in root.iter()}
    names = {image.get("data-figure") for image in root.iter("img")}
    text = tree.text_of(root)
    return Document(
        html=tree.write_tree(root),
        outline=tuple(entry for entry in document.outline if entry.anchor in anchors),
        text=text,
        word_count=count_words(text),
        figures=tuple(figure for figure in document.figures if figure.name in names),
        problems=(),
    )


def _weight(element: etree._Element) -> int:
    pictures = sum(1 for _ in element.iter("img"))
    return len("".join(tree.raw_text(element).split())) + _PICTURE_CHARACTERS * pictures


def _keep(parent: etree._Element, budget: int) -> int:
    """How much is kept of the parent's children, which then weigh at most the budget."""
    used = 0
    children = list(parent)
    for position, child in enumerate(children):
        weight = _weight(child)
        if used + weight <= budget:
            used += weight
            continue
        kept = _keep(child, budget - used) if _is_divisible(child) else 0
        used += kept
        for rest in children[position + (kept > 0) :]:
            parent.remove(rest)
        break
    return used


def _drop_last_headings(root: etree._Element) -> None:
    """A heading over nothing promises what the part does not hold; boxes that held only it go."""
    last = root
    while len(last):
        last = last[-1]
        if (last.tail or "").strip():
            return
        if last.tag not in _HEADINGS:
            continue
        parent = last.getparent()
        while parent is not None:
            parent.remove(last)
            if parent is root or _weight(parent):
                break
            last, parent = parent, parent.getparent()
        last = root


def _is_divisible(element: etree._Element) -> bool:
    loose = (element.text or "") + "".join(child.tail or "" for child in element)
    return element.tag in _DIVISIBLE and not loose.strip()


def _shorten(root: etree._Element, budget: int) -> None:
    """The root holds the beginning of its first text, at most half of all there is."""
    limit = min(budget, len(tree.raw_text(root).strip()) // 2)
    leaves = (leaf for leaf in root.iter() if leaf.tag in _LEAF and tree.raw_text(leaf).strip())
    leaf = next(leaves, None)
    text = tree.raw_text(leaf).strip() if leaf is not None else ""
    beginning = text[:limit]
    if " " in beginning and len(text) > limit:
        beginning = beginning.rsplit(None, 1)[0]
    is_code = leaf is not None and leaf.tag == "pre"
    for child in list(root):
        root.remove(child)
    root.text = None
    if beginning:
        etree.SubElement(root, "pre" if is_code else "p").text = f"{beginning} …"
