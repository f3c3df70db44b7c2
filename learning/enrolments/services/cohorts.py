"""Cohorts: people who go through a course together."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from academy.accounts.models import User
from academy.platform.documents.text import clean_line
from academy.platform.errors import InvalidInputError
from learning.enrolments.dates import require_order, usable_moment
from learning.enrolments.errors import CohortNotFoundError, NameTakenError
from learning.enrolments.models import Cohort
from learning.enrolments.services.seats import seats_kept
from learning.enrolments.signals import openings_changed

MAX_NAME_CHARACTERS = 120


def cohort_save(*, cohort: Cohort, acting_user: User) -> Cohort:
    """The cohort is stored as it stands; its dates hold for its people from now on.

    Raises:
        InvalidInputError: it has no name, or too long a one.
        DateUnusableError, DatesReversedError: its dates are none that can be used.
        NameTakenError: the course has one of that name.
        CourseFullError: its end moves on, and its people's seats were taken meanwhile.
    """
    cohort.name = clean_line(cohort.name)
    if not 1 <= len(cohort.name) <= MAX_NAME_CHARACTERS:
        raise InvalidInputError(
            _("A name has 1 to %(most)d characters.") % {"most": MAX_NAME_CHARACTERS}, attr="name"
        )
    cohort.starts_at = usable_moment(cohort.starts_at, attr="starts_at")
    cohort.ends_at = usable_moment(cohort.ends_at, attr="ends_at")
    require_order(cohort.starts_at, cohort.ends_at, attr="ends_at")
    with seats_kept(course_id=cohort.course_id):
        before = Cohort.objects.filter(pk=cohort.pk).values_list("starts_at", flat=True)
        moves = list(before) != [cohort.starts_at]
        try:
            with transaction.atomic():
                cohort.save()
        except IntegrityError:
            raise NameTakenError(attr="name") from None
        cohort.refresh_from_db(fields=["created_at"])
        if moves:
            # What opens some days after the start opens at another time.
            _tell(cohort)
    return cohort


def cohort_delete(*, cohort: Cohort, acting_user: User) -> None:
    """The cohort is gone; its people stay in the course, without its dates.

    Raises:
        CohortNotFoundError: it is gone already.
        CourseFullError: it had ended, and its people's seats were taken meanwhile.
    """
    with seats_kept(course_id=cohort.course_id):
        # While its people can still be found by it.
        _tell(cohort)
        removed, _rows = Cohort.objects.filter(pk=cohort.pk).delete()
        if not removed:
            raise CohortNotFoundError


def _tell(cohort: Cohort) -> None:
    openings_changed.send(
        sender=None, course_id=cohort.course_id, enrolment_id=None, cohort_id=cohort.pk
    )
