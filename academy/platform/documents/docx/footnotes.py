"""The footnotes part, which python-docx 1.2 does not know."""

from typing import Final

from docx.document import Document as WordDocument
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.ns import nsmap, qn
from lxml import etree

from academy.platform.documents.docx.xml import Element, ParagraphLook, RunLook, add, add_paragraph

_FIRST_ID: Final = 1


class Footnotes:
    """Collects notes; `part` holds the relationships of what stands in them."""

    def __init__(self, word: WordDocument) -> None:
        self._word = word
        used = {prefix: nsmap[prefix] for prefix in ("w", "r", "m", "a", "pic", "wp")}
        self._root = etree.Element(qn("w:footnotes"), nsmap=used)
        uri, kind = PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES
        self.part = Part(uri, kind, b"", word.part.package)
        self._next = _FIRST_ID
        for identifier, name in ((-1, "separator"), (0, "continuationSeparator")):
            note = add(self._root, "w:footnote", type=name, id=str(identifier))
            add(add(add_paragraph(note, ParagraphLook()), "w:r"), f"w:{name}")

    def begin(self) -> tuple[int, Element]:
        """The id of a new note, and the element that its paragraphs go into."""
        identifier, self._next = self._next, self._next + 1
        return identifier, add(self._root, "w:footnote", id=str(identifier))

    def finish(self) -> None:
        """The notes are part of the package, if there are any."""
        if self._next == _FIRST_ID:
            return
        written = etree.tostring(
            self._root, xml_declaration=True, encoding="UTF-8", standalone=True
        )
        self.part._blob = written  # noqa: SLF001 - Part takes its bytes only when it is made
        self._word.part.relate_to(self.part, RELATIONSHIP_TYPE.FOOTNOTES)
        properties = etree.Element(qn("w:footnotePr"))
        for identifier in (-1, 0):
            add(properties, "w:footnote", id=str(identifier))
        settings = self._word.settings.element
        following = settings.find(qn("w:compat"))
        if following is not None:
            following.addprevious(properties)


def add_reference(parent: Element, identifier: int) -> None:
    """The mark in the text."""
    run = add(parent, "w:r")
    properties = RunLook(style="footnotereference").properties()
    if properties is not None:
        run.append(properties)
    add(run, "w:footnoteReference", id=str(identifier))


def add_own_mark(paragraph: Element) -> None:
    """The number that the note itself begins with."""
    run = add(paragraph, "w:r")
    properties = RunLook(style="footnotereference").properties()
    if properties is not None:
        run.append(properties)
    add(run, "w:footnoteRef")
