"""A lesson becomes a file in the store; no row is written here."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from academy.platform.documents.figures import to_png
from academy.platform.documents.markdown import Document, Figure
from academy.platform.documents.meta import DocumentMeta
from academy.platform.storage.store import Store, Stored
from exports.artifacts.selectors import artifact_store
from exports.lessons.engine import engine_fingerprint
from exports.lessons.errors import ExportLessonGoneError
from exports.lessons.formats import Report, format_named
from exports.lessons.inputs import lesson_inputs_hash
from exports.lessons.models import FigurePicture
from exports.lessons.selectors import Exported, export_for_inputs
from exports.lessons.services import Made
from learning.courses.paths import lesson_path
from learning.lessons.models import Lesson, LessonRevision
from learning.lessons.rendering import LessonSource, lesson_document
from learning.lessons.sources import revision_source

_PNG: Final = "image/png"
_EMBEDDED: Final = frozenset({_PNG, "image/jpeg"})
# Across a page's 170 mm that is 240 dots an inch.
_MAX_WIDTH_PX: Final = 1600
_READ_PERCENT: Final = 2.0
_FIGURES_PERCENT: Final = 10.0
_WRITTEN_PERCENT: Final = 95.0


def lesson_export_make(
    *, revision_id: int, format: str, is_draft: bool, report: Report
) -> Made | Exported:
    """The revision's document is a file in the store, or a fresh one stands already.

    With `is_draft` every page says so. Takes seconds; safe to run twice. `report` may raise to
    end it.

    Raises:
        ExportLessonGoneError: there is no such revision any more.
        TooComplexError: the text is too large or too deeply nested.
    """
    revision = _revision(revision_id)
    report(0, gettext_noop("Reading the lesson"))
    wanted = lesson_inputs_hash(
        revision.lesson, content_hash=revision.content_hash, format=format, is_draft=is_draft
    )
    standing = export_for_inputs(revision_id=revision_id, format=format, inputs_hash=wanted)
    if standing is not None:
        return standing
    pictures = _Pictures()
    stored, page_count = _written(revision, pictures, report, format=format, is_draft=is_draft)
    return Made(
        id=uuid.uuid4(),
        revision_id=revision_id,
        lesson_id=revision.lesson_id,
        is_draft=is_draft,
        format=format,
        inputs_hash=wanted,
        stored=stored,
        page_count=page_count,
        pictures=tuple(pictures.drawn.items()),
    )


def _revision(revision_id: int) -> LessonRevision:
    revisions = LessonRevision.objects.select_related("lesson__course", "text_of")
    revision = revisions.filter(pk=revision_id).first()
    if revision is None:
        raise ExportLessonGoneError
    return revision


def _written(
    revision: LessonRevision, pictures: "_Pictures", report: Report, *, format: str, is_draft: bool
) -> tuple[Stored, int | None]:
    """The document's file, and how many pages it has; `pictures` are drawn on the way."""
    source = revision_source(revision)
    document = lesson_document(source)
    report(_READ_PERCENT, gettext_noop("Drawing the figures"))
    document = _with_drawn_figures(document, pictures, report)
    with (
        translation.override(source.language),
        artifact_store().writing() as draft,
    ):
        page_count = format_named(format).render(
            document,
            meta=_meta(revision.lesson, source, is_draft=is_draft),
            load_figure=pictures.load,
            target=draft.file,
            report=_scaled(report),
        )
        report(_WRITTEN_PERCENT, gettext_noop("Storing the file"))
        return draft.keep(), page_count


def _scaled(report: Report) -> Report:
    def scaled(fraction: float, step: str) -> None:
        report(_FIGURES_PERCENT + (_WRITTEN_PERCENT - _FIGURES_PERCENT) * fraction, step)

    return scaled


def _with_drawn_figures(document: Document, pictures: "_Pictures", report: Report) -> Document:
    share = (_FIGURES_PERCENT - _READ_PERCENT) / max(1, len(document.figures))
    embedded = []
    for number, figure in enumerate(document.figures):
        report(_READ_PERCENT + share * number, gettext_noop("Drawing the figures"))
        embedded.append(pictures.embeddable(figure))
    return replace(document, figures=tuple(embedded))


class _Pictures:
    """Bytes of figures as documents embed them; what is not PNG or JPEG was drawn once for all."""

    def __init__(self) -> None:
        self.drawn: dict[str, str] = {}
        self._pictures: dict[str, str] = {}
        self._media = Store(settings.MEDIA_ROOT)
        self._files = artifact_store()

    def embeddable(self, figure: Figure) -> Figure:
        """The figure as documents have it: a PNG or JPEG, drawn now if it has to be."""
        if figure.content_type in _EMBEDDED:
            return figure
        self._pictures[figure.digest] = self._standing(figure) or self._draw(figure)
        return replace(figure, content_type=_PNG)

    def load(self, figure: Figure) -> bytes:
        """The bytes of an embeddable figure."""
        digest = self._pictures.get(figure.digest)
        return self._files.read(digest) if digest else self._media.read(figure.digest)

    def _standing(self, figure: Figure) -> str | None:
        picture = FigurePicture.objects.filter(
            source_digest=figure.digest, recipe=engine_fingerprint()
        )
        digest = picture.values_list("digest", flat=True).first()
        return digest if digest is not None and self._files.has(digest) else None

    def _draw(self, figure: Figure) -> str:
        picture = to_png(
            self._media.read(figure.digest),
            content_type=figure.content_type,
            max_width_px=_MAX_WIDTH_PX,
        )
        self.drawn[figure.digest] = self._files.put(picture).digest
        return self.drawn[figure.digest]


def _meta(lesson: Lesson, source: LessonSource, *, is_draft: bool) -> DocumentMeta:
    return DocumentMeta(
        title=source.title,
        course_title=source.course_title,
        author=source.author,
        language=source.language,
        permalink_url=f"{settings.SITE_URL}{lesson_path(lesson.permalink)}",
        generated_at=datetime.now(UTC),
        notice=gettext("Draft") if is_draft else None,
        video_url=source.video_url,
    )
