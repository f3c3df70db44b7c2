"""Tables written row by row as XML: `table.cell()` searches the whole table at each call."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from docx.oxml.ns import qn
from lxml import etree

from academy.platform.documents.docx.xml import (
    Element,
    ParagraphLook,
    RunLook,
    add,
    add_paragraph,
    add_run,
)
from academy.platform.documents.tree import has_class

TEXT_WIDTH: Final = 9_000
_CHARACTER: Final = 112
_CELL_PADDING: Final = 220
_MOST_WANTED: Final = 70
_BORDER: Final = "BDB5A6"

Fill = Callable[[Element], None]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; `fill` writes its paragraphs into the element that it is given."""

    fill: Fill
    columns: int = 1
    merge: str = ""


def write_table(
    parent: Element,
    rows: Sequence[Sequence[Cell]],
    *,
    header_rows: int,
    right_to_left: bool = False,
) -> None:
    """The table is the parent's last child; its header rows repeat on each page."""
    width = max((sum(cell.columns for cell in row) for row in rows), default=1)
    table = _begin(parent, width, right_to_left=right_to_left)
    for number, row in enumerate(rows):
        line = _add_row(table, is_header=number < header_rows)
        for cell in row:
            _add_cell(line, TEXT_WIDTH // width * cell.columns, cell)
        missing = width - sum(cell.columns for cell in row)
        for _ in range(missing):
            _add_cell(line, TEXT_WIDTH // width, Cell(_empty))
    _fit_columns(table, width)


def write_text_table(parent: Element, rows: Sequence[Sequence[str]], *, header_rows: int) -> None:
    """A table of plain text."""

    def filled(text: str, look: RunLook) -> Cell:
        return Cell(
            lambda cell: add_run(add_paragraph(cell, ParagraphLook("TableText")), text, look)
        )

    written = [
        [filled(text, RunLook(bold=number < header_rows)) for text in row]
        for number, row in enumerate(rows)
    ]
    write_table(parent, written, header_rows=header_rows)


def _empty(cell: Element) -> None:
    add_paragraph(cell, ParagraphLook("TableText"))


def _begin(parent: Element, width: int, *, right_to_left: bool) -> Element:
    table = add(parent, "w:tbl")
    properties = add(table, "w:tblPr")
    if right_to_left:
        add(properties, "w:bidiVisual")
    add(properties, "w:tblW", w="5000", type="pct")
    borders = add(properties, "w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        add(borders, f"w:{side}", val="single", sz="4", space="0", color=_BORDER)
    add(properties, "w:tblLayout", type="autofit")
    margins = add(properties, "w:tblCellMar")
    for side in ("left", "right"):
        add(margins, f"w:{side}", w="100", type="dxa")
    add(properties, "w:tblLook", val="0420", firstRow="1", lastRow="0", firstColumn="0", lastColumn="0", noHBand="0", noVBand="1")  # fmt: skip
    grid = add(table, "w:tblGrid")
    for _ in range(width):
        add(grid, "w:gridCol", w=str(TEXT_WIDTH // width))
    return table


def _add_row(table: Element, *, is_header: bool) -> Element:
    line = add(table, "w:tr")
    properties = add(line, "w:trPr")
    add(properties, "w:cantSplit")
    if is_header:
        add(properties, "w:tblHeader")
    return line


def _add_cell(line: Element, width: int, cell: Cell) -> None:
    element = add(line, "w:tc")
    properties = add(element, "w:tcPr")
    add(properties, "w:tcW", w=str(width), type="dxa")
    if cell.columns > 1:
        add(properties, "w:gridSpan", val=str(cell.columns))
    if cell.merge:
        add(properties, "w:vMerge", val=cell.merge)
    cell.fill(element)
    if not len(element) or etree.QName(element[-1]).localname != "p":
        _empty(element)


def _fit_columns(table: Element, columns: int) -> None:
    """Columns are as wide as their text wants, in proportion, and no word is broken that fits."""
    longest_word, longest_text = [4] * columns, [4] * columns
    for line in table.iterfind(qn("w:tr")):
        cells = line.findall(qn("w:tc"))
        if len(cells) == columns:
            for number, cell in enumerate(cells):
                text = "".join(map(str, cell.itertext()))
                longest_text[number] = max(longest_text[number], len(text))
                if len(text) > longest_word[number]:
                    word = max(map(len, text.split()), default=0)
                    longest_word[number] = max(longest_word[number], word)
    widths = _shares(longest_word, longest_text)
    for column, width in zip(table.iter(qn("w:gridCol")), widths, strict=True):
        column.set(qn("w:w"), str(width))
    for line in table.iterfind(qn("w:tr")):
        first = 0
        for cell in line.iterfind(f"{qn('w:tc')}/{qn('w:tcPr')}"):
            span = cell.find(qn("w:gridSpan"))
            last = first + (int(span.get(qn("w:val"), "1")) if span is not None else 1)
            cell[0].set(qn("w:w"), str(sum(widths[first:last])))
            first = last


def _shares(longest_word: list[int], longest_text: list[int]) -> list[int]:
    least = [_CELL_PADDING + _CHARACTER * length for length in longest_word]
    wanted = [_CELL_PADDING + _CHARACTER * min(length, _MOST_WANTED) for length in longest_text]
    room = TEXT_WIDTH - sum(least)
    if room < 0:
        return [max(_CELL_PADDING, width * TEXT_WIDTH // sum(least)) for width in least]
    wishes = [max(1, want - have) for want, have in zip(wanted, least, strict=True)]
    return [have + room * wish // sum(wishes) for have, wish in zip(least, wishes, strict=True)]


Write = Callable[[Element, Element, bool], None]


def read_rows(table: Element, write: Write) -> tuple[list[list[Cell]], int]:
    """The cells of an HTML table, spans included, and how many header rows it begins with.

    `write(source, target, is_header)` writes a cell's content.
    """
    rows: list[list[Cell]] = []
    header_rows = 0
    open_spans: dict[int, tuple[int, int]] = {}
    for line in table.iter("tr"):
        sources = [cell for cell in line if cell.tag in {"td", "th"}]
        in_head = line.getparent() is not None and line.getparent().tag == "thead"  # type: ignore[union-attr]
        is_header = in_head or (bool(sources) and all(cell.tag == "th" for cell in sources))
        if is_header and header_rows == len(rows):
            header_rows += 1
        rows.append(_read_row(sources, open_spans, write))
    return rows, header_rows


def _read_row(
    sources: list[Element], open_spans: dict[int, tuple[int, int]], write: Write
) -> list[Cell]:
    cells: list[Cell] = []
    column = 0
    waiting = list(sources)
    while waiting or column in open_spans:
        if column in open_spans:
            left, columns = open_spans.pop(column)
            if left > 1:
                open_spans[column] = (left - 1, columns)
            cells.append(Cell(_empty, columns, "continue"))
        else:
            source = waiting.pop(0)
            columns, lines = int(source.get("colspan") or 1) or 1, int(source.get("rowspan") or 1)
            if lines > 1:
                open_spans[column] = (lines - 1, columns)
            cells.append(Cell(_writer(source, write), columns, "restart" if lines > 1 else ""))
        column += columns
    return cells


def _writer(source: Element, write: Write) -> Fill:
    return lambda target: write(source, target, source.tag == "th")


def alignment_of(source: Element) -> str:
    """The `w:jc` value of an HTML cell."""
    names = {"align-center": "center", "align-right": "right", "align-left": "left"}
    return next((value for name, value in names.items() if has_class(source, name)), "")
