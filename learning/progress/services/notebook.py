"""One learner's events and what they come to, while new ones are written."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Count, Max, Q

from learning.progress.folding import (
    BY_STAFF,
    Happening,
    LessonFold,
    lesson_continued,
    lesson_folded,
)
from learning.progress.models import LessonProgress, ProgressEvent
from learning.progress.services.seats import LockedSeat
from learning.progress.services.stored import fold_of, happening_of

_BY_LEARNER = Q(**{f"data__{BY_STAFF}__isnull": True})


@dataclass(frozen=True, slots=True)
class _Known:
    """What is stored of a lesson: its fold, and how new its newest events are."""

    fold: LessonFold
    newest: datetime | None = None
    last_at: datetime | None = None
    last_at_of_learner: datetime | None = None
    was_reopened: bool = False


@dataclass
class Notebook:
    """Reads what is known of some lessons in two queries; writes all that is new at once.

    A learner's thousand checkpoints are not read again for the next one: a new event that is
    newer than all others goes on from the stored fold. A late one makes the lesson's be told
    from the beginning.
    """

    seat: LockedSeat
    lesson_ids: Collection[int]
    news: dict[int, list[Happening]] = field(default_factory=lambda: defaultdict(list))
    by_person: dict[UUID, int | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        pk = self.seat.enrolment.pk
        stored = LessonProgress.objects.filter(enrolment_id=pk, lesson_id__in=self.lesson_ids)
        self.rows = {row.lesson_id: row for row in stored}
        ages = list(
            ProgressEvent.objects.filter(enrolment_id=pk, lesson_id__in=self.lesson_ids)
            .order_by()
            .values("lesson_id")
            .annotate(
                newest=Max("occurred_at"),
                last_at=Max("at"),
                last_at_of_learner=Max("at", filter=_BY_LEARNER),
                reopened=Count("pk", filter=Q(kind=ProgressEvent.Kind.REOPENED)),
            )
        )
        self._known = {
            age["lesson_id"]: _Known(
                fold=fold_of(self.rows[age["lesson_id"]]),
                newest=age["newest"],
                last_at=age["last_at"],
                last_at_of_learner=age["last_at_of_learner"],
                was_reopened=bool(age["reopened"]),
            )
            for age in ages
            if age["lesson_id"] in self.rows
        }
        # A lesson without an age has no events to read.
        known = {row["lesson_id"] for row in ages}
        self._whole: dict[int, list[Happening]] = {
            lesson_id: [] for lesson_id in self.lesson_ids if lesson_id not in known
        }

    def fold(self, lesson_id: int, *more: Happening) -> LessonFold:
        """Where the learner stands in the lesson, with `more` as if it were written."""
        fresh = [*self.news.get(lesson_id, ()), *more]
        known = self._known.get(lesson_id)
        if known is not None and _goes_on(known, fresh):
            return lesson_continued(known.fold, fresh, last_at=known.last_at_of_learner)
        return lesson_folded([*self._all(lesson_id), *fresh])

    def stored_fold(self, lesson_id: int) -> LessonFold:
        """Where the learner stood before."""
        known = self._known.get(lesson_id)
        return known.fold if known else LessonFold()

    def last_at(self, lesson_id: int) -> datetime | None:
        """When the last event of the lesson was received, this call's included."""
        if self.news.get(lesson_id):
            return self.seat.now
        known = self._known.get(lesson_id)
        return known.last_at if known else None

    def was_reopened(self, lesson_id: int) -> bool:
        """Whether the learner ever took the lesson up again."""
        known = self._known.get(lesson_id)
        return (known is not None and known.was_reopened) or any(
            event.kind == ProgressEvent.Kind.REOPENED for event in self.news.get(lesson_id, ())
        )

    def happening(
        self,
        *,
        kind: str,
        lesson_id: int,
        data: dict[str, Any],
        occurred_at: datetime | None = None,
        event_id: UUID | None = None,
    ) -> Happening:
        """An event of this moment; without an id of a client's it gets one of ours."""
        return Happening(
            event_id=event_id or uuid4(),
            kind=kind,
            lesson_id=lesson_id,
            data=data,
            occurred_at=occurred_at or self.seat.now,
            at=self.seat.now,
        )

    def write(self, happening: Happening, *, by: int | None = None) -> None:
        """The event is part of the story from now on."""
        self.news[happening.lesson_id].append(happening)
        self.by_person[happening.event_id] = by

    def events(self) -> Sequence[Happening]:
        """All that is new."""
        return [event for events in self.news.values() for event in events]

    def rows_of_news(self) -> list[ProgressEvent]:
        """The new events as rows, in the order in which they were written."""
        return [
            ProgressEvent(
                enrolment_id=self.seat.enrolment.pk,
                lesson_id=event.lesson_id,
                event_id=event.event_id,
                kind=event.kind,
                data=dict(event.data),
                by_id=self.by_person[event.event_id],
                occurred_at=event.occurred_at,
                at=event.at,
            )
            for event in self.events()
        ]

    def _all(self, lesson_id: int) -> list[Happening]:
        if lesson_id not in self._whole:
            rows = ProgressEvent.objects.filter(
                enrolment_id=self.seat.enrolment.pk, lesson_id=lesson_id
            )
            self._whole[lesson_id] = [happening_of(row) for row in rows.order_by()]
        return self._whole[lesson_id]


def _goes_on(known: _Known, fresh: Sequence[Happening]) -> bool:
    if known.newest is None or known.last_at is None:
        return False
    return all(
        event.occurred_at > known.newest and event.at >= known.last_at and not event.is_press
        for event in fresh
    )
