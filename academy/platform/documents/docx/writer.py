"""A document as a Word file with real styles, lists, tables, notes and links."""

from collections.abc import Callable
from typing import BinaryIO, Final

import docx
from django.utils import formats, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.shared import Mm
from lxml import etree

from academy.platform.documents import tree
from academy.platform.documents.docx.blocks import BlockWriter, Place
from academy.platform.documents.docx.footnotes import Footnotes, add_own_mark
from academy.platform.documents.docx.inline import Writing, add_bookmark, write_inline
from academy.platform.documents.docx.styles import prepare_styles
from academy.platform.documents.docx.xml import (
    Element,
    ParagraphLook,
    RunLook,
    add,
    add_field,
    add_paragraph,
    add_run,
)
from academy.platform.documents.markdown import Document, Figure
from academy.platform.documents.memory import give_back_memory
from academy.platform.documents.meta import DocumentMeta
from academy.platform.documents.progress import Report
from academy.platform.documents.text import clean_line, direction_of

_TOP: Final = "_top"
_MOST_PROPERTY_CHARACTERS: Final = 255


def write_docx(
    document: Document,
    *,
    meta: DocumentMeta,
    load_figure: Callable[[Figure], bytes],
    target: BinaryIO,
    report: Report,
) -> None:
    """The document is in `target` as DOCX.

    `report(fraction, step)` is called for every block; what it raises ends the writing.
    """
    with translation.override(meta.language or None):
        try:
            _write(document, meta, load_figure, target, report)
        finally:
            give_back_memory()


def _write(
    document: Document,
    meta: DocumentMeta,
    load_figure: Callable[[Figure], bytes],
    target: BinaryIO,
    report: Report,
) -> None:
    report(0.0, gettext_noop("Reading the lesson"))
    root = tree.read_tree(document.html)
    word = docx.Document()
    prepare_styles(word, meta.language)
    writing = Writing(
        word=word,
        meta=meta,
        footnotes=Footnotes(word),
        figures={figure.name: figure for figure in document.figures},
        load_figure=load_figure,
    )
    _collect_anchors(writing, root)
    writer = BlockWriter(writing)
    _collect_notes(writing, writer, root)
    body = word.element.body
    section_properties = body.sectPr
    _write_cover(writing, body)
    place = Place(right_to_left=direction_of(meta.language) == "rtl")
    for number, block in enumerate(root):
        report(0.05 + 0.85 * number / len(root), gettext_noop("Writing the text"))
        writer.write(block, body, place)
    body.append(section_properties)
    writing.footnotes.finish()
    _set_properties(word, meta)
    _set_page(word, meta)
    report(0.95, gettext_noop("Writing the file"))
    word.save(target)


def _collect_anchors(writing: Writing, root: Element) -> None:
    wanted = {str(link.get("href"))[1:] for link in root.iter("a") if (link.get("href") or "").startswith("#")}  # fmt: skip
    for element in root.iter():
        identifier = element.get("id")
        if identifier in wanted:
            writing.anchors[str(identifier)] = f"anchor{len(writing.anchors) + 1}"


def _collect_notes(writing: Writing, writer: BlockWriter, root: Element) -> None:
    for section in [item for item in root.iter("section") if tree.has_class(item, "footnotes")]:
        for note in section.iter("li"):
            writing.notes[str(note.get("id"))] = note
        for link in [
            item for item in section.iter("a") if tree.has_class(item, "footnote-backref")
        ]:
            tree.remove(link)
        tree.remove(section)

    def write_note(note: Element) -> int:
        identifier, element = writing.footnotes.begin()
        outer, writing.part = writing.part, writing.footnotes.part
        writing.write_note = None
        writer.write_all(note, element, Place(style="footnotetext"))
        writing.part, writing.write_note = outer, write_note
        if not len(element):
            add_paragraph(element, ParagraphLook("footnotetext"))
        mark = etree.Element("p")
        add_own_mark(mark)
        add_run(mark, " ", RunLook())
        first = element[0]
        position = 1 if len(first) and first[0].tag == qn("w:pPr") else 0
        for offset, run in enumerate(list(mark)):
            first.insert(position + offset, run)
        return identifier

    writing.write_note = write_note


def _write_cover(writing: Writing, body: Element) -> None:
    meta = writing.meta
    turned = direction_of(meta.language) == "rtl"
    run = RunLook(right_to_left=turned)
    course = add_paragraph(body, ParagraphLook("Subtitle", right_to_left=turned))
    add_run(course, meta.cleaned("course_title"), run)
    title = add_paragraph(body, ParagraphLook("Title", right_to_left=turned))
    writing.anchors[_TOP] = _TOP
    add_bookmark(writing, _TOP, title)
    add_run(title, meta.cleaned("title"), run)
    about = add_paragraph(body, ParagraphLook("Caption", right_to_left=turned))
    day = formats.date_format(meta.generated_at, "DATE_FORMAT")
    add_run(about, " · ".join(part for part in (meta.cleaned("author"), day) if part), run)
    if meta.permalink_url:
        add(add(about, "w:r"), "w:br")
        write_inline(writing, _linked(meta.permalink_url), about, RunLook())
    if meta.video_href:
        before, _address, after = _("Video: {address}").partition("{address}")
        video = add_paragraph(body, ParagraphLook("Caption", right_to_left=turned))
        add_run(video, before, run)
        write_inline(writing, _linked(meta.video_href), video, RunLook())
        add_run(video, after, run)


def _linked(address: str) -> Element:
    holder = etree.Element("p")
    link = etree.SubElement(holder, "a", {"href": address})
    link.text = clean_line(address)
    return holder


def _set_properties(word: WordDocument, meta: DocumentMeta) -> None:
    properties = word.core_properties
    most = _MOST_PROPERTY_CHARACTERS
    properties.title = meta.cleaned("title")[:most]
    properties.author = meta.cleaned("author")[:most]
    properties.last_modified_by = meta.cleaned("author")[:most]
    properties.subject = meta.cleaned("course_title")[:most]
    properties.keywords = ", ".join(meta.keywords)[:most]
    properties.language = meta.language
    properties.identifier = meta.permalink_url[:most]
    properties.comments = ""
    properties.created = properties.modified = meta.generated_at.replace(tzinfo=None)


def _set_page(word: WordDocument, meta: DocumentMeta) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(25)
    section.top_margin = section.bottom_margin = Mm(24)
    notice = meta.cleaned("notice")
    footer = section.footer
    paragraph = footer.paragraphs[0]._p  # noqa: SLF001 - the element is what fields are added to
    before, _page, rest = _("Page {page} of {pages}").partition("{page}")
    between, _pages, after = rest.partition("{pages}")
    alignment = add(paragraph.get_or_add_pPr(), "w:jc", val="center")
    del alignment
    add_run(paragraph, before, RunLook())
    add_field(paragraph, "PAGE")
    add_run(paragraph, between, RunLook())
    add_field(paragraph, "NUMPAGES")
    add_run(paragraph, after, RunLook())
    if notice:
        for part in (section.header, footer):
            add_run(add_paragraph(part._element, ParagraphLook("Caption")), notice, RunLook())  # noqa: SLF001
