"""Where learners stop: each lesson of the newest release, the one that holds up most first."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import (
    BooleanField,
    Case,
    Count,
    ExpressionWrapper,
    F,
    IntegerField,
    Q,
    Value,
    When,
)
from django.db.models.functions import Least

from learning.classes.selectors import held_up
from learning.courses.models import Course
from learning.enrolments.models import Enrolment
from learning.progress.models import LessonProgress
from learning.releases.models import ReleaseLesson

_LONGEST_MINUTES: Final = 240


@dataclass(slots=True)
class _Tally:
    opened: int = 0
    completed: int = 0
    stuck: int = 0
    minutes: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class StuckLesson:
    """How learners fare in a lesson.

    `opened` counts all who have been in it, `stuck` those whom it holds up, `median_minutes` is
    the reading time of those who completed it: None while nobody has.
    """

    lesson_id: int
    number: int
    title: str
    is_required: bool
    opened: int
    completed: int
    stuck: int
    median_minutes: int | None

    @property
    def completed_percent(self) -> int:
        """Of those who opened it; 0 while nobody has."""
        return 100 * self.completed // self.opened if self.opened else 0


def stuck_lessons(course: Course, *, days: int) -> list[StuckLesson]:
    """The lessons of the newest release, most stuck first, then in their order; two queries.

    Learners who have withdrawn are left out.
    """
    if course.newest_release_id is None:
        return []
    entries = list(_entries(course.newest_release_id))
    tallies = _tallies(course, entries, days=days)
    found = [
        _lesson(number, entry, tallies.get(entry["lesson_id"]) or _Tally())
        for number, entry in enumerate(entries, start=1)
    ]
    return sorted(found, key=lambda lesson: (-lesson.stuck, lesson.number))


def _entries(release_id: int) -> Iterable[Mapping[str, Any]]:
    entries = ReleaseLesson.objects.filter(release_id=release_id).order_by("position")
    return entries.values("lesson_id", "is_required", title=F("revision__title"))


def _tallies(
    course: Course, entries: Sequence[Mapping[str, Any]], *, days: int
) -> dict[int, _Tally]:
    # Grouped by whole minutes: the median needs no row of a single learner in memory.
    minutes = ExpressionWrapper((F("seconds") + 30) / 60, output_field=IntegerField())
    withdrawn = Enrolment.objects.filter(course=course, status=Enrolment.Status.WITHDRAWN)
    rows = (
        # Lists instead of joins: no other row is read for each of many thousands.
        LessonProgress.objects.filter(lesson__in=[entry["lesson_id"] for entry in entries])
        .exclude(enrolment__in=withdrawn.order_by().values("pk"))
        .annotate(
            is_completed=_flag(Q(state=LessonProgress.State.COMPLETED)),
            is_stuck=_flag(Q(pk__in=held_up(course, days=days).order_by().values("pk"))),
            minutes=Case(
                When(
                    state=LessonProgress.State.COMPLETED,
                    then=Least(minutes, Value(_LONGEST_MINUTES)),
                ),
                default=Value(0),
                output_field=IntegerField(),
            ),
        )
        .order_by()
        .values("lesson_id", "is_completed", "is_stuck", "minutes")
        .annotate(learners=Count("pk"))
    )
    tallies: dict[int, _Tally] = {}
    for row in rows:
        _add(tallies.setdefault(row["lesson_id"], _Tally()), row)
    return tallies


def _flag(condition: Q) -> ExpressionWrapper[Any]:
    return ExpressionWrapper(condition, output_field=BooleanField())


def _add(tally: _Tally, row: dict[str, Any]) -> None:
    learners = row["learners"]
    tally.opened += learners
    if row["is_completed"]:
        tally.completed += learners
        tally.minutes[row["minutes"]] += learners
    if row["is_stuck"]:
        tally.stuck += learners


def _lesson(number: int, entry: Mapping[str, Any], tally: _Tally) -> StuckLesson:
    return StuckLesson(
        lesson_id=entry["lesson_id"],
        number=number,
        title=entry["title"],
        is_required=entry["is_required"],
        opened=tally.opened,
        completed=tally.completed,
        stuck=tally.stuck,
        median_minutes=_median(tally.minutes),
    )


def _median(counted: Counter[int]) -> int | None:
    """The lower median; None of nothing."""
    half = (counted.total() + 1) // 2
    for minutes in sorted(counted):
        half -= counted[minutes]
        if half <= 0 and counted.total():
            return minutes
    return None
