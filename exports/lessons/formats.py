"""The formats in which lessons leave the academy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from academy.platform.documents.markdown import Document, Figure
from academy.platform.documents.meta import DocumentMeta
from exports.lessons.errors import UnknownFormatError

Report = Callable[[float, str], None]
"""Called with how far it got and a step; writers count to 1, jobs to 100."""


@dataclass(frozen=True, slots=True)
class LessonFormat:
    """A format and what makes it.

    `writer` is the dotted name of the function that writes it: it is loaded by the worker that
    renders, because a web process has no use for a layout engine's 60 MB.
    """

    identifier: str
    label: str | Promise
    content_type: str
    extension: str
    writer: str

    def render(
        self,
        document: Document,
        *,
        meta: DocumentMeta,
        load_figure: Callable[[Figure], bytes],
        target: BinaryIO,
        report: Report,
    ) -> int | None:
        """The document stands in `target`; returns how many pages it has, if it has pages.

        `report` is called with a growing fraction below 1; what it raises ends the rendering.
        """
        write = import_string(self.writer)
        info = write(document, meta=meta, load_figure=load_figure, target=target, report=report)
        return getattr(info, "page_count", None)


_formats: Final[dict[str, LessonFormat]] = {}


def register(lesson_format: LessonFormat) -> None:
    """Lessons can be exported in this format.

    Raises:
        ValueError: another format has the identifier.
    """
    if lesson_format.identifier in _formats:
        message = f"two formats are called {lesson_format.identifier}"
        raise ValueError(message)
    _formats[lesson_format.identifier] = lesson_format


def forget(identifier: str) -> None:
    """The format is no longer offered; for tests that declare their own."""
    _formats.pop(identifier, None)


def formats() -> Mapping[str, LessonFormat]:
    """All formats by identifier, in the order of their registration."""
    return _formats


def format_named(identifier: str) -> LessonFormat:
    """The format of that name.

    Raises:
        UnknownFormatError: there is none.
    """
    try:
        return _formats[identifier]
    except KeyError:
        known = ", ".join(_formats)
        raise UnknownFormatError(
            _("Choose one of these formats: %(formats)s.") % {"formats": known}, attr="format"
        ) from None


register(
    LessonFormat(
        identifier="pdf",
        label="PDF",
        content_type="application/pdf",
        extension="pdf",
        writer="academy.platform.documents.pdf.write_pdf",
    )
)
register(
    LessonFormat(
        identifier="docx",
        label="Word",
        content_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        extension="docx",
        writer="academy.platform.documents.docx.write_docx",
    )
)
