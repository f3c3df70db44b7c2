"""Blocks: paragraphs, lists, boxes, tables, code, figures."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from docx.oxml.ns import qn

from academy.platform.documents.boxes import NEUTRAL
from academy.platform.documents.docx.inline import (
    Writing,
    add_bookmark,
    write_code,
    write_formula,
    write_inline,
    write_picture,
)
from academy.platform.documents.docx.lists import LEVELS, Numbering
from academy.platform.documents.docx.pieces import RUNNING, pieces_of
from academy.platform.documents.docx.styles import BOX_COLOURS, CALLOUT_COLOURS, box_style
from academy.platform.documents.docx.tables import alignment_of, read_rows, write_table
from academy.platform.documents.docx.xml import (
    Element,
    ParagraphLook,
    RunLook,
    add,
    add_paragraph,
    add_run,
    space_around,
)
from academy.platform.documents.finishing import kind_of_box, shown_label
from academy.platform.documents.tree import has_class

_PRINTED: Final = frozenset({"language-output", "language-error"})
_STEP: Final = 360
_HEADINGS: Final = {"h1": 1, "h2": 1, "h3": 2, "h4": 3, "h5": 4, "h6": 4}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block stands: in which box, how deep in lists, in which direction."""

    box: str = ""
    style: str = ""
    indent: int = 0
    list_level: int = -1
    numbering: tuple[int, int] | None = None
    list_style: str = ""
    right_to_left: bool = False
    bold: bool = False
    alignment: str = ""
    bar_space: int = 8

    def look(self, style: str = "") -> ParagraphLook:
        """The look of a paragraph here; a box shows on every paragraph that it holds."""
        bar, shade = BOX_COLOURS.get(self.box, CALLOUT_COLOURS) if self.box else ("", "")
        chosen = style or self.style or (box_style(self.box) if self.box else "")
        own_shade = chosen == "Code"
        return ParagraphLook(
            style=chosen,
            bar=bar,
            bar_space=self.bar_space,
            shade="" if own_shade else shade,
            right_to_left=self.right_to_left and not own_shade,
            indent=self.indent,
            alignment=self.alignment,
        )


class BlockWriter:
    """Writes neutral HTML blocks as WordprocessingML."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._numbering = Numbering(writing.word)
        self._boxes = 0
        self._by_tag: dict[str, Callable[[Element, Element, Place], None]] = {
            "ul": self._list, "ol": self._list, "table": self._table, "pre": self._code,
            "figure": self._figure, "blockquote": self._quote, "dl": self._definitions,
            "hr": self._rule, "div": self._div, "details": self._div, "section": self._div,
        }  # fmt: skip

    def write(self, source: Element, target: Element, place: Place) -> None:
        """The block stands at the end of the target."""
        direction = source.get("dir")
        if direction:
            place = replace(place, right_to_left=direction == "rtl")
        tag = str(source.tag)
        if tag in _HEADINGS:
            self._heading(source, target, place)
        else:
            self._by_tag.get(tag, self._paragraph)(source, target, place)

    def write_all(self, source: Element, target: Element, place: Place) -> None:
        """All that the source holds; running text between blocks becomes paragraphs."""
        for piece in pieces_of(source):
            if piece.tag == RUNNING:
                paragraph = add_paragraph(target, self._paragraph_look(place))
                write_inline(self._writing, piece, paragraph, self._run(place))
            else:
                self.write(piece, target, place)
            if place.numbering or place.list_style:
                place = replace(place, numbering=None, list_style="")

    def _run(self, place: Place) -> RunLook:
        return RunLook(bold=place.bold, right_to_left=place.right_to_left)

    def _paragraph_look(self, place: Place, style: str = "") -> ParagraphLook:
        look = place.look(style or place.list_style)
        return look.but(numbering=place.numbering, hanging=_STEP) if place.numbering else look

    def _paragraph(self, source: Element, target: Element, place: Place) -> None:
        style = "BoxLabel" if has_class(source, "box-label") else ""
        paragraph = add_paragraph(target, self._paragraph_look(place, style))
        self._anchor(source, paragraph)
        write_inline(self._writing, source, paragraph, self._run(place))

    def _anchor(self, source: Element, paragraph: Element) -> None:
        if source.get("id") in self._writing.anchors:
            add_bookmark(self._writing, str(source.get("id")), paragraph)

    def _heading(self, source: Element, target: Element, place: Place) -> None:
        look = place.look(f"Heading{_HEADINGS[str(source.tag)]}")
        paragraph = add_paragraph(target, look.but(keep_next=True))
        self._anchor(source, paragraph)
        write_inline(self._writing, source, paragraph, RunLook(right_to_left=place.right_to_left))
        if has_class(source, "box-title"):
            space_around(paragraph, before=40, after=80)

    def _div(self, source: Element, target: Element, place: Place) -> None:
        if has_class(source, "math"):
            paragraph = add_paragraph(target, place.look())
            write_formula(source, paragraph, display=True)
        elif has_class(source, "footnotes"):
            return
        elif has_class(source, NEUTRAL):
            self._box(source, target, replace(place, box=kind_of_box(source), style=""))
        else:
            self.write_all(source, target, place)

    def _box(self, source: Element, target: Element, place: Place) -> None:
        # Word draws neighbours with the same border as one box.
        self._boxes += 1
        place = replace(place, bar_space=8 + self._boxes % 2)
        before = len(target)
        label = shown_label(source)
        if label:
            paragraph = add_paragraph(target, place.look("BoxLabel").but(keep_next=True))
            add_run(paragraph, label, RunLook(right_to_left=place.right_to_left))
        self.write_all(source, target, place)
        written = [element for element in list(target)[before:] if element.tag == qn("w:p")]
        if written:
            space_around(written[0], before=160)
            space_around(written[-1], after=200)

    def _list(self, source: Element, target: Element, place: Place) -> None:
        level = min(place.list_level + 1, LEVELS - 1)
        ordered = source.tag == "ol"
        if ordered:
            start = int(source.get("start") or 1)
            number = self._numbering.ordered_list(level=level, start=start)
        else:
            number = self._numbering.bullet_list()
        suffix = "" if level == 0 else str(min(level + 1, 3))
        style = ("ListNumber" if ordered else "ListBullet") + suffix
        inside = replace(place, list_level=level, indent=place.indent + _STEP)
        for item in source:
            if item.tag == "li":
                is_task = has_class(item, "task")
                # Number 0 is none: the style would bring its own bullet.
                numbering = (0, 0) if is_task else (number, level)
                marked = replace(inside, list_style=style, numbering=numbering)
                if item.get("dir"):
                    marked = replace(marked, right_to_left=item.get("dir") == "rtl")
                self._item(item, target, marked, inside)
        if level == 0 and len(target) and target[-1].tag == qn("w:p"):
            space_around(target[-1], after=140)

    def _item(self, item: Element, target: Element, first: Place, later: Place) -> None:
        if not len(item) and not (item.text or "").strip():
            add_paragraph(target, self._paragraph_look(first))
        place = first
        for piece in pieces_of(item):
            if piece.tag == RUNNING:
                paragraph = add_paragraph(target, self._paragraph_look(place))
                if place is first:
                    self._anchor(item, paragraph)
                write_inline(self._writing, piece, paragraph, self._run(first))
            else:
                self.write(piece, target, place)
            place = later

    def _definitions(self, source: Element, target: Element, place: Place) -> None:
        for item in source:
            style = "DefinitionTerm" if item.tag == "dt" else "Definition"
            indent = place.indent + (_STEP if item.tag == "dd" else 0)
            self.write_all(item, target, replace(place, style=style, indent=indent))

    def _quote(self, source: Element, target: Element, place: Place) -> None:
        self.write_all(source, target, replace(place, style="Quote", indent=place.indent + _STEP))

    def _rule(self, source: Element, target: Element, _place: Place) -> None:
        if has_class(source, "footnotes-sep"):
            return
        paragraph = add_paragraph(target, ParagraphLook())
        borders = add(add(paragraph, "w:pPr"), "w:pBdr")
        add(borders, "w:bottom", val="single", sz="6", space="1", color="D8D2C6")

    def _code(self, source: Element, target: Element, place: Place) -> None:
        look = place.look("Code")
        code = source.find("code")
        if code is not None and code.get("class") in _PRINTED:
            look = look.but(shade="FFFFFF", bar=look.bar or "BDB5A6")
        paragraph = add_paragraph(target, look)
        write_code(source, paragraph)

    def _figure(self, source: Element, target: Element, place: Place) -> None:
        caption = source.find("figcaption")
        for image in source.iter("img"):
            look = place.look().but(alignment="center", keep_next=caption is not None)
            paragraph = add_paragraph(target, look)
            self._anchor(image, paragraph)
            write_picture(self._writing, image, paragraph)
        if caption is not None:
            paragraph = add_paragraph(target, place.look("Caption").but(alignment="center"))
            write_inline(self._writing, caption, paragraph, self._run(place))

    def _table(self, source: Element, target: Element, place: Place) -> None:
        caption = source.find("caption")
        if caption is not None:
            paragraph = add_paragraph(target, place.look("Caption").but(keep_next=True))
            write_inline(self._writing, caption, paragraph, self._run(place))

        def write(cell: Element, element: Element, is_header: bool) -> None:  # noqa: FBT001
            turned = cell.get("dir") == "rtl" or place.right_to_left
            inside = Place(
                style="TableText",
                right_to_left=turned,
                bold=is_header,
                alignment=alignment_of(cell),
            )
            self.write_all(cell, element, inside)

        rows, header_rows = read_rows(source, write)
        if rows:
            write_table(target, rows, header_rows=header_rows, right_to_left=place.right_to_left)
            add_paragraph(target, ParagraphLook("AfterTable"))
