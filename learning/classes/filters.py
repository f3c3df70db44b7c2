"""What the class's page is asked to show: allow-lists for everything."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from academy.platform.documents.text import clean_text
from learning.enrolments.dates import State

STUCK_DAYS: Final = 7
"""A lesson that was opened this many days ago and is not completed holds its learner up."""

STUCK_DAY_CHOICES: Final = (3, 7, 14, 30)
NO_COHORT: Final = "none"
_MOST_CHARACTERS: Final = 100
_ID_DIGITS: Final = 18


ORDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "-progress": ("-progress_percent", "shown_name", "pk"),
    "progress": ("progress_percent", "shown_name", "pk"),
    "name": ("shown_name", "pk"),
    "-name": ("-shown_name", "-pk"),
    "-active": ("-last_active_or_never", "shown_name", "pk"),
    "active": ("last_active_or_never", "shown_name", "pk"),
    "-started": ("-started_at", "-pk"),
    "started": ("started_at", "pk"),
}


@dataclass(frozen=True, slots=True)
class ClassFilter:
    """Which learners, in which order.

    `state` empty: everybody who has not withdrawn. `cohort`: an id, `none`, or empty for all.
    `lesson_id`: those whom that lesson holds up.
    """

    words: str = ""
    state: str = ""
    cohort: str = ""
    is_stuck: bool = False
    lesson_id: int | None = None
    days: int = STUCK_DAYS
    order: str = "-progress"

    @property
    def is_narrow(self) -> bool:
        """Whether somebody may be missing because of what was asked."""
        return bool(self.words or self.state or self.cohort or self.is_stuck)


def filter_of(params: Mapping[str, str]) -> ClassFilter:
    """What `params` ask for; what is not allowed is ignored."""
    state = params.get("state", "")
    cohort = params.get("cohort", "")
    order = params.get("ordering", "")
    lesson = number_of(params.get("lesson", ""))
    return ClassFilter(
        words=clean_text(params.get("q", "")).strip()[:_MOST_CHARACTERS],
        state=state if state in State.values else "",
        cohort=cohort if cohort == NO_COHORT or number_of(cohort) is not None else "",
        is_stuck=params.get("stuck") == "1" or lesson is not None,
        lesson_id=lesson,
        days=days_of(params),
        order=order if order in ORDERS else "-progress",
    )


def days_of(params: Mapping[str, str]) -> int:
    """How many days hold somebody up."""
    days = number_of(params.get("days", ""))
    return days if days in STUCK_DAY_CHOICES else STUCK_DAYS


def number_of(text: str) -> int | None:
    """An id; None for what is none, or larger than any."""
    if not (text.isascii() and text.isdigit()) or len(text) > _ID_DIGITS:
        return None
    return int(text)
