"""What somebody's own pages show: their courses, and what they did last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest

from academy.accounts.permissions import Person, signed_in
from learning.courses.models import Status
from learning.courses.paths import course_path, lesson_path
from learning.enrolments.dates import open_now
from learning.enrolments.models import Enrolment
from learning.enrolments.shown import COURSE_TEXTS, course_read
from learning.progress.models import LessonProgress
from learning.progress.selectors.places import (
    EntryPlace,
    Mark,
    Place,
    places_and_marks,
    progress_row,
    read_release,
    read_release_id,
    resume_place,
)
from learning.releases.models import Release, ReleaseLesson

ACTIVITY_ROWS: Final = 20


@dataclass(frozen=True, slots=True)
class MyCourse:
    """A course that somebody is enrolled in; `resume` is None where there is no lesson."""

    course_id: int
    enrolment_id: int
    slug: str
    title: str
    url: str
    language: str
    percent: int
    completed_count: int
    required_count: int
    last_active_at: datetime | None
    resume: Place | None


@dataclass(frozen=True, slots=True)
class Activity:
    """What somebody did last in a lesson: `opened`, `checkpoint` or `completed`."""

    kind: str
    title: str
    permalink: str
    url: str
    course_title: str
    at: datetime


def my_courses(person: Person) -> list[MyCourse]:
    """The courses in which the person may learn now, those of the last days first.

    Two queries, however many courses and lessons.
    """
    someone = signed_in(person)
    if someone is None:
        return []
    seats = list(
        Enrolment.objects.filter(open_now(), person_id=someone.pk, course__status=Status.PUBLISHED)
        .select_related("course__newest_release", "release", "progress")
        .defer(*COURSE_TEXTS)
        .order_by(F("progress__last_active_at").desc(nulls_last=True), "-pk")
    )
    places, marks = places_and_marks(
        {read_release_id(seat) for seat in seats}, enrolment_ids=[seat.pk for seat in seats]
    )
    return [_my_course(seat, places.get(read_release_id(seat), []), marks) for seat in seats]


def _my_course(
    seat: Enrolment, entries: Sequence[EntryPlace], marks: Mapping[int, Mark]
) -> MyCourse:
    row = progress_row(seat)
    course, shown = seat.course, course_read(seat)
    last_id = row.last_lesson_id if row else None
    return MyCourse(
        course_id=course.pk,
        enrolment_id=seat.pk,
        slug=course.slug,
        title=shown.title,
        url=course_path(course.slug),
        language=shown.language,
        percent=row.percent if row else 0,
        completed_count=row.completed_count if row else 0,
        required_count=row.required_count if row else 0,
        last_active_at=row.last_active_at if row else None,
        resume=resume_place(course.slug, entries, marks, last_lesson_id=last_id),
    )


def recent_activity(person: Person, *, rows: int = ACTIVITY_ROWS) -> list[Activity]:
    """What the person did last, one line for each lesson, the newest first: one query.

    Lessons and courses have the titles that the person reads.
    """
    someone = signed_in(person)
    if someone is None:
        return []
    found = (
        LessonProgress.objects.filter(
            enrolment__person_id=someone.pk, enrolment__course__status=Status.PUBLISHED
        )
        .annotate(
            at=Greatest(
                Coalesce("completed_at", "opened_at"), Coalesce("checkpoint_at", "opened_at")
            ),
            reads=read_release("enrolment__"),
        )
        .annotate(
            title=Subquery(
                ReleaseLesson.objects.filter(
                    release_id=OuterRef("reads"), lesson_id=OuterRef("lesson_id")
                ).values("revision__title")[:1]
            ),
            course_title=Subquery(Release.objects.filter(pk=OuterRef("reads")).values("title")[:1]),
        )
        # What left the learner's release cannot be gone back to.
        .filter(at__isnull=False, title__isnull=False)
        .order_by("-at", "-pk")
        .values_list(
            "at",
            "state",
            "checkpoint_at",
            "title",
            "lesson__slug",
            "enrolment__course__slug",
            "course_title",
        )[:rows]
    )
    return [
        Activity(
            kind=_kind(at, state=state, checkpoint_at=checkpoint_at),
            title=title,
            permalink=f"{course_slug}/{slug}",
            url=lesson_path(f"{course_slug}/{slug}"),
            course_title=course_title,
            at=at,
        )
        for at, state, checkpoint_at, title, slug, course_slug, course_title in found
    ]


def _kind(at: datetime, *, state: str, checkpoint_at: datetime | None) -> str:
    # A place that is kept after the end of a lesson does not make it less done.
    if state == LessonProgress.State.COMPLETED:
        return "completed"
    return "checkpoint" if at == checkpoint_at else "opened"
