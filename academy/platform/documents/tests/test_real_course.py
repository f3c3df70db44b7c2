"""Nothing of a real course is lost on the way into a file."""

import html
import re

import pytest

from academy.platform.documents.markdown import parse
from academy.platform.documents.tests.rendering import (
    course_figures,
    course_lessons,
    docx_of,
    links_of_docx,
    links_of_pdf,
    pdf_of,
    pictures_of_pdf,
    squeezed,
    text_of_docx,
    text_of_pdf,
)

FENCE = re.compile(r"^ *(```+)[^\n]*\n(.*?)^ *\1\s*$", re.MULTILINE | re.DOTALL)


def scan(source):
    """Headings, code, links, tables and pictures of a lesson, by line and regular expression only."""
    body = source.split("---", 2)[2]
    codes = [match.group(2) for match in FENCE.finditer(body)]
    prose = FENCE.sub("", body)
    headings = [plain(found) for found in re.findall(r"^#{1,6}\s+(.+?)\s*#*$", prose, re.MULTILINE)]
    links = set(re.findall(r"(?<!!)\[[^\]]*\]\((https?://[^)\s]+)", prose))
    links |= set(re.findall(r"^\[[^\]]+\]:\s*(https?://\S+)", prose, re.MULTILINE))
    pictures = re.findall(r"!\[[^\]]*\]\(([^)\s]+)", prose)
    cells = [
        cell.strip()
        for row in re.findall(r"^\|(.+)\|$", prose, re.MULTILINE)
        for cell in row.split("|")
    ]
    return headings, codes, links, pictures, [plain(cell) for cell in cells if cell.strip("-: ")]


def plain(text):
    return html.unescape(
        re.sub(r"[`*]|\{[^}]*\}$", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text))
    )


@pytest.mark.parametrize("path", course_lessons())
def test_every_part_of_the_lesson_is_in_both_files(path):
    source = path.read_text("utf-8")
    figures, blobs = course_figures()
    document = parse(
        source.split("---", 2)[2], figures=figures, resolve_link=lambda target: f"/c/{target}"
    )
    headings, codes, links, pictures, cells = scan(source)
    assert headings
    assert len(document.outline) + document.html.count("solution") >= len(headings)

    reader, word = pdf_of(document, blobs), docx_of(document, blobs)
    pdf_text, docx_text = text_of_pdf(reader), text_of_docx(word)

    for text in (pdf_text, docx_text):
        assert not [heading for heading in headings if squeezed(heading) not in text]
        lines = {squeezed(line) for code in codes for line in code.splitlines()}
        assert not [line for line in lines if line not in text]
        assert not [cell for cell in cells if squeezed(cell) not in text]
    assert not [code for code in codes if squeezed(code) not in docx_text]
    titles = [
        paragraph.text
        for paragraph in word.paragraphs
        if paragraph.style.name.startswith("Heading")
    ]
    assert [squeezed(title) for title in titles] == [squeezed(heading) for heading in headings]
    coded = [paragraph for paragraph in word.paragraphs if paragraph.style.name == "Code"]
    assert len(coded) == len(codes)
    assert not links - links_of_pdf(reader)
    assert not links - links_of_docx(word)
    assert pictures_of_pdf(reader) == len(pictures)
    assert len(word.inline_shapes) == len(pictures)
