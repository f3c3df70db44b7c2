"""When an enrolment is open: decided by the database's clock, when it is read."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Greatest, Now
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from learning.enrolments.errors import DatesReversedError, DateUnusableError
from learning.enrolments.models import Enrolment

MAX_DAYS: Final = 36_500
"""A hundred years: more days than anything here lasts, and none that a calendar lacks."""

_EARLIEST: Final = datetime(1970, 1, 2, tzinfo=UTC)
_LATEST: Final = datetime(3000, 1, 1, tzinfo=UTC)


class State(models.TextChoices):
    """What an enrolment is at this moment."""

    OPEN = "open", _("Open")
    UPCOMING = "upcoming", _("Not begun")
    ENDED = "ended", _("Ended")
    SUSPENDED = "suspended", _("Suspended")
    WITHDRAWN = "withdrawn", _("Withdrawn")


def open_now(prefix: str = "") -> Q:
    """Enrolments in which the person may learn at this moment."""
    now = Now()
    begun = Q(**{f"{prefix}cohort__starts_at": None}) | Q(
        **{f"{prefix}cohort__starts_at__lte": now}
    )
    return holding_seats(prefix) & begun


def holding_seats(prefix: str = "") -> Q:
    """Enrolments that take a seat: active ones that have not ended, begun or not."""
    now = Now()

    def field(name: str) -> str:
        return f"{prefix}{name}"

    return (
        Q(**{field("status"): Enrolment.Status.ACTIVE})
        & (Q(**{field("expires_at"): None}) | Q(**{field("expires_at__gt"): now}))
        & (Q(**{field("cohort__ends_at"): None}) | Q(**{field("cohort__ends_at__gt"): now}))
    )


def good_key() -> Q:
    """Keys that open their course at this moment."""
    now = Now()
    return (
        Q(revoked_at=None)
        & (Q(expires_at=None) | Q(expires_at__gt=now))
        & (Q(max_uses=None) | Q(uses__lt=F("max_uses")))
        & (Q(cohort__ends_at=None) | Q(cohort__ends_at__gt=now))
    )


def state_now() -> Case:
    """The `State` of an enrolment at this moment."""
    return Case(
        When(status=Enrolment.Status.WITHDRAWN, then=Value(State.WITHDRAWN.value)),
        When(status=Enrolment.Status.SUSPENDED, then=Value(State.SUSPENDED.value)),
        When(open_now(), then=Value(State.OPEN.value)),
        When(holding_seats(), then=Value(State.UPCOMING.value)),
        default=Value(State.ENDED.value),
        output_field=models.CharField(),
    )


def usable_moment(at: datetime | None, *, attr: str) -> datetime | None:
    """The moment, aware; a naive one is meant in the current time zone.

    Raises:
        DateUnusableError: it lies outside of 1970 to 2999, where every calendar and database of
            ours can compute.
    """
    if at is None:
        return None
    try:
        aware = timezone.make_aware(at) if timezone.is_naive(at) else at
        usable = _EARLIEST <= aware.astimezone(UTC) < _LATEST
    except (OverflowError, ValueError):
        usable = False
    if not usable:
        raise DateUnusableError(gettext("A date here lies between 1970 and 3000."), attr=attr)
    return aware


def require_order(starts_at: datetime | None, ends_at: datetime | None, *, attr: str) -> None:
    """Nothing happens where the end comes after the start, or one of them is open.

    Raises:
        DatesReversedError: it does not.
    """
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise DatesReversedError(attr=attr)


def in_days(days: int | None, *, starts_at: datetime | None = None) -> Any:
    """The moment so many days from now, by the database's clock; None is none.

    They count from `starts_at` where that is later.
    """
    if days is None:
        return None
    length = timedelta(days=min(days, MAX_DAYS))
    if starts_at is None:
        return Now() + length
    start = Value(starts_at, output_field=models.DateTimeField())
    return Greatest(Now(), start) + length
