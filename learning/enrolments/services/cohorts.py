"""Cohorts: people who go through a course together."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.accounts.models import User
from academy.platform.documents.text import clean_line
from academy.platform.errors import InvalidInputError
from learning.enrolments.dates import (
    MAX_DAYS,
    holding_seats,
    in_days,
    require_order,
    usable_moment,
)
from learning.enrolments.errors import CohortNotFoundError, DatesReversedError, NameTakenError
from learning.enrolments.models import Cohort, Enrolment, EnrolmentKey
from learning.enrolments.services.holding import cohort_now
from learning.enrolments.services.seats import seats_kept
from learning.enrolments.signals import openings_changed

MAX_NAME_CHARACTERS: Final = 120
COHORT_FIELDS: Final = ("name", "starts_at", "ends_at")


def cohort_save(
    *, cohort: Cohort, acting_user: User, fields: Collection[str] = COHORT_FIELDS
) -> Cohort:
    """The cohort is made, or has what `fields` names as it stands here, and the rest as it is kept.

    Its dates hold for its people from now on. Where its start moves, so do the ends that the
    course's days gave them from the start. Returns it as it is kept.

    Raises:
        InvalidInputError: it has no name, or too long a one.
        DateUnusableError, DatesReversedError: its dates are none that can be used, or somebody's
            own end would come before the start.
        NameTakenError: the course has one of that name.
        CourseFullError: its end moves on, and its people's seats were taken meanwhile.
        CohortNotFoundError: it is gone.
    """
    values = {name: _usable(name, getattr(cohort, name)) for name in fields}
    is_new = cohort.pk is None
    with seats_kept(course_id=cohort.course_id) as course:
        # Read again: what somebody else has changed or deleted meanwhile stays so.
        row = cohort if is_new else cohort_now(cohort)
        started_at = row.starts_at
        moves = is_new or started_at != values.get("starts_at", started_at)
        for name, value in values.items():
            setattr(row, name, value)
        require_order(row.starts_at, row.ends_at, attr="ends_at")
        try:
            with transaction.atomic():
                row.save(update_fields=None if is_new else list(values))
        except IntegrityError:
            raise NameTakenError(attr="name") from None
        row.refresh_from_db(fields=["created_at"])
        if moves and not is_new:
            _move_ends(row, started_at, days=course.enrolment_days)
        if moves:
            # What opens some days after the start opens at another time.
            _tell(row)
    return row


def _move_ends(cohort: Cohort, started_at: datetime | None, *, days: int | None) -> None:
    people = Enrolment.objects.filter(cohort=cohort)
    if days is not None and started_at is not None:
        given = started_at + timedelta(days=min(days, MAX_DAYS))
        ends = in_days(days, starts_at=cohort.starts_at)
        people.filter(expires_at=given).update(expires_at=ends)
    if cohort.starts_at is None:
        return
    late = people.filter(holding_seats(), expires_at__lte=cohort.starts_at).count()
    if late:
        raise DatesReversedError(
            ngettext(
                "For %(count)d person, the access ends before this start.",
                "For %(count)d people, the access ends before this start.",
                late,
            )
            % {"count": late},
            attr="starts_at",
        )


def cohort_delete(*, cohort: Cohort, acting_user: User) -> None:
    """The cohort is gone; its people stay in the course, without its dates, and its keys end.

    Raises:
        CohortNotFoundError: it is gone already.
        CourseFullError: it had ended, and its people's seats were taken meanwhile.
    """
    with seats_kept(course_id=cohort.course_id):
        # While its people can still be found by it.
        _tell(cohort)
        # They let people in for its dates: without those, they would for as long as the course is.
        EnrolmentKey.objects.filter(cohort_id=cohort.pk, revoked_at=None).update(revoked_at=Now())
        removed, _rows = Cohort.objects.filter(pk=cohort.pk).delete()
        if not removed:
            raise CohortNotFoundError


def _usable(name: str, value: Any) -> Any:
    if name != "name":
        return usable_moment(value, attr=name)
    line = clean_line(value)
    if not 1 <= len(line) <= MAX_NAME_CHARACTERS:
        raise InvalidInputError(
            _("A name has 1 to %(most)d characters.") % {"most": MAX_NAME_CHARACTERS}, attr="name"
        )
    return line


def _tell(cohort: Cohort) -> None:
    openings_changed.send(
        sender=None, course_id=cohort.course_id, enrolment_id=None, cohort_id=cohort.pk
    )
