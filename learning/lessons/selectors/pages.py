"""A lesson as pages and programs get it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.utils.safestring import SafeString, mark_safe

from academy.platform.documents.text import direction_of
from learning.courses.paths import course_path, lesson_path
from learning.lessons.models import LessonRendition, Tier
from learning.lessons.selectors.reading import Access, Reading


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A heading of the lesson: `level` 2 to 6."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class LessonSummary:
    """A lesson in the API's list: what `LessonPage` has, without the text.

    `opens` tells in a sentence what a locked lesson waits for; `release` is the number of the
    release that it is read in, None for a draft.
    """

    id: int
    title: str
    summary: str
    permalink: str
    url: str
    language: str
    direction: str
    access: str
    is_premium: bool
    minutes: int
    is_draft: bool
    course_title: str
    course_url: str
    updated_at: datetime
    release: int | None
    content_hash: str
    opens: str = ""
    opens_at: datetime | None = None
    facets: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonPage(LessonSummary):
    """A lesson as this person reads it.

    `state` is `ready`, `rendering` (there is nothing to show yet) or `unusable` (`problem` says
    why there never will be). `body_html` is sanitised. `has_draft`: the person may look at a
    draft that differs.
    """

    body_html: SafeString
    video_url: str
    state: Literal["ready", "rendering", "unusable"]
    problem: str
    outline: list[OutlineEntry]
    is_required: bool
    has_draft: bool


def lesson_summaries(readings: Sequence[Reading]) -> list[LessonSummary]:
    """What the API's list says of the lessons; no query."""
    return [
        LessonSummary(**_said(reading), minutes=getattr(reading.revision, "minutes", 0))
        for reading in readings
    ]


def lesson_page(reading: Reading) -> LessonPage:
    """The lesson as the person reads it.

    No query; one where the text is rendered for the first time and an earlier one still serves.
    """
    rendition = _rendition(reading)
    shown = rendition or _last_good(reading)
    state = _state(rendition, shown)
    is_readable = state == "ready" and reading.access is not Access.LOCKED
    body_html, outline = _shown(shown, reading.access) if is_readable else ("", [])
    return LessonPage(
        **_said(reading),
        minutes=shown.minutes if shown else 0,
        body_html=mark_safe(body_html),  # noqa: S308 - the renderer sanitised it
        video_url=reading.revision.video_url if reading.access is Access.FULL else "",
        state=state,
        problem=rendition.problem if rendition and state == "unusable" else "",
        outline=outline,
        is_required=reading.entry.is_required if reading.entry else reading.lesson.is_required,
        has_draft=reading.has_draft,
    )


def _said(reading: Reading) -> dict[str, Any]:
    lesson, revision, course = reading.lesson, reading.revision, reading.course
    waits = reading.opening if reading.access is Access.LOCKED else None
    return {
        "id": lesson.pk,
        "title": revision.title,
        "summary": revision.summary,
        "permalink": lesson.permalink,
        "url": lesson_path(lesson.permalink),
        "language": revision.language,
        "direction": direction_of(revision.language),
        "access": reading.access.value,
        "is_premium": revision.access == Tier.PREMIUM,
        "is_draft": reading.is_draft,
        "course_title": reading.release.title if reading.release else course.title,
        "course_url": course_path(course.slug),
        "updated_at": lesson.updated_at if reading.release is None else revision.created_at,
        "release": reading.release.number if reading.release else None,
        "content_hash": revision.content_hash,
        "opens": waits.sentence if waits else "",
        "opens_at": waits.opens_at if waits else None,
    }


def _rendition(reading: Reading) -> LessonRendition | None:
    try:
        return reading.revision.rendition
    except LessonRendition.DoesNotExist:
        return None


def _last_good(reading: Reading) -> LessonRendition | None:
    """The newest pages that were made of an earlier revision, for the moment until these stand."""
    earlier = LessonRendition.objects.filter(
        revision__lesson=reading.lesson, problem_code="", revision__access=reading.revision.access
    )
    if reading.revision.pk is not None:
        earlier = earlier.filter(revision_id__lt=reading.revision.pk)
    if not reading.is_draft:
        earlier = earlier.filter(revision__release_entries__isnull=False)
    return earlier.order_by("-revision_id").first()


def _state(
    rendition: LessonRendition | None, shown: LessonRendition | None
) -> Literal["ready", "rendering", "unusable"]:
    if rendition is not None and rendition.problem_code:
        return "unusable"
    return "ready" if shown is not None else "rendering"


def _shown(rendition: LessonRendition | None, access: Access) -> tuple[str, list[OutlineEntry]]:
    if rendition is None:
        return "", []
    in_full = access is Access.FULL
    outline = rendition.outline if in_full else rendition.preview_outline
    html = rendition.body_html if in_full else rendition.preview_html
    return html, [OutlineEntry(**entry) for entry in outline]
