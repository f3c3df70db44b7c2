"""What the tests of this folder share: the real course, and both files made in memory."""

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import docx
import pypdf
import pytest
from lxml import etree

from academy.platform.documents.docx import write_docx
from academy.platform.documents.figures import inspect
from academy.platform.documents.markdown import Figure, parse
from academy.platform.documents.meta import DocumentMeta
from academy.platform.documents.pdf import write_pdf

COURSE = Path(__file__).parents[5] / "shared" / "courses" / "shell-novice"
META = DocumentMeta(
    title="A title\x00 with a bell\x07",
    course_title="Course",
    author="Nelle",
    language="en",
    permalink_url="https://academy.example/c/l/",
    generated_at=datetime(2026, 11, 21, tzinfo=UTC),
    keywords=("shell", "files"),
)


def course_lessons():
    if not COURSE.is_dir():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"no course at {COURSE}"))]
    return [pytest.param(path, id=path.stem) for path in sorted(COURSE.glob("0*.md"))]


def course_figures():
    blobs = {f"fig/{path.name}": path.read_bytes() for path in (COURSE / "fig").iterdir()}
    return figures_of(blobs), blobs


def figures_of(blobs):
    figures = {}
    for name, data in blobs.items():
        info = inspect(data, name=name)
        figures[name] = Figure(name, name, info.content_type, info.width_px, info.height_px)
    return figures


def pdf_of(document, blobs=None, meta=META, report=lambda _fraction, _step: None):
    target = io.BytesIO()
    write_pdf(
        document,
        meta=meta,
        load_figure=lambda figure: blobs[figure.name],
        target=target,
        report=report,
    )
    return pypdf.PdfReader(target)


def docx_of(document, blobs=None, meta=META, report=lambda _fraction, _step: None):
    target = io.BytesIO()
    write_docx(
        document,
        meta=meta,
        load_figure=lambda figure: blobs[figure.name],
        target=target,
        report=report,
    )
    target.seek(0)
    return docx.Document(target)


def parsed(source, blobs=None):
    return parse(
        source, figures=figures_of(blobs or {}), resolve_link=lambda target: f"/l/{target}"
    )


def squeezed(text):
    return "".join(text.split()).replace("\xad", "").replace("\u2010", "-")


def text_of_pdf(reader, meta=META):
    """The running text: what stands at the head and foot of each page is cut away."""
    course, title = squeezed(meta.cleaned("course_title")), squeezed(meta.cleaned("title"))
    pages = []
    for page in reader.pages:
        text = re.sub(r"Page\d+of\d+", "", squeezed(page.extract_text()))
        pages.append(text.replace(course + title, "", 1) if pages else text)
    return "".join(pages)


def pictures_of_pdf(reader):
    """How often a picture is drawn; all pages share one list of pictures."""
    count = 0
    for page in reader.pages:
        objects = page["/Resources"].get("/XObject", {})
        images = {name for name in objects if objects[name].get("/Subtype") == "/Image"}
        drawn = re.findall(rb"(/[^\s]+) Do", page.get_contents().get_data())
        count += sum(1 for name in drawn if name.decode() in images)
    return count


def text_of_docx(word):
    parts = ["".join(word.element.body.itertext())]
    footnotes = footnotes_of(word)
    if footnotes is not None:
        parts.append("".join(footnotes.itertext()))
    return squeezed("".join(parts))


def footnotes_of(word):
    for relation in word.part.rels.values():
        if relation.reltype.endswith("/footnotes"):
            return etree.fromstring(relation.target_part.blob)
    return None


def links_of_pdf(reader):
    found = set()
    for page in reader.pages:
        for annotation in page.get("/Annots") or []:
            action = annotation.get_object().get("/A") or {}
            if "/URI" in action:
                found.add(str(action["/URI"]))
    return found


def links_of_docx(word):
    return {
        relation.target_ref
        for relation in word.part.rels.values()
        if relation.reltype.endswith("/hyperlink")
    }
