"""The enrolment under its lock: what is written for one learner is written in turn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models.functions import Now
from django.utils.functional import cached_property

from learning.enrolments.dates import state_now
from learning.enrolments.models import Enrolment
from learning.progress.selectors.places import read_release_id, state_require_open
from learning.releases.models import ReleaseLesson


@dataclass(frozen=True, slots=True)
class Entry:
    """A lesson of the learner's release, as far as progress goes."""

    lesson_id: int
    is_required: bool
    completion: Mapping[str, Any]


@dataclass(frozen=True)
class LockedSeat:
    """One enrolment, its course loaded, until the transaction ends; `now` is the database's."""

    enrolment: Enrolment
    now: datetime
    state: str

    @property
    def release_id(self) -> int | None:
        """The release that the learner reads."""
        return read_release_id(self.enrolment)

    @cached_property
    def entries(self) -> Mapping[int, Entry]:
        """The lessons of the release by their ids; one query."""
        if self.release_id is None:
            return {}
        rows = ReleaseLesson.objects.filter(release_id=self.release_id).order_by("position")
        found = rows.values_list("lesson_id", "is_required", "completion")
        return {row[0]: Entry(*row) for row in found}

    @property
    def required_ids(self) -> frozenset[int]:
        """The lessons that count."""
        return frozenset(pk for pk, entry in self.entries.items() if entry.is_required)


def seat_lock(*, enrolment_id: int) -> LockedSeat | None:
    """The enrolment, locked until the transaction ends; None when there is none."""
    held = Enrolment.objects.select_for_update(of=("self",)).filter(pk=enrolment_id).order_by()
    if not held.values_list("pk"):
        return None
    # Read after the lock: what another transaction published meanwhile is seen.
    found = (
        Enrolment.objects.filter(pk=enrolment_id)
        .select_related("course", "person")
        .annotate(now=Now(), state=state_now())
        .get()
    )
    return LockedSeat(enrolment=found, now=found.now, state=found.state)


def seat_require_open(seat: LockedSeat) -> None:
    """Nothing happens where the person may learn at this moment.

    Raises:
        NotEnrolledError: they left the course, or were taken out.
        SeatSuspendedError: an instructor holds their enrolment.
        SeatNotBegunError: their cohort has not begun.
        SeatEndedError: their time is over.
    """
    state_require_open(seat.state)
