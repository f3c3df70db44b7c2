"""Every construct that a lesson can hold arrives in the PDF and in the Word file."""

import io
import logging
import posixpath
import subprocess
import sys
import zipfile
from dataclasses import replace

import pypdf
import pytest
from docx.oxml.ns import qn
from lxml import etree

from academy.platform.documents.pdf import engine_fingerprint
from academy.platform.documents.tests.rendering import (
    META,
    docx_of,
    footnotes_of,
    links_of_docx,
    links_of_pdf,
    parsed,
    pdf_of,
    pictures_of_pdf,
    squeezed,
    text_of_docx,
    text_of_pdf,
)
from academy.platform.steps import step_told

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="200" height="60">'
    b'<rect width="200" height="60" fill="#0b5f63"/>'
    b'<text x="10" y="40" font-size="30" fill="#fff">Jobs</text></svg>'
)
BLOBS = {"fig/jobs.svg": SVG}
SOURCE = """
# First heading

Some **bold**, *slanted*, ~~struck~~ and `code` words, <kbd>Ctrl</kbd>, H<sub>2</sub>O.
A [link](https://example.org/a?b=c) and [an inner one](#tables), https://bare.example.org too.[^1]

[^1]: The note with a [link](https://note.example.org).

## Lists

- outer
  - inner
- [ ] open task
- [x] done task

1. one
2. two

   continued

1. again

Term
: Definition of it

> A quotation

## Tables

| Left | Right |
|:-----|------:|
| 左   | 12    |

```python
def greet(name):
    return f"hello {name}"  # a comment
```

![Alternative words](fig/jobs.svg "A caption")

Inline $a^2 + b^2$ and

$$
\\frac{1}{n}
$$

::: challenge
## Try it
Do this.

::: solution
The answer.
:::
:::

::: objectives
- to know
:::

日本語の文章です。

مرحبا بالعالم العربي

Emoji 🎉 here.
"""
# Every open, connect and name look-up of the process, after a first rendering has loaded all it needs.
WATCHED = """
import sys
import django
from django.conf import settings
settings.configure(USE_TZ=True)
django.setup()
from academy.platform.documents.markdown import parse
from academy.platform.documents.pdf import write_pdf
from academy.platform.documents.tests.rendering import META
def write(source, target):
    write_pdf(parse(source, figures={}), meta=META, load_figure=None, target=target, report=lambda *_: None)
target = open(sys.argv[2], "wb")
with open("/dev/null", "wb") as nowhere:
    write("warm", nowhere)
def watch(event, arguments):
    if event in {"open", "socket.connect", "socket.getaddrinfo"}:
        print(event, arguments[0])
sys.addaudithook(watch)
open("/etc/hosts").close()
write(sys.argv[1], target)
"""
WORDS = (
    "First heading", "bold", "slanted", "struck", "Ctrl", "outer", "inner", "open task", "done task",
    "continued", "again", "Term", "Definition of it", "A quotation", "Left", "左", "12", "def greet(name):",
    '"hello {name}"', "A caption", "Challenge", "Try it", "Do this.", "Solution", "The answer.", "Objectives",
    "日本語の文章です。", "Emoji",
)  # fmt: skip


@pytest.fixture(scope="module")
def document():
    found = parsed(SOURCE, BLOBS)
    assert not found.problems
    return found


@pytest.fixture(scope="module")
def reader(document):
    return pdf_of(document, BLOBS)


@pytest.fixture(scope="module")
def word(document):
    return docx_of(document, BLOBS)


def test_the_pdf_holds_every_construct(reader):
    text = text_of_pdf(reader)
    assert not [word for word in WORDS if squeezed(word) not in text]
    assert "Thenotewithalink" in text
    assert pictures_of_pdf(reader) == 2, "the figure, and the emoji that is a picture in its font"
    assert links_of_pdf(reader) >= {
        "https://example.org/a?b=c", "https://bare.example.org", "https://note.example.org",
    }  # fmt: skip


def test_the_pdf_is_tagged_and_says_what_it_is(reader):
    assert reader.metadata.title == "A title with a bell"
    assert reader.metadata.author == "Nelle"
    catalogue = reader.trailer["/Root"]
    assert catalogue["/Lang"] == "en"
    assert catalogue["/MarkInfo"]["/Marked"]
    assert b"pdfuaid" in catalogue["/Metadata"].get_data()
    titles = _outline_titles(reader.outline)
    assert titles[:3] == ["A title with a bell", "First heading", "Lists"]
    assert "Page 1 of" in reader.pages[0].extract_text()


def _outline_titles(outline):
    titles = []
    for entry in outline:
        titles += _outline_titles(entry) if isinstance(entry, list) else [entry.title]
    return titles


def fonts_of(reader):
    """Each font of each page by its name, with the object that it is drawn from."""
    fonts = {}
    for page in reader.pages:
        for name, reference in page["/Resources"]["/Font"].items():
            font = reference.get_object()
            fonts[name] = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font  # fmt: skip
    return fonts


def test_every_font_of_the_pdf_is_embedded(reader):
    fonts = fonts_of(reader)
    assert len(fonts) >= 5
    for font in fonts.values():
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(font["/FontDescriptor"])


def test_the_fonts_of_the_pdf_cover_every_script_of_the_text(reader, document, caplog):
    names = " ".join(str(font["/BaseFont"]) for font in fonts_of(reader).values())
    assert "CJK" in names
    assert "Arabic" in names
    assert "Emoji" in names
    assert "\U0001f389" in "".join(page.extract_text() for page in reader.pages)
    caplog.set_level(logging.WARNING, logger="weasyprint")
    pdf_of(document, BLOBS)
    assert ".notdef" not in caplog.text
    pdf_of(parsed("No font has this: \U000f1234"))
    assert ".notdef" in caplog.text


def test_the_word_file_holds_every_construct(word):
    text = text_of_docx(word)
    assert not [wanted for wanted in WORDS if squeezed(wanted) not in text]
    assert "مرحبابالعالم" in text
    assert "🎉" in text
    assert "☐" in text
    assert "☑" in text
    assert len(word.inline_shapes) == 1
    assert word.inline_shapes[0]._inline.docPr.get("descr") == "Alternative words"
    assert links_of_docx(word) >= {"https://example.org/a?b=c", "https://bare.example.org"}


def test_the_word_file_uses_real_styles(word):
    by_text = {paragraph.text.strip(): paragraph.style.name for paragraph in word.paragraphs}
    assert by_text["A title with a bell"] == "Title"
    assert by_text["First heading"] == "Heading 1"
    assert by_text["Lists"] == "Heading 2"
    assert by_text["outer"] == "List Bullet"
    assert by_text["inner"] == "List Bullet 2"
    assert by_text["one"] == "List Number"
    assert by_text["A quotation"] == "Quote"
    assert by_text["A caption"] == "Caption"
    assert by_text["Do this."] == "Challenge"
    assert by_text["The answer."] == "Solution"
    assert "Code" in by_text.values()


def test_each_ordered_list_counts_for_itself(word):
    numbers = [
        paragraph._p.pPr.numPr.numId.val
        for paragraph in word.paragraphs
        if paragraph.text.strip() in {"one", "two", "again"} and paragraph._p.pPr.numPr is not None
    ]
    assert numbers
    document = docx_of(parsed("1. a\n\ntext\n\n1. b\n"))
    first, second = [
        p._p.pPr.numPr.numId.val for p in document.paragraphs if p.style.name == "List Number"
    ]
    assert first != second


def test_the_word_table_has_a_header_row_and_its_alignment(word):
    (table,) = word.tables
    assert table._tbl.find(f".//{qn('w:tblHeader')}") is not None
    assert [cell.text for cell in table.rows[0].cells] == ["Left", "Right"]
    assert table.cell(1, 1).paragraphs[0].alignment is not None


def test_the_word_footnote_is_a_real_one(word):
    notes = footnotes_of(word)
    assert "The note with a" in "".join(notes.itertext())
    reference = word.element.body.find(f".//{qn('w:footnoteReference')}")
    assert reference.get(qn("w:id")) == "1"


def test_formulas_are_office_maths(word):
    assert (
        word.element.body.find(
            ".//{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"
        )
        is not None
    )


def test_arabic_paragraphs_run_from_right_to_left(word):
    (paragraph,) = [p for p in word.paragraphs if "مرحبا" in p.text]
    assert paragraph._p.pPr.find(qn("w:bidi")) is not None
    assert paragraph._p.find(f".//{qn('w:rtl')}") is not None


def test_the_word_file_says_what_it_is(word):
    properties = word.core_properties
    assert (properties.title, properties.author, properties.language) == (
        "A title with a bell",
        "Nelle",
        "en",
    )
    assert properties.keywords == "shell, files"
    assert "PAGE" in word.sections[0].footer._element.xml


def test_the_package_is_whole(word):
    target = io.BytesIO()
    word.save(target)
    with zipfile.ZipFile(target) as package:
        names = set(package.namelist())
        assert "word/footnotes.xml" in names
        for name in names:
            if name.endswith((".xml", ".rels")):
                etree.fromstring(package.read(name))
        relations = etree.fromstring(package.read("word/_rels/document.xml.rels"))
        for relation in relations:
            if relation.get("TargetMode") != "External":
                assert posixpath.normpath(f"word/{relation.get('Target')}") in names
        body = etree.fromstring(package.read("word/document.xml"))
        known = {relation.get("Id") for relation in relations}
        assert {
            value
            for element in body.iter()
            for name, value in element.attrib.items()
            if name in {qn("r:id"), qn("r:embed")}
        } <= known
    identifiers = [element.get("id") for element in word.element.body.iter(qn("wp:docPr"))]
    assert len(identifiers) == len(set(identifiers))


@pytest.mark.parametrize("language", ["ar", "ja", "de"])
def test_the_language_of_the_lesson_is_declared(language):
    meta = replace(META, language=language)
    assert pdf_of(parsed("text"), meta=meta).trailer["/Root"]["/Lang"] == language
    assert docx_of(parsed("text"), meta=meta).core_properties.language == language


def test_a_long_code_line_is_not_cut_off():
    line = "x" * 400 + "END"
    assert line in text_of_pdf(pdf_of(parsed(f"```\n{line}\n```\n")))


def test_header_rows_repeat_on_each_page():
    reader = pdf_of(parsed("|Header|b|\n|-|-|\n" + "|cell|2|\n" * 120))
    assert len(reader.pages) > 1
    assert all("Header" in page.extract_text() for page in reader.pages)


def test_progress_is_real_and_only_grows():
    seen = []
    pdf_of(
        parsed("## Part\n\n" + "Some words of text.\n\n" * 400),
        report=lambda fraction, step: seen.append((fraction, step)),
    )
    fractions = [fraction for fraction, _step in seen]
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] < fractions[-1] < 1
    assert len({step for _fraction, step in seen}) > 6
    assert any("page 2" in step_told(step) for _fraction, step in seen)


class StopItError(Exception):
    """Ends a rendering from its report."""


@pytest.mark.parametrize("calls", [1, 3, 8, 12, 20])
@pytest.mark.parametrize("make", [pdf_of, docx_of])
def test_what_the_report_raises_ends_the_rendering(make, calls):
    count = 0

    def report(_fraction, _step):
        nonlocal count
        count += 1
        if count == calls:
            raise StopItError

    with pytest.raises(StopItError):
        make(parsed("## Part\n\n" + "Some words of text.\n\n" * 300), report=report)


@pytest.mark.parametrize(
    "source",
    [
        '<link rel=attachment href="file:///etc/hostname">\n\ntext',
        "<style>@import url(file:///etc/passwd);</style>\n\ntext",
        '<img src="file:///etc/passwd">\n\ntext',
        '<p style="background: url(http://127.0.0.1:1/x)">text</p>',
        '<object data="file:///etc/passwd"></object>\n\ntext',
    ],
)
def test_nothing_is_read_or_fetched_and_nothing_is_embedded(source, tmp_path):
    target = tmp_path / "lesson.pdf"
    watched = subprocess.run(
        [sys.executable, "-c", WATCHED, source, str(target)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    events = watched.stdout.splitlines()
    assert "open /etc/hosts" in events, "the watch itself sees what is opened"
    touched = events[events.index("open /etc/hosts") + 1 :]
    assert not [event for event in touched if "connect" in event or "getaddrinfo" in event]
    assert not [
        event for event in touched if event.startswith("open /etc/") and "fonts" not in event
    ]
    reader = pypdf.PdfReader(target)
    assert not reader.attachments
    assert "root:" not in "".join(page.extract_text() for page in reader.pages)
    assert not links_of_pdf(reader) - {META.permalink_url}


def test_the_fingerprint_stays_within_a_process():
    assert engine_fingerprint() == engine_fingerprint()
    assert len(engine_fingerprint()) == 64
