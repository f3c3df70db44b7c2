"""Steps that page and PDF share on the way from neutral HTML to their own."""

from typing import Protocol

from lxml import etree

from academy.platform.documents import boxes, tree


class MakeFormula(Protocol):
    """Makes the element that shows a formula."""

    def __call__(self, tex: str, *, display: bool) -> etree._Element:
        """The element for this TeX."""


def kind_of_box(box: etree._Element) -> str:
    """The kind of a neutral box element."""
    return boxes.kind_of(tuple((box.get("class") or "").split()))


def title_of_box(box: etree._Element) -> etree._Element | None:
    """The heading that the box opens with, if it does."""
    first = next(iter(box), None)
    return first if first is not None and tree.has_class(first, "box-title") else None


def shown_label(box: etree._Element) -> str:
    """What stands above the box's title; empty where the title says it already."""
    label = boxes.label_of(kind_of_box(box))
    title = title_of_box(box)
    if title is not None and label:
        written = " ".join(tree.text_of(title).split()).casefold()
        if written.rstrip("s:") == label.casefold().rstrip("s:"):
            return ""
    return label


def label_boxes(root: etree._Element, *, fold: bool) -> None:
    """Every box says what it is; with `fold`, solutions and hints are closed `<details>`."""
    for box in [element for element in root.iter("div") if tree.has_class(element, boxes.NEUTRAL)]:
        label, title = shown_label(box), title_of_box(box)
        folded = fold and kind_of_box(box) in boxes.FOLDED
        if not folded:
            if label:
                box.insert(0, _label("p", label))
            continue
        box.tag = "details"
        summary = etree.Element("summary")
        if title is not None:
            box.insert(0, summary)
            title.tail = None
            if label:
                summary.append(_label("span", label))
            summary.append(title)
        else:
            summary.text = label
            box.insert(0, summary)


def _label(tag: str, text: str) -> etree._Element:
    label = etree.Element(tag, {"class": "box-label"})
    label.text = text
    return label


def replace_maths(root: etree._Element, make: MakeFormula) -> None:
    """Every formula is what `make(tex, display)` returned for it."""
    for element in [*root.iter("span", "div")]:
        if tree.has_class(element, "math"):
            display = tree.has_class(element, "display")
            made = make(tree.raw_text(element), display=display)
            if element.tag == "div":
                element.text = None
                for child in list(element):
                    element.remove(child)
                element.append(made)
            else:
                tree.replace(element, made)
