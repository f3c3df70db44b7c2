"""A document as a tagged PDF (PDF/UA-1), drawn by WeasyPrint.

Nothing is ever fetched: figures, formulas and the stylesheet are served from memory by name.
"""

import hashlib
import io
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from statistics import median
from typing import Any, BinaryIO, Final, Self, cast

import cssselect2
from django.utils import translation
from django.utils.translation import gettext_noop
from weasyprint import CSS, DEFAULT_OPTIONS, HTML
from weasyprint.document import Document as LaidOut
from weasyprint.text.ffi import pango
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from academy.platform.documents.fonts import installed_fonts
from academy.platform.documents.markdown import Document, Figure
from academy.platform.documents.memory import give_back_memory
from academy.platform.documents.meta import DocumentMeta
from academy.platform.documents.printing import PrintPicture, PrintSource, print_source
from academy.platform.documents.progress import RenderProgress, Report, WatchedStyles, reporting

_STYLES: Final = "styles/print.css"
_SOURCES: Final = (
    _STYLES, "pdf.py", "printing.py", "formulas.py", "maths.py", "finishing.py", "figures.py", "drawing.py", "svg.py", "boxes.py", "code.py",
    "syntax.py", "cells.py", "sanitise.py", "tidy.py", "docx/writer.py", "docx/styles.py",
)  # fmt: skip
_LIBRARIES: Final = ("weasyprint", "pydyf", "ziamath", "resvg_py", "pillow", "python-docx")
_OPTIONS: Final[dict[str, Any]] = {"pdf_variant": "pdf/ua-1"}


@dataclass(frozen=True, slots=True)
class PdfInfo:
    """How many pages the file has."""

    page_count: int


def write_pdf(
    document: Document,
    *,
    meta: DocumentMeta,
    load_figure: Callable[[Figure], bytes],
    target: BinaryIO,
    report: Report,
) -> PdfInfo:
    """The document is in `target` as PDF.

    `report(fraction, step)` is called at every step and page, the fraction growing and below 1;
    whatever it raises ends the rendering and comes out of here. Without a figure's bytes
    (`load_figure` raising) there is no PDF.
    """
    with translation.override(meta.language or None):
        try:
            return _write(document, meta, load_figure, target, report)
        finally:
            give_back_memory()


def _write(
    document: Document,
    meta: DocumentMeta,
    load_figure: Callable[[Figure], bytes],
    target: BinaryIO,
    report: Report,
) -> PdfInfo:
    report(0.0, gettext_noop("Reading the lesson"))
    source = print_source(document, meta=meta, load_figure=load_figure, report=report)
    progress = RenderProgress(
        report,
        elements=sum(1 for _element in source.root.iter()),
        expected_pages=_expected_pages(document),
    )
    with reporting(progress):
        laid_out = _ReportingDocument.lay_out(_ReportingHTML(source, progress))
        for number, page in enumerate(laid_out.pages, start=1):
            page.paint = _reporting_paint(page.paint, progress, number, len(laid_out.pages))
        written = io.BytesIO()
        laid_out.write_pdf(
            written,
            finisher=lambda _document, _pdf: progress.at(0.98, gettext_noop("Writing the file")),
            **_OPTIONS,
        )
    _learn_length(document, len(laid_out.pages))
    target.write(written.getvalue())
    return PdfInfo(page_count=len(laid_out.pages))


class _NothingElse(URLFetcher):  # type: ignore[misc]
    """Serves the pictures of one document by name and refuses every other address."""

    def __init__(self, pictures: Mapping[str, PrintPicture]) -> None:
        super().__init__(allowed_protocols=(), fail_on_errors=True)
        self._pictures = pictures

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        picture = self._pictures.get(url)
        if picture is None:
            message = f"refused to fetch {url[:200]}"
            raise ValueError(message)
        return URLFetcherResponse(url, picture.data, {"Content-Type": picture.content_type})


class _ReportingHTML(HTML):  # type: ignore[misc]
    """The print source as WeasyPrint wants it, without a parser's round trip."""

    def __init__(self, source: PrintSource, progress: RenderProgress) -> None:
        self.base_url = None
        self.url_fetcher = _NothingElse(source.pictures)
        self.media_type = "print"
        self.wrapper_element = _ReportingWrapper.from_html_root(source.root, content_language=None)
        self.wrapper_element.progress = progress
        self.etree_element = self.wrapper_element.etree_element
        self.progress = progress


class _ReportingWrapper(cssselect2.ElementWrapper):  # type: ignore[misc]
    """Reports while the cascade walks over the elements."""

    progress: RenderProgress | None = None

    def iter_subtree(self) -> Iterator[cssselect2.ElementWrapper]:
        for element in super().iter_subtree():
            if self.progress is not None:
                self.progress.walked("cascade", gettext_noop("Applying styles"))
            yield element


class _ReportingDocument(LaidOut):  # type: ignore[misc]
    """Reports while boxes are built."""

    @classmethod
    def lay_out(cls, html: _ReportingHTML) -> Self:
        """The pages of the document."""
        stylesheet, font_config = _style()
        options = {**DEFAULT_OPTIONS, **_OPTIONS, "stylesheets": [stylesheet]}
        return cast("Self", cls._render(html, font_config, None, None, options))

    @classmethod
    def _build_layout_context(cls, html: _ReportingHTML, *arguments: Any) -> Any:
        context = super()._build_layout_context(html, *arguments)
        context.style_for = WatchedStyles(context.style_for, html.progress)
        return context


def _reporting_paint(
    paint: Callable[..., None], progress: RenderProgress, number: int, pages: int
) -> Callable[..., None]:
    def reporting_paint(*arguments: Any, **options: Any) -> None:
        progress.painted(number - 1, pages)
        paint(*arguments, **options)

    return reporting_paint


@lru_cache(maxsize=1)
def _style() -> tuple[CSS, FontConfiguration]:
    font_config = FontConfiguration()
    text = files(__package__).joinpath(_STYLES).read_text("utf-8")
    return CSS(string=text, url_fetcher=_NothingElse({}), font_config=font_config), font_config


_page_lengths: deque[float] = deque([1_700.0], maxlen=50)


def _expected_pages(document: Document) -> int:
    """From the text's length and the median page of what this process has rendered before."""
    return 1 + round(len(document.text) / median(_page_lengths))


def _learn_length(document: Document, pages: int) -> None:
    if pages > 2:
        _page_lengths.append(max(200.0, len(document.text) / pages))


@lru_cache(maxsize=1)
def engine_fingerprint() -> str:
    """Changes whenever the same document would be drawn differently: code, style, libraries, fonts."""
    digest = hashlib.sha256()
    folder = files(__package__)
    for name in _SOURCES:
        digest.update(folder.joinpath(name).read_bytes())
    for library in _LIBRARIES:
        digest.update(f"{library}={version(library)};".encode())
    digest.update(f"pango={pango.pango_version()};".encode())
    for font in installed_fonts():
        digest.update(font.encode())
    return digest.hexdigest()
