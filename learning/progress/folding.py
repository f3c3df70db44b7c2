"""What follows from events: pure, so that whatever is stored can be made anew.

A story is told in the order of (`occurred_at`, event id), whenever its events arrived. Reading
time is measured between arrivals by the database's clock, so no client can claim it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any, Final, TypeAlias
from uuid import UUID

from learning.progress.models import LessonProgress, ProgressEvent

GAP_SECONDS: Final = 60
"""Silence longer than this is no reading."""

FORM_GAP_SECONDS: Final = 30 * 60
"""As much counts from a page's load to the press of its form: without scripts it tells no more."""

BY_FORM: Final = "by_form"
"""Marks the data of the `opened` with which a form says that its page was read until now."""

BY_STAFF: Final = "by_staff"
"""Marks the data of an event that an instructor made: it is no activity of the learner."""

_Kind: TypeAlias = ProgressEvent.Kind
_State: TypeAlias = LessonProgress.State


@dataclass(frozen=True, slots=True)
class Happening:
    """An event of one lesson; `at` is when the database received it."""

    event_id: UUID
    kind: str
    lesson_id: int
    data: Mapping[str, Any]
    occurred_at: datetime
    at: datetime

    @property
    def order(self) -> tuple[datetime, UUID]:
        """Its place in the story."""
        return self.occurred_at, self.event_id

    @property
    def is_learners(self) -> bool:
        """Whether the learner was there."""
        return BY_STAFF not in self.data

    @property
    def is_opening(self) -> bool:
        """Whether the page was open at that moment, and no script had told of it since."""
        return self.kind == _Kind.OPENED

    @property
    def is_press(self) -> bool:
        """Whether a page without scripts was read until then."""
        return self.is_opening and BY_FORM in self.data


@dataclass(frozen=True, slots=True)
class LessonFold:
    """Where a learner stands in a lesson, as `LessonProgress` stores it."""

    state: str = _State.OPENED
    opened_at: datetime | None = None
    completed_at: datetime | None = None
    checkpoint: Mapping[str, Any] | None = None
    checkpoint_at: datetime | None = None
    seconds: int = 0
    rules_met: tuple[str, ...] = ()

    @property
    def is_completed(self) -> bool:
        """Whether the lesson counts as done."""
        return self.state == _State.COMPLETED


@dataclass(frozen=True, slots=True)
class CourseFold:
    """Where a learner stands in a course, as `CourseProgress` stores it.

    `completed_at` is when the last of the lessons that count was completed; None while one is
    missing.
    """

    release_id: int | None
    percent: int
    completed_count: int
    required_count: int
    completed_at: datetime | None
    last_lesson_id: int | None
    last_active_at: datetime | None


def lesson_folded(happenings: Iterable[Happening]) -> LessonFold:
    """What the events of one lesson come to, in whatever order they are given."""
    events = sorted(happenings, key=lambda happening: happening.order)
    fold = LessonFold()
    for event in events:
        fold = _told(fold, event)
    return replace(fold, seconds=_seconds_of(_arrivals(events)))


def lesson_continued(
    fold: LessonFold, happenings: Iterable[Happening], *, last_at: datetime | None
) -> LessonFold:
    """The same as folding all, where the given events are newer than all that `fold` knows.

    None of them is a press, for which it matters what came before. `last_at` is when the last of the learner's events before them was received.
    """
    events = sorted(happenings, key=lambda happening: happening.order)
    before = [_Arrival(last_at)] if last_at is not None else []
    seconds = fold.seconds + _seconds_of([*before, *_arrivals(events)])
    for event in events:
        fold = _told(fold, event)
    return replace(fold, seconds=seconds)


@dataclass(frozen=True, slots=True)
class _Arrival:
    """When one of the learner's events came, and what that says of the time before and after."""

    at: datetime
    is_opening: bool = False
    is_press: bool = False


def _arrivals(events: Iterable[Happening]) -> list[_Arrival]:
    return [
        _Arrival(event.at, event.is_opening, event.is_press)
        for event in events
        if event.is_learners
    ]


def _seconds_of(arrivals: Iterable[_Arrival]) -> int:
    """Whole seconds from the first to the last, as far as each gap was reading.

    Gaps are taken between whole seconds of the clock, so that many short ones lose nothing.
    """
    # By the moment alone: what came at the same one keeps its order in the story.
    in_turn = sorted(arrivals, key=lambda arrival: arrival.at)
    return sum(
        min(_bound_seconds(earlier, later), int(later.at.timestamp()) - int(earlier.at.timestamp()))
        for earlier, later in pairwise(in_turn)
    )


def _bound_seconds(earlier: _Arrival, later: _Arrival) -> int:
    """As much of the time between may count: opening the lesson anew ends time spent elsewhere."""
    if later.is_press:
        return FORM_GAP_SECONDS if earlier.is_opening else GAP_SECONDS
    return 0 if later.is_opening else GAP_SECONDS


def _told(fold: LessonFold, event: Happening) -> LessonFold:
    if fold.opened_at is None:
        fold = replace(fold, opened_at=event.occurred_at)
    if event.kind == _Kind.CHECKPOINT:
        return replace(fold, checkpoint=event.data, checkpoint_at=event.occurred_at)
    if event.kind == _Kind.COMPLETED and not fold.is_completed:
        return replace(fold, state=_State.COMPLETED, completed_at=event.occurred_at)
    if event.kind == _Kind.REOPENED:
        return replace(fold, state=_State.OPENED, completed_at=None)
    if event.kind == _Kind.RULE_MET:
        met = {*fold.rules_met, str(event.data.get("rule", ""))}
        return replace(fold, rules_met=tuple(sorted(met)))
    return fold


def percent_of(completed_count: int, required_count: int) -> int:
    """0 to 100, rounded down: 100 only when all are completed; 0 where nothing counts."""
    return 100 * completed_count // required_count if required_count else 0


def course_folded(
    lessons: Mapping[int, LessonFold],
    happenings: Sequence[Happening],
    *,
    release_id: int | None,
    required_ids: Collection[int],
) -> CourseFold:
    """What the lessons come to: only those of `required_ids` count."""
    done = [
        fold.completed_at
        for lesson_id, fold in lessons.items()
        if lesson_id in required_ids and fold.is_completed and fold.completed_at is not None
    ]
    own = [event for event in happenings if event.is_learners]
    last = max(own, key=lambda event: event.order, default=None)
    is_whole = bool(required_ids) and len(done) == len(required_ids)
    return CourseFold(
        release_id=release_id,
        percent=percent_of(len(done), len(required_ids)),
        completed_count=len(done),
        required_count=len(required_ids),
        completed_at=max(done) if is_whole else None,
        last_lesson_id=last.lesson_id if last else None,
        last_active_at=last.occurred_at if last else None,
    )
