"""What progress holds of a person, for the portrait."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from academy.accounts.portrait import register_section
from learning.enrolments.shown import known_courses
from learning.progress.models import CourseProgress, LessonProgress, ProgressEvent

_ROWS_AT_ONCE = 500
_Row = TypeVar("_Row", bound=Model)


def courses_progress_of(person_id: int) -> Iterator[Mapping[str, Any]]:
    rows = _known(CourseProgress.objects.filter(enrolment__person_id=person_id))
    for row in rows.select_related("enrolment__course").order_by("pk"):
        yield {
            "course": row.enrolment.course.slug,
            "percent": row.percent,
            "completed": row.completed_count,
            "of": row.required_count,
            "last_active_at": row.last_active_at,
            "completed_at": row.completed_at,
        }


def lessons_progress_of(person_id: int) -> Iterator[Mapping[str, Any]]:
    rows = _known(LessonProgress.objects.filter(enrolment__person_id=person_id))
    found = rows.select_related("enrolment__course", "lesson").order_by("pk")
    for row in found.iterator(chunk_size=_ROWS_AT_ONCE):
        yield {
            "course": row.enrolment.course.slug,
            "lesson": row.lesson.slug,
            "state": row.state,
            "opened_at": row.opened_at,
            "completed_at": row.completed_at,
            "checkpoint": row.checkpoint,
            "seconds_read": row.seconds,
        }


def events_of(person_id: int) -> Iterator[Mapping[str, Any]]:
    rows = _known(ProgressEvent.objects.filter(enrolment__person_id=person_id))
    found = rows.select_related("enrolment__course", "lesson").order_by("pk")
    for row in found.iterator(chunk_size=_ROWS_AT_ONCE):
        yield {
            "course": row.enrolment.course.slug,
            "lesson": row.lesson.slug,
            "what": row.kind,
            "data": row.data,
            "happened_at": row.occurred_at,
            "received_at": row.at,
        }


def _known(rows: QuerySet[_Row]) -> QuerySet[_Row]:
    """Without courses that were never published: nothing was done there, and nobody names them."""
    return rows.filter(known_courses("enrolment__course__"))


register_section("progress", courses_progress_of, title=_("How far you are"))
register_section("lessons", lessons_progress_of, title=_("Lessons that you opened"))
register_section("events", events_of, title=_("What you did in lessons"))
