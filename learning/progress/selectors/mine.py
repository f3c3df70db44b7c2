"""What somebody's own pages show: their courses, and what they did last."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, F, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest

from academy.accounts.models import User
from academy.accounts.permissions import Person, signed_in
from learning.courses.models import Status, Visibility
from learning.courses.paths import course_path, lesson_path
from learning.enrolments.dates import State, state_now
from learning.enrolments.models import DripOverride, DripRule, Enrolment
from learning.enrolments.opening import openings_everywhere
from learning.enrolments.selectors import ends_at
from learning.enrolments.shown import COURSE_TEXTS, course_read
from learning.progress.models import CourseProgress, LessonProgress
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
from learning.rights.selectors import Seat, standing_with, taught_courses
from scheduler.jobs.models import JobWatch

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


@dataclass(frozen=True, slots=True)
class ClosedCourse:
    """A course in which somebody has a place or had one, and may not learn at this moment.

    `starts_at` is told of one that has not begun, `ends_at` of one that has ended; `url` is empty
    where only enrolled people see the course.
    """

    title: str
    language: str
    url: str
    state: State
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class MyLearning:
    """All courses that somebody has a place in, or was put out of; not those that they left.

    `moments` are those of `news_of` when they were read, and `teaches` says whether the person also
    teaches a course; both None without a place anywhere.
    """

    courses: Sequence[MyCourse]
    closed: Sequence[ClosedCourse]
    moments: Sequence[datetime | None] | None = None
    teaches: bool | None = None


def news_of(person_field: str) -> dict[str, Subquery]:
    """When the person of a row told anything last, and when they asked for a job last."""
    told = CourseProgress.objects.filter(enrolment__person_id=OuterRef(person_field)).order_by()
    newest = told.values("enrolment__person_id").annotate(newest=Max("changed_at"))
    asked = JobWatch.objects.filter(person_id=OuterRef(person_field)).order_by("-asked_at")
    return {
        "told_last": Subquery(newest.values("newest")),
        "asked_last": Subquery(asked.values("asked_at")[:1]),
    }


def my_courses(person: Person) -> Sequence[MyCourse]:
    """Those of `my_learning` in which the person may learn now."""
    return my_learning(person).courses


def my_learning(person: Person) -> MyLearning:
    """The person's courses, those of the last days first.

    Two queries, however many courses and lessons, and at most four more where some lessons open
    by rules.
    """
    someone = signed_in(person)
    if someone is None:
        return MyLearning(courses=(), closed=())
    mine: list[Any] = list(
        Enrolment.objects.filter(person_id=someone.pk, course__status=Status.PUBLISHED)
        .exclude(status=Enrolment.Status.WITHDRAWN, is_barred=False)
        .select_related("course__newest_release", "release", "progress", "cohort")
        .defer(*COURSE_TEXTS)
        .annotate(
            state_now=state_now(),
            **news_of("person_id"),
            # One of the person, and asked with their courses to save a query.
            teaches=Exists(taught_courses(someone)),
            has_rules=Exists(DripRule.objects.filter(lesson__course_id=OuterRef("course_id"))),
            has_exceptions=Exists(
                DripOverride.objects.filter(lesson__course_id=OuterRef("course_id"))
            ),
        )
        .order_by(F("progress__last_active_at").desc(nulls_last=True), "-pk")
    )
    seats = [seat for seat in mine if seat.state_now == State.OPEN]
    places, marks = places_and_marks(
        {read_release_id(seat) for seat in seats}, enrolment_ids=[seat.pk for seat in seats]
    )
    closed = _closed(someone, seats, places)
    return MyLearning(
        courses=[
            _my_course(seat, places.get(read_release_id(seat), []), marks, closed) for seat in seats
        ],
        closed=[_closed_course(seat) for seat in mine if seat.state_now != State.OPEN],
        moments=[getattr(mine[0], name) for name in news_of("person_id")] if mine else None,
        teaches=mine[0].teaches if mine else None,
    )


def _closed_course(seat: Any) -> ClosedCourse:
    shown, state = course_read(seat), State(seat.state_now)
    is_shown = seat.course.visibility != Visibility.ENROLLED
    return ClosedCourse(
        title=shown.title,
        language=shown.language,
        url=course_path(seat.course.slug) if is_shown else "",
        state=state,
        starts_at=seat.cohort.starts_at if state is State.UPCOMING and seat.cohort else None,
        ends_at=ends_at(seat) if state is State.ENDED else None,
    )


def _closed(
    person: User, seats: Sequence[Any], places: Mapping[int | None, Sequence[EntryPlace]]
) -> frozenset[int]:
    """The lessons that do not stand open to the person yet; no query where none has a rule."""
    lessons = {
        seat.course: [entry.lesson_id for entry in places.get(read_release_id(seat), [])]
        for seat in seats
        if seat.has_rules or seat.has_exceptions
    }
    if not lessons:
        return frozenset()
    taken = {
        seat.course_id: Seat(enrolment_id=seat.pk, release_id=seat.release_id) for seat in seats
    }
    found = openings_everywhere(standing=standing_with(person, seats=taken), lessons=lessons)
    return frozenset(pk for pk, opening in found.items() if not opening.is_open)


def _my_course(
    seat: Enrolment,
    entries: Sequence[EntryPlace],
    marks: Mapping[int, Mark],
    closed: Collection[int],
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
        resume=resume_place(course.slug, entries, marks, last_lesson_id=last_id, closed=closed),
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
                )
                .order_by()
                .values("revision__title")[:1]
            ),
            # Unordered, as above: an order by the course would join it, and `reads`, which Django
            # writes out within, would then mean that course and not the learner's.
            course_title=Subquery(
                Release.objects.filter(pk=OuterRef("reads")).order_by().values("title")[:1]
            ),
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
