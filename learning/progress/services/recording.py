"""Telling what a learner did: the one way in for sockets, programs and forms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from academy.accounts.models import User
from academy.accounts.permissions import require
from academy.platform.errors import AcademyError
from learning.enrolments.dates import usable_moment
from learning.enrolments.opening import Opening, openings
from learning.progress.errors import (
    CheckpointUnusableError,
    EventIdTakenError,
    EventUnusableError,
    LessonNotInReleaseError,
    LessonNotOpenError,
    NotEnrolledError,
    RulesUnmetError,
    TooManyEventsError,
)
from learning.progress.folding import BY_FORM, LessonFold
from learning.progress.models import ProgressEvent
from learning.progress.rules import Facts, explained, is_measured, met_keys
from learning.progress.selectors.documents import has_rules
from learning.progress.services.figures import course_fold_now, course_row_write
from learning.progress.services.notebook import Notebook
from learning.progress.services.seats import LockedSeat, seat_lock, seat_require_open
from learning.progress.services.stored import lesson_rows_write
from learning.progress.telling import NO_LESSON
from learning.rights.selectors import standing_of

MAX_EVENTS: Final = 100
STILL_SECONDS: Final = 5
"""Within this time a checkpoint that moves nothing is accepted, but not kept."""
_STILL_FRACTION: Final = 0.01
_MAX_ANCHOR_CHARACTERS: Final = 200
_Kind = ProgressEvent.Kind
_TOLD: Final = frozenset({_Kind.OPENED, _Kind.CHECKPOINT, _Kind.COMPLETED, _Kind.REOPENED})


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What a client says that happened; without `occurred_at` it happens now.

    `event_id` is the client's own. A checkpoint's `data` is `{"anchor", "fraction"}`. `by_form`:
    a page without scripts was read until now, which counts even where the event is refused.
    """

    event_id: UUID
    kind: str
    lesson_id: int
    data: Mapping[str, Any]
    occurred_at: datetime | None = None
    by_form: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one event; `error` is why it was refused."""

    event_id: UUID
    replayed: bool = False
    error: AcademyError | None = None

    @property
    def accepted(self) -> bool:
        """Whether the event counts, now or since it was first told."""
        return self.error is None

    @property
    def code(self) -> str:
        """The refusal's code; empty for what was accepted."""
        return self.error.code if self.error else ""

    @property
    def detail(self) -> str:
        """The refusal in a sentence for the learner."""
        return str(self.error) if self.error else ""


def progress_record(
    *, enrolment_id: int, events: Sequence[NewEvent], acting_user: User
) -> list[Outcome]:
    """Every event that may count is stored, once, and the learner's progress follows from it.

    The outcomes stand in the order of the events. An id that is known changes nothing and says
    `replayed`; of another lesson or kind it is refused. One refused event does not stop the others. Lessons whose rules are met without
    being marked complete themselves.

    Raises:
        NotEnrolledError: it is not the person's enrolment, or it was withdrawn.
        SeatSuspendedError, SeatNotBegunError, SeatEndedError: nothing can be told just now.
        NotFoundError: the course was taken back, and the person does not teach it.
        TooManyEventsError: more than `MAX_EVENTS`.
    """
    if len(events) > MAX_EVENTS:
        raise TooManyEventsError
    with transaction.atomic():
        seat = seat_lock(enrolment_id=enrolment_id)
        if seat is None or seat.enrolment.person_id != acting_user.pk:
            raise NotEnrolledError
        seat_require_open(seat)
        if seat.enrolment.course.is_draft:
            # Taken back while pages were open; who teaches it may go on.
            require(acting_user, "progress.write", seat.enrolment.course)
        return _Recording(seat, events).told()


@dataclass(frozen=True, slots=True)
class _Told:
    """What an id was told of; `course_id` is that of the lesson now."""

    kind: str
    lesson_id: int
    course_id: int

    def is_of(self, event: NewEvent, *, course_id: int) -> bool:
        """Whether the event is the same, told again.

        Where in the lesson is not compared: of one id the first place counts. A lesson that left
        the course is found there under no name any more.
        """
        is_lesson = event.lesson_id == self.lesson_id or (
            event.lesson_id == NO_LESSON and self.course_id != course_id
        )
        return is_lesson and event.kind == self.kind


class _Recording:
    """One call, under the lock of its enrolment."""

    def __init__(self, seat: LockedSeat, events: Sequence[NewEvent]) -> None:
        self._seat = seat
        self._events = events
        self._lesson_ids = {event.lesson_id for event in events} & set(seat.entries)
        self._notebook = Notebook(seat, self._lesson_ids)
        self._openings = _openings(seat, self._lesson_ids)
        rows = ProgressEvent.objects.filter(
            enrolment_id=seat.enrolment.pk, event_id__in=[event.event_id for event in events]
        )
        self._known = {
            row.event_id: _Told(row.kind, row.lesson_id, row.lesson.course_id)
            for row in rows.select_related("lesson")
            .only("event_id", "kind", "lesson__course_id")
            .order_by()
        }

    def told(self) -> list[Outcome]:
        moments = _moments(self._events, now=self._seat.now)
        outcomes = [
            self._one(event, occurred_at)
            for event, occurred_at in zip(self._events, moments, strict=True)
        ]
        for lesson_id in sorted(self._notebook.news):
            self._complete_by_rules(lesson_id)
        self._store()
        return outcomes

    def _one(self, event: NewEvent, occurred_at: datetime) -> Outcome:
        known = self._known.get(event.event_id)
        if known is not None:
            if known.is_of(event, course_id=self._seat.enrolment.course_id):
                return Outcome(event.event_id, replayed=True)
            return Outcome(event.event_id, error=EventIdTakenError())
        try:
            self._require(event)
            if event.by_form:
                self._write_reading(event.lesson_id, occurred_at)
            self._write(event, occurred_at)
        except AcademyError as error:
            return Outcome(event.event_id, error=error)
        self._known[event.event_id] = _Told(
            event.kind, event.lesson_id, self._seat.enrolment.course_id
        )
        return Outcome(event.event_id)

    def _require(self, event: NewEvent) -> None:
        if event.kind not in _TOLD:
            raise EventUnusableError
        usable_moment(event.occurred_at, attr="at")
        if event.lesson_id not in self._lesson_ids:
            raise LessonNotInReleaseError
        opening = self._openings.get(event.lesson_id)
        if opening is not None and not opening.is_open:
            raise LessonNotOpenError(opening.sentence)

    def _write_reading(self, lesson_id: int, until: datetime) -> None:
        """Where the lesson measures reading and is not done, its page was open until then."""
        if not is_measured(self._seat.entries[lesson_id].completion):
            return
        if self._notebook.fold(lesson_id).is_completed:
            return
        self._notebook.write(
            self._notebook.happening(
                kind=_Kind.OPENED,
                lesson_id=lesson_id,
                data={BY_FORM: True},
                # Before what the form tells, which arrives with it.
                occurred_at=until - timedelta(microseconds=1),
            )
        )

    def _write(self, event: NewEvent, occurred_at: datetime) -> None:
        data = checkpoint_data(event.data) if event.kind == _Kind.CHECKPOINT else {}
        happening = self._notebook.happening(
            kind=event.kind,
            lesson_id=event.lesson_id,
            data=data,
            occurred_at=occurred_at,
            event_id=event.event_id,
        )
        before = self._notebook.fold(event.lesson_id)
        if event.kind == _Kind.COMPLETED and not before.is_completed:
            after = self._notebook.fold(event.lesson_id, happening)
            self._require_rules(event.lesson_id, after)
        is_heartbeat = event.kind == _Kind.CHECKPOINT and not event.by_form
        if is_heartbeat and self._is_still(event.lesson_id, before, data):
            after = self._notebook.fold(event.lesson_id, happening)
            if self._rules_met(event.lesson_id, after) == self._rules_met(event.lesson_id, before):
                return
        self._notebook.write(happening)

    def _require_rules(self, lesson_id: int, fold: LessonFold) -> None:
        facts = self._facts(lesson_id, fold, is_marked=True)
        explanation = explained(self._seat.entries[lesson_id].completion, facts)
        if not explanation.is_met:
            raise RulesUnmetError(explanation.missing_text)

    def _is_still(self, lesson_id: int, fold: LessonFold, data: Mapping[str, Any]) -> bool:
        last_at = self._notebook.last_at(lesson_id)
        if fold.checkpoint is None or last_at is None:
            return False
        if self._seat.now - last_at > timedelta(seconds=STILL_SECONDS):
            return False
        moved: float = abs(data["fraction"] - fold.checkpoint["fraction"])
        return moved < _STILL_FRACTION and bool(data["anchor"] == fold.checkpoint["anchor"])

    def _rules_met(self, lesson_id: int, fold: LessonFold) -> list[str]:
        facts = self._facts(lesson_id, fold, is_marked=False)
        return met_keys(self._seat.entries[lesson_id].completion, facts)

    def _complete_by_rules(self, lesson_id: int) -> None:
        """Rules that are met are told; where no mark is needed, so is the completion.

        A lesson that the learner opened anew is done again when they say so.
        """
        notebook, completion = self._notebook, self._seat.entries[lesson_id].completion
        fold = notebook.fold(lesson_id)
        facts = self._facts(lesson_id, fold, is_marked=False)
        for key in met_keys(completion, facts):
            if key not in fold.rules_met:
                notebook.write(
                    notebook.happening(kind=_Kind.RULE_MET, lesson_id=lesson_id, data={"rule": key})
                )
        if fold.is_completed or notebook.was_reopened(lesson_id):
            return
        if explained(completion, facts).is_met:
            notebook.write(
                notebook.happening(kind=_Kind.COMPLETED, lesson_id=lesson_id, data={"by": "rules"})
            )

    def _facts(self, lesson_id: int, fold: LessonFold, *, is_marked: bool) -> Facts:
        return Facts(
            enrolment_id=self._seat.enrolment.pk,
            lesson_id=lesson_id,
            seconds=fold.seconds,
            is_marked=is_marked,
        )

    def _store(self) -> None:
        notebook, seat = self._notebook, self._seat
        if not notebook.news:
            return
        folds = {lesson_id: notebook.fold(lesson_id) for lesson_id in notebook.news}
        ProgressEvent.objects.bulk_create(notebook.rows_of_news())
        changed = lesson_rows_write(enrolment_id=seat.enrolment.pk, folds=folds, rows=notebook.rows)
        fold = course_fold_now(seat=seat, notebook=notebook)
        course_row_write(seat=seat, fold=fold, has_changed=bool(changed))


def checkpoint_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """The place in a lesson that `data` names.

    Raises:
        CheckpointUnusableError: it names none.
    """
    anchor, fraction = data.get("anchor", ""), data.get("fraction", 0)
    if not isinstance(anchor, str) or len(anchor) > _MAX_ANCHOR_CHARACTERS or "\x00" in anchor:
        raise CheckpointUnusableError
    if isinstance(fraction, bool) or not isinstance(fraction, int | float):
        raise CheckpointUnusableError
    if not 0 <= fraction <= 1:
        raise CheckpointUnusableError
    return {"anchor": anchor, "fraction": round(float(fraction), 4)}


def _openings(seat: LockedSeat, lesson_ids: set[int]) -> Mapping[int, Opening]:
    if not has_rules(lesson_ids):
        return {}
    course = seat.enrolment.course
    standing = standing_of(seat.enrolment.person, course_id=course.pk)
    return openings(standing=standing, course=course, lesson_ids=sorted(lesson_ids))


def _moments(events: Sequence[NewEvent], *, now: datetime) -> list[datetime]:
    """When each happened: as the client says, but never after now.

    A clock that is ahead keeps the order in which its client told the events.
    """
    told = [event.occurred_at or now for event in events]
    order = sorted(range(len(told)), key=told.__getitem__)
    rank = {index: place for place, index in enumerate(reversed(order))}
    return [min(moment, now - timedelta(microseconds=rank[n])) for n, moment in enumerate(told)]
