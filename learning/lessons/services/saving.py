"""Lessons change here, and what is rendered from them follows."""

from typing import Final

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from academy.platform.documents.text import clean_line, clean_text
from learning.courses.models import Course, CourseFigure, Status
from learning.lessons.models import Lesson, LessonAddress, LessonFigure, LessonRendition
from learning.lessons.rendering import RENDERER_VERSION, Rendered, render_lesson
from learning.lessons.sources import course_context, lesson_source
from scheduler.jobs.services import job_submit

RENDITION_KIND: Final = "learning.lesson_rendition"


@transaction.atomic
def lesson_save(*, lesson: Lesson) -> Lesson:
    """The lesson is stored as it stands, and a job makes its pages where its content changed.

    A new slug leaves the old one as an address that keeps leading here. Other lessons of the
    course that name this one are rendered anew as well.

    Raises:
        LaneFullError: too much waits to be rendered; nothing was stored.
    """
    before = Lesson.objects.select_for_update(of=("self",)).filter(pk=lesson.pk).first()
    lesson.title = clean_line(lesson.title)
    lesson.summary = clean_line(lesson.summary)
    lesson.body = clean_text(lesson.body)
    lesson.updated_at = Now()
    lesson.save()
    lesson.refresh_from_db(fields=["updated_at"])
    address_kept(lesson=lesson, before=before)
    lessons_refresh(course_id=lesson.course_id)
    lesson.refresh_from_db(fields=["content_hash"])
    return lesson


def address_kept(*, lesson: Lesson, before: Lesson | None) -> None:
    """The address that the lesson had `before` leads to it, unless it still has it."""
    LessonAddress.objects.filter(course_id=lesson.course_id, slug=lesson.slug).delete()
    if before and (before.course_id, before.slug) != (lesson.course_id, lesson.slug):
        LessonAddress.objects.update_or_create(
            course_id=before.course_id, slug=before.slug, defaults={"lesson": lesson}
        )


@transaction.atomic
def lessons_refresh(*, course_id: int) -> int:
    """The course's content hashes are true, and each rendition that is not current has a job.

    Returns the number of jobs. Idempotent: a rendition under way is joined.
    """
    course = Course.objects.select_related("owner").filter(pk=course_id).first()
    if course is None:
        return 0
    context = course_context(course)
    for lesson in Lesson.objects.filter(course=course):
        content_hash = lesson_source(lesson, context).content_hash
        if content_hash != lesson.content_hash:
            Lesson.objects.filter(pk=lesson.pk).update(content_hash=content_hash)
    return _ask_for_renditions(Q(course=course))


def renditions_refresh() -> int:
    """Each lesson whose rendition is missing or of an older renderer has a job; their number."""
    return _ask_for_renditions(Q())


def _ask_for_renditions(where: Q) -> int:
    current = Q(
        rendition__content_hash=F("content_hash"), rendition__renderer_version=RENDERER_VERSION
    )
    stale = Lesson.objects.filter(where).exclude(
        pk__in=Lesson.objects.filter(where & current).values("pk")
    )
    rows = list(stale.values_list("pk", "content_hash", "title"))
    for lesson_id, content_hash, title in rows:
        job_submit(
            kind=RENDITION_KIND,
            params={"lesson_id": lesson_id},
            person_id=None,
            subject=f"lesson:{lesson_id}",
            title=title,
            dedup_key=f"{RENDITION_KIND}:{lesson_id}:{content_hash}:{RENDERER_VERSION}",
        )
    return len(rows)


def lesson_render(*, lesson_id: int) -> bool:
    """The lesson's rendition is current; False when the lesson is gone or changed meanwhile.

    Safe to run twice. Whoever changed the lesson has asked for another rendition.
    """
    lesson = Lesson.objects.select_related("course__owner").filter(pk=lesson_id).first()
    if lesson is None:
        return False
    source = lesson_source(lesson)
    return rendition_store(
        lesson_id=lesson_id,
        seen_hash=lesson.content_hash,
        content_hash=source.content_hash,
        rendered=render_lesson(source),
    )


@transaction.atomic
def rendition_store(
    *, lesson_id: int, seen_hash: str, content_hash: str, rendered: Rendered
) -> bool:
    """The rendition is stored, unless the lesson's hash is no longer `seen_hash`."""
    # Nothing updated: somebody changed the lesson while it was rendered.
    if not Lesson.objects.filter(pk=lesson_id, content_hash=seen_hash).update(
        content_hash=content_hash
    ):
        return False
    LessonRendition.objects.update_or_create(
        lesson_id=lesson_id,
        defaults={
            "content_hash": content_hash,
            "renderer_version": RENDERER_VERSION,
            "body_html": rendered.body_html,
            "preview_html": rendered.preview_html,
            "outline": list(rendered.outline),
            "preview_outline": list(rendered.preview_outline),
            "word_count": rendered.word_count,
            "minutes": rendered.minutes,
            "problem_code": rendered.problem_code,
            "problem": rendered.problem,
            "made_at": Now(),
        },
    )
    _show_figures(lesson_id=lesson_id, rendered=rendered)
    return True


def _show_figures(*, lesson_id: int, rendered: Rendered) -> None:
    LessonFigure.objects.filter(lesson_id=lesson_id).delete()
    figures = CourseFigure.objects.filter(course__lessons=lesson_id, name__in=rendered.figure_names)
    LessonFigure.objects.bulk_create(
        LessonFigure(
            lesson_id=lesson_id,
            figure=figure,
            in_preview=figure.name in rendered.preview_figure_names,
        )
        for figure in figures
    )


def lessons_set_status(*, lessons: QuerySet[Lesson], status: Status) -> int:
    """The lessons have this status; the number of those that had another."""
    ids = list(lessons.exclude(status=status).values_list("pk", flat=True))
    return Lesson.objects.filter(pk__in=ids).update(status=status, updated_at=Now())


@transaction.atomic
def lessons_delete(*, lessons: QuerySet[Lesson]) -> None:
    """The lessons are gone, and links to them with the next rendition of the others."""
    course_ids = set(lessons.order_by().values_list("course_id", flat=True))
    Lesson.objects.filter(pk__in=list(lessons.values_list("pk", flat=True))).delete()
    for course_id in course_ids:
        lessons_refresh(course_id=course_id)
