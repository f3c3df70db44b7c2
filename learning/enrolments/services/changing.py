"""Enrolments change: people leave, are suspended, come back, get other dates or releases."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from academy.accounts.models import User
from learning.courses.models import Course
from learning.enrolments.dates import require_order, usable_moment
from learning.enrolments.errors import EnrolmentNotFoundError, EnrolmentStateError, ForeignRowError
from learning.enrolments.models import Cohort, Enrolment
from learning.enrolments.services.holding import cohort_now
from learning.enrolments.services.seats import seats_kept
from learning.enrolments.signals import enrolment_changed
from learning.releases.models import Release

Status = Enrolment.Status


def enrolment_withdraw(*, enrolment: Enrolment, acting_user: User | None) -> Enrolment:
    """The person is out; their progress is kept for when they come back.

    Who left by themselves may come back by themselves; who was put out, or was suspended when
    they left, only through an instructor. Twice is as good as once.

    Raises:
        EnrolmentNotFoundError: it is gone.
    """
    with _locked(enrolment) as row:
        own = acting_user is not None and acting_user.pk == row.person_id
        barred = row.is_barred or not own or row.status == Status.SUSPENDED
        if row.status != Status.WITHDRAWN:
            _put(row, status=Status.WITHDRAWN, is_barred=barred)
        elif barred != row.is_barred:
            _put(row, is_barred=barred)
    return row


def enrolment_suspend(*, enrolment: Enrolment, acting_user: User) -> Enrolment:
    """The person is out until an instructor resumes it; twice is as good as once.

    Raises:
        EnrolmentStateError: they were withdrawn.
        EnrolmentNotFoundError: it is gone.
    """
    with _locked(enrolment) as row:
        if row.status == Status.WITHDRAWN:
            raise EnrolmentStateError
        if row.status == Status.ACTIVE:
            _put(row, status=Status.SUSPENDED)
    return row


def enrolment_resume(*, enrolment: Enrolment, acting_user: User) -> Enrolment:
    """The person goes on where they were, suspended or withdrawn; twice is as good as once.

    Raises:
        CourseFullError: their seat was taken meanwhile.
        EnrolmentNotFoundError: it is gone.
    """
    with seats_kept(course_id=enrolment.course_id), _locked(enrolment) as row:
        if row.status != Status.ACTIVE:
            _put(row, status=Status.ACTIVE, is_barred=False)
    return row


def enrolment_move(*, enrolment: Enrolment, release: Release, acting_user: User) -> Enrolment:
    """The learner is pinned to this release from now on.

    Raises:
        ForeignRowError: the release is another course's.
        EnrolmentNotFoundError: it is gone.
    """
    if release.course_id != enrolment.course_id:
        raise ForeignRowError(attr="release")
    with _locked(enrolment) as row:
        if row.release_id != release.pk:
            _put(row, release=release)
    return row


def enrolment_reschedule(
    *,
    enrolment: Enrolment,
    expires_at: datetime | None,
    cohort: Cohort | None,
    acting_user: User,
    fields: Collection[str] = ("expires_at", "cohort"),
) -> Enrolment:
    """The enrolment ends at `expires_at` and goes with `cohort`; None is no end, or no cohort.

    Of the two only what `fields` names is changed.

    Raises:
        ForeignRowError: the cohort is another course's.
        DateUnusableError, DatesReversedError: the end is none that can be used.
        CourseFullError: it had ended, and its seat was taken meanwhile.
        EnrolmentNotFoundError, CohortNotFoundError: it is gone.
    """
    ends = usable_moment(expires_at, attr="expires_at")
    if cohort is not None and cohort.course_id != enrolment.course_id:
        raise ForeignRowError(attr="cohort")
    with seats_kept(course_id=enrolment.course_id), _locked(enrolment) as row:
        # What is not to change is as it is now, and the cohort too: both may have gone on.
        ends = ends if "expires_at" in fields else row.expires_at
        if "cohort" in fields:
            cohort = cohort_now(cohort) if cohort is not None else None
        else:
            cohort = row.cohort
        if cohort is not None:
            require_order(cohort.starts_at, ends, attr="expires_at")
        if row.expires_at != ends or row.cohort_id != (cohort.pk if cohort else None):
            _put(row, expires_at=ends, cohort=cohort)
    return row


def enrolments_pin(*, course_id: int, release_id: int) -> int:
    """Learners who came before the first release start on it; returns how many there were."""
    waiting = Enrolment.objects.filter(course_id=course_id, release=None)
    return waiting.update(release_id=release_id)


def enrolments_of_person_end(*, person_id: int) -> int:
    """The person takes no seat any more; returns in how many courses they had one.

    Their time there is over, as it is for who has come to their end: figures of a course leave out
    who withdrew, and would be others after every account that is deleted.
    """
    unended = Q(expires_at=None) | Q(expires_at__gt=Now())
    rows = Enrolment.objects.filter(unended, person_id=person_id, status=Status.ACTIVE)
    ended = 0
    with transaction.atomic():
        for enrolment in rows.order_by("course_id"):
            with _locked(enrolment) as row:
                _put(row, expires_at=Now())
            ended += 1
    return ended


@contextmanager
def _locked(enrolment: Enrolment) -> Iterator[Enrolment]:
    """The row as it is now; changes of its course's seats wait for the transaction."""
    with transaction.atomic():
        # The course first, as everywhere: two orders of locks would wait for each other.
        courses = Course.objects.select_for_update(no_key=True, of=("self",))
        list(courses.filter(pk=enrolment.course_id).values_list("pk"))
        rows = Enrolment.objects.select_for_update(no_key=True, of=("self",))
        row = rows.filter(pk=enrolment.pk).first()
        if row is None:
            raise EnrolmentNotFoundError
        yield row


def _put(row: Enrolment, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.changed_at = Now()
    row.save(update_fields=[*values, "changed_at"])
    row.refresh_from_db(fields=[*values, "changed_at"])
    enrolment_changed.send(sender=None, enrolment_id=row.pk, course_id=row.course_id)
