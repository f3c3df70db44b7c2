"""Numbering definitions: real nesting, and every ordered list starts anew."""

from typing import Final

from docx.document import Document as WordDocument
from docx.oxml.ns import qn

from academy.platform.documents.docx.xml import Element, add, make

LEVELS: Final = 9
_BULLETS: Final = ("•", "◦", "▪")
_NUMBERS: Final = ("decimal", "lowerLetter", "lowerRoman")


class Numbering:
    """Adds lists to the numbering part of a document."""

    def __init__(self, word: WordDocument) -> None:
        self._root: Element = word.part.numbering_part.element
        self._next = 1 + max(
            (int(item.get(name)) for tag, name in ((qn("w:num"), qn("w:numId")), (qn("w:abstractNum"), qn("w:abstractNumId"))) for item in self._root.iter(tag)),
            default=0,
        )  # fmt: skip
        self._bullets = self._define(ordered=False)
        self._numbers = self._define(ordered=True)
        self._bullet_list = self._new_list(self._bullets)

    def bullet_list(self) -> int:
        """The id of the bulleted list."""
        return self._bullet_list

    def ordered_list(self, *, level: int, start: int) -> int:
        """The id of a list that counts from `start` at this level."""
        identifier = self._new_list(self._numbers)
        override = add(self._root[-1], "w:lvlOverride", ilvl=str(level))
        add(override, "w:startOverride", val=str(start))
        return identifier

    def _new_list(self, definition: int) -> int:
        identifier, self._next = self._next, self._next + 1
        add(add(self._root, "w:num", numId=str(identifier)), "w:abstractNumId", val=str(definition))
        return identifier

    def _define(self, *, ordered: bool) -> int:
        identifier, self._next = self._next, self._next + 1
        definition = make("w:abstractNum", abstractNumId=str(identifier))
        add(definition, "w:multiLevelType", val="hybridMultilevel")
        for number in range(LEVELS):
            level = add(definition, "w:lvl", ilvl=str(number))
            add(level, "w:start", val="1")
            add(level, "w:numFmt", val=_NUMBERS[number % 3] if ordered else "bullet")
            add(level, "w:lvlText", val=f"%{number + 1}." if ordered else _BULLETS[number % 3])
            add(level, "w:lvlJc", val="left")
            add(add(level, "w:pPr"), "w:ind", left=str(360 * (number + 1)), hanging="360")
        first_list = self._root.find(qn("w:num"))
        if first_list is None:
            self._root.append(definition)
        else:
            first_list.addprevious(definition)
        return identifier
