"""Neutral HTML becomes the XML tree that is printed, and the pictures that stand in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from lxml import etree

from academy.platform.documents import tree
from academy.platform.documents.cells import settle_breaks
from academy.platform.documents.figures import to_png
from academy.platform.documents.finishing import label_boxes, replace_maths
from academy.platform.documents.formulas import Drawing
from academy.platform.documents.markdown import Document, Figure
from academy.platform.documents.maths import source_of
from academy.platform.documents.meta import DocumentMeta
from academy.platform.documents.progress import Report
from academy.platform.documents.text import direction_of
from academy.platform.steps import step_kept

MAX_FIGURE_WIDTH_PX: Final = 1_600


@dataclass(frozen=True, slots=True)
class PrintPicture:
    """What the renderer is given for an address."""

    data: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class PrintSource:
    """The tree to print; `pictures` by the addresses that stand in it."""

    root: ElementTree.Element
    pictures: Mapping[str, PrintPicture] = field(default_factory=dict)


def print_source(
    document: Document,
    *,
    meta: DocumentMeta,
    load_figure: Callable[[Figure], bytes],
    report: Report,
) -> PrintSource:
    """The document with its cover, everything unfolded, every picture at hand."""
    body = tree.read_tree(document.html)
    body.tag = "main"
    pictures: dict[str, PrintPicture] = {}
    _place_figures(body, document, load_figure, report, pictures)
    report(0.03, gettext_noop("Setting formulas"))
    replace_maths(body, _Formulas(pictures))
    label_boxes(body, fold=False)
    for details in body.iter("details"):
        details.tag = "div"
    for block in body.iter("pre"):
        _split_lines(block)
    for table in body.iter("table"):
        settle_breaks(table)
    for link in body.iter("a"):
        href = link.get("href", "")
        if href and not href.startswith("#"):
            link.set("href", meta.absolute(href))
    html = _page_around(body, meta)
    copy = _as_element_tree(html)
    return PrintSource(copy, pictures)


def _as_element_tree(source: etree._Element) -> ElementTree.Element:
    """WeasyPrint keeps styles by element, and lxml makes a new object at each look."""
    element = ElementTree.Element(str(source.tag), {str(k): str(v) for k, v in source.items()})
    element.text, element.tail = source.text, source.tail
    element.extend(_as_element_tree(child) for child in source)
    return element


def _place_figures(
    body: etree._Element,
    document: Document,
    load_figure: Callable[[Figure], bytes],
    report: Report,
    pictures: dict[str, PrintPicture],
) -> None:
    by_name = {figure.name: figure for figure in document.figures}
    addresses: dict[str, str] = {}
    for number, figure in enumerate(document.figures):
        sentence = gettext_noop("Drawing figure %(number)d of %(count)d")
        step = step_kept(sentence, number=number + 1, count=len(document.figures))
        report(0.02 * number / len(document.figures), step)
        data = to_png(
            load_figure(figure), content_type=figure.content_type, max_width_px=MAX_FIGURE_WIDTH_PX
        )
        addresses[figure.name] = f"figure:{number}"
        kind = "image/jpeg" if data.startswith(b"\xff\xd8") else "image/png"
        pictures[f"figure:{number}"] = PrintPicture(data, kind)
    for image in body.iter("img"):
        figure = by_name[tree.take(image, "data-figure")]
        image.set("src", addresses[figure.name])
        image.set("class", "figure")
        if figure.width_px:
            image.set("style", f"width: {figure.width_px}px")


@dataclass(frozen=True, slots=True)
class _Formulas:
    """Makes the element for a formula and keeps its picture."""

    pictures: dict[str, PrintPicture]
    drawing: Drawing = field(default_factory=Drawing)

    def __call__(self, tex: str, *, display: bool) -> etree._Element:
        drawn = self.drawing.draw(tex, display=display)
        if drawn is None:
            return source_of(tex)
        address = f"math:{len(self.pictures)}"
        self.pictures[address] = PrintPicture(drawn.svg, "image/svg+xml")
        style = f"width: {drawn.width:.3f}em; height: {drawn.height:.3f}em"
        if not display:
            style += f"; vertical-align: {-drawn.depth:.3f}em"
        return etree.Element(
            "img", {"class": "math display" if display else "math", "src": address, "alt": tex, "style": style}
        )  # fmt: skip


def _split_lines(block: etree._Element) -> None:
    """Each line of code is a block of its own, so that what is broken hangs visibly."""
    code = block.find("code")
    if code is None or len(block) != 1 or any(len(child) for child in code):
        return
    block.set("class", code.get("class", ""))
    pieces: list[tuple[str | None, str]] = [(None, code.text or "")]
    for child in code:
        pieces += [(child.get("class"), child.text or ""), (None, child.tail or "")]
    code.text = None
    for child in list(code):
        code.remove(child)
    line = etree.SubElement(code, "span", {"class": "line"})
    for css_class, text in pieces:
        for number, part in enumerate(text.split("\n")):
            if number:
                line = etree.SubElement(code, "span", {"class": "line"})
            if part and css_class:
                etree.SubElement(line, "span", {"class": css_class}).text = part
            elif part:
                tree.add_text(line, part)
    if not len(line) and not line.text and len(code) > 1:
        code.remove(line)


def _page_around(body: etree._Element, meta: DocumentMeta) -> etree._Element:
    html = etree.Element("html", {"lang": meta.language, "dir": direction_of(meta.language)})
    head = etree.SubElement(html, "head")
    title = meta.cleaned("title")
    etree.SubElement(head, "title").text = title
    named = {
        "author": meta.cleaned("author"),
        "description": meta.cleaned("course_title"),
        "keywords": ", ".join(meta.keywords),
        "generator": "Academy",
        "dcterms.created": meta.generated_at.isoformat(timespec="seconds"),
        "dcterms.modified": meta.generated_at.isoformat(timespec="seconds"),
    }
    for name, content in named.items():
        if content:
            etree.SubElement(head, "meta", {"name": name, "content": content})
    page = etree.SubElement(html, "body")
    page.append(_cover(title, meta))
    page.append(body)
    return html


def _cover(title: str, meta: DocumentMeta) -> etree._Element:
    cover = etree.Element("header", {"class": "cover"})
    before, _page, rest = _("Page {page} of {pages}").partition("{page}")
    between, _pages, after = rest.partition("{pages}")
    running = {
        "class": "running",
        "data-notice": meta.cleaned("notice"),
        "data-before-page": before,
        "data-before-pages": between,
        "data-after-pages": after,
    }
    etree.SubElement(cover, "div", running)
    if notice := meta.cleaned("notice"):
        etree.SubElement(cover, "p", {"class": "notice"}).text = notice
    etree.SubElement(cover, "p", {"class": "course"}).text = meta.cleaned("course_title")
    etree.SubElement(cover, "h1").text = title
    about = etree.SubElement(cover, "p", {"class": "about"})
    day = formats.date_format(meta.generated_at, "DATE_FORMAT")
    about.text = " · ".join(part for part in (meta.cleaned("author"), day) if part)
    etree.SubElement(about, "br")
    link = etree.SubElement(about, "a", {"href": meta.permalink_url})
    link.text = meta.permalink_url
    if meta.video_href:
        video = etree.SubElement(cover, "p", {"class": "video"})
        video.text, _address, after = _("Video: {address}").partition("{address}")
        watch = etree.SubElement(video, "a", {"href": meta.video_href, "dir": "ltr"})
        watch.text, watch.tail = meta.video_href, after
    return cover
