"""Where the words of a printed table may be broken, so that it fits the page and reads well."""

import re
from typing import Final

from lxml import etree

from academy.platform.documents import tree

_WIDTH_POINTS: Final = 459.0
_PADDING_POINTS: Final = 11.4
_CHARACTER_POINTS: Final = 5.2
_INSET_POINTS: Final = 28.0
_INSETS: Final = frozenset({"li", "blockquote", "dd"})
# Between ideographs and kana a line may end anywhere.
_WORD: Final = re.compile(r"[^\s\u200b\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")


def settle_breaks(table: etree._Element) -> None:
    """The table's class says what has to break inside words: `break-code`, `-cells` or `-all`.

    Nothing where every word fits; then code, then cells, then header cells as well. To let
    everything break would set the narrowest columns one letter wide, and costs WeasyPrint a line
    layout for each letter.
    """
    insets = sum(
        1 for outer in table.iterancestors() if outer.tag in _INSETS or tree.has_class(outer, "box")
    )
    width = _WIDTH_POINTS - _INSET_POINTS * insets
    if _least_width(table, ("td", "th"), with_code=True) <= width:
        return
    name = "break-code"
    if _least_width(table, ("td", "th"), with_code=False) > width:
        name += " break-cells"
        if _least_width(table, ("th",), with_code=False) > width:
            name += " break-all"
    table.set("class", f"{table.get('class', '')} {name}".strip())


def _least_width(table: etree._Element, cells: tuple[str, ...], *, with_code: bool) -> float:
    longest: dict[int, int] = {}
    for row in table.iter("tr"):
        column = 0
        for cell in row:
            columns = int(cell.get("colspan") or 1)
            length = longest.setdefault(column, 0)
            if cell.tag in cells and columns == 1:
                longest[column] = max(length, _longest_word(cell, with_code=with_code))
            column += columns
    return sum(_PADDING_POINTS + _CHARACTER_POINTS * length for length in longest.values())


def _longest_word(cell: etree._Element, *, with_code: bool) -> int:
    text = tree.raw_text(cell) if with_code else "".join(_text_without_code(cell))
    return max((len(word) for word in _WORD.findall(text)), default=0)


def _text_without_code(element: etree._Element) -> list[str]:
    parts = [element.text or ""]
    for child in element:
        parts += [" "] if child.tag == "code" else _text_without_code(child)
        parts.append(child.tail or "")
    return parts
