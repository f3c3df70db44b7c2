"""What lessons say at one moment, kept for good."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Coalesce, Now, NullIf

from academy.platform.documents.markdown import Figure
from learning.courses.models import Course
from learning.lessons.models import Lesson, LessonRevision
from learning.lessons.rendering import LessonSource
from learning.lessons.sources import CourseContext, lesson_source
from learning.releases.models import ReleaseLesson


def revisions_ensure(
    *, lessons: Sequence[Lesson], context: CourseContext
) -> dict[int, LessonRevision]:
    """The present content of each lesson is a revision; by lesson id, without their texts.

    Three queries, however many lessons. Idempotent, also when two do it at once.
    """
    sources = {lesson.pk: lesson_source(lesson, context) for lesson in lessons}
    hashes = {pk: source.content_hash for pk, source in sources.items()}
    standing = _standing(hashes)
    missing = [pk for pk in hashes if pk not in standing]
    if missing:
        LessonRevision.objects.bulk_create(
            [
                LessonRevision(
                    lesson_id=pk, content_hash=hashes[pk], **revision_values(sources[pk])
                )
                for pk in missing
            ],
            ignore_conflicts=True,
        )
        # Those of another transaction have ids that the insert does not tell.
        standing |= _standing({pk: hashes[pk] for pk in missing})
    return standing


def _standing(hashes: dict[int, str]) -> dict[int, LessonRevision]:
    rows = LessonRevision.objects.filter(
        lesson_id__in=hashes, content_hash__in=set(hashes.values())
    ).defer("body")
    return {row.lesson_id: row for row in rows if hashes[row.lesson_id] == row.content_hash}


def drafts_standing(*, course: Course, context: CourseContext) -> dict[int, int]:
    """The revision of each lesson whose present content is its draft's; both by id.

    The database compares the texts, and none of them is read here: one query. Nothing tells that
    a text means a figure or a lesson that came past the services.
    """
    kept = Lesson.objects.filter(
        course=course,
        draft_revision__title=F("title"),
        draft_revision__summary=F("summary"),
        draft_revision__body=F("body"),
        draft_revision__access=F("access"),
        draft_revision__video_url=F("video_url"),
        draft_revision__course_slug=context.slug,
        draft_revision__course_title=context.title,
        draft_revision__author=context.author,
        draft_revision__language=Coalesce(NullIf("language", Value("")), Value(context.language)),
    )
    rows = kept.order_by().values_list(
        "pk", "draft_revision_id", "draft_revision__figures", "draft_revision__links"
    )
    known = {name: stored_figure(figure) for name, figure in context.figures.items()}
    return {
        pk: revision_id
        for pk, revision_id, figures, links in rows
        if links.items() <= context.links.items()
        and all(known.get(name) == figure for name, figure in figures.items())
    }


def stored_figure(figure: Figure) -> list[Any]:
    """The figure as a revision has it."""
    return [figure.digest, figure.content_type, figure.width_px, figure.height_px]


def revision_values(source: LessonSource) -> dict[str, Any]:
    """The columns of a revision with this content."""
    return {
        "title": source.title,
        "summary": source.summary,
        "body": source.body,
        "language": source.language,
        "access": source.access,
        "video_url": source.video_url,
        "course_slug": source.course_slug,
        "course_title": source.course_title,
        "author": source.author,
        "figures": {name: stored_figure(figure) for name, figure in source.figures.items()},
        "links": dict(source.links),
    }


def revisions_collect(*, older_than_seconds: float) -> int:
    """Revisions this old that are neither a draft nor part of a release are gone; their number."""
    horizon = Now() - timedelta(seconds=older_than_seconds)
    abandoned = (
        LessonRevision.objects.filter(created_at__lt=horizon)
        .exclude(lesson__draft_revision=F("pk"))
        .exclude(pk__in=ReleaseLesson.objects.values("revision_id"))
    )
    ids = list(abandoned.values_list("pk", flat=True))
    # Looked at again: one may have become a draft meanwhile.
    return abandoned.filter(pk__in=ids).delete()[1].get("learning.LessonRevision", 0)
