"""What those who teach a course see of its learners."""

from collections.abc import Collection
from typing import Any, Final, TypedDict

from django.db.models import F, QuerySet

from learning.courses.models import Course
from learning.enrolments.dates import state_now
from learning.enrolments.models import Enrolment
from learning.progress.models import CourseProgress
from learning.progress.selectors.documents import iso
from learning.progress.selectors.places import progress_row, with_title_read

_SHOWN: Final = (
    "person__username",
    "person__display_name",
    "course__slug",
    "progress__seq",
    "progress__percent",
    "progress__completed_count",
    "progress__required_count",
    "progress__last_active_at",
    "progress__last_lesson__slug",
)


class LearnerDocument(TypedDict):
    """Who it is; `id` is the person's, and `enrolment_id` what the class's addresses name."""

    id: int
    enrolment_id: int
    name: str


class LearnerProgressDocument(TypedDict):
    """One learner of a class; `last_lesson` is the permalink of the one they were in last.

    `last_lesson_title` is what the learner reads, empty without one; `state` is that of their enrolment at this moment.
    """

    learner: LearnerDocument
    state: str
    seq: int
    percent: int
    completed_count: int
    required_count: int
    last_lesson: str | None
    last_lesson_title: str
    last_active_at: str | None


def learners_of(course_id: int) -> QuerySet[Enrolment]:
    """Everybody who is or was enrolled, person and progress loaded, those active last first."""
    rows = Enrolment.objects.filter(course_id=course_id).select_related(
        "person", "course", "progress__last_lesson"
    )
    rows = with_title_read(rows.only(*_SHOWN), lesson="progress__last_lesson")
    rows = rows.annotate(state_now=state_now())
    return rows.order_by(F("progress__last_active_at").desc(nulls_last=True), "pk")


class FiguresDocument(TypedDict):
    """How far a learner is, and how often that changed."""

    seq: int
    percent: int
    completed_count: int
    required_count: int


def figures_of(enrolment_id: int) -> FiguresDocument:
    """The learner's figures: one query; zeros while there are none."""
    row = CourseProgress.objects.filter(pk=enrolment_id).first() or CourseProgress()
    return {
        "seq": row.seq,
        "percent": row.percent,
        "completed_count": row.completed_count,
        "required_count": row.required_count,
    }


def learner_documents(rows: Collection[Enrolment]) -> list[LearnerProgressDocument]:
    """What a class's list says of each; no query, with what `learners_of` loads."""
    return [_learner(row, row.course) for row in rows]


def _learner(enrolment: Any, course: Course) -> LearnerProgressDocument:
    row = progress_row(enrolment) or CourseProgress(enrolment_id=enrolment.pk)
    last = row.last_lesson
    return {
        "learner": {
            "id": enrolment.person_id,
            "enrolment_id": enrolment.pk,
            "name": str(enrolment.person),
        },
        "state": enrolment.state_now,
        "seq": row.seq,
        "percent": row.percent,
        "completed_count": row.completed_count,
        "required_count": row.required_count,
        "last_lesson": f"{course.slug}/{last.slug}" if last else None,
        "last_lesson_title": enrolment.title_read,
        "last_active_at": iso(row.last_active_at),
    }
