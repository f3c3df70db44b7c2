"""People come into courses: by themselves, with a key, by an instructor, from a list."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models.functions import Now

from academy.accounts.errors import SignedOutError
from academy.accounts.models import User
from academy.accounts.permissions import require
from learning.courses.models import Course, Status
from learning.enrolments.dates import (
    State,
    holding_seats,
    in_days,
    require_order,
    state_now,
    usable_moment,
)
from learning.enrolments.errors import (
    CourseNotOpenError,
    DatesReversedError,
    EnrolmentBarredError,
    EnrolmentSuspendedError,
    ForeignRowError,
    KeyNeededError,
    KeyRefusedError,
    PersonUnknownError,
)
from learning.enrolments.models import Cohort, Enrolment
from learning.enrolments.selectors import course_called
from learning.enrolments.services.holding import cohort_now, person_stays
from learning.enrolments.services.keys import key_use
from learning.enrolments.services.seats import seats_kept
from learning.enrolments.signals import enrolment_changed

Source = Enrolment.Source


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who comes, how, and until when.

    `expires_at` None: as long as the course gives, from the cohort's start where that is later.
    """

    person: User
    source: str
    enrolled_by: User | None = None
    cohort: Cohort | None = None
    expires_at: datetime | None = None


def enrolment_self(*, course: Course, person: User, key: str | None = None) -> Enrolment:
    """The person is enrolled; who is already keeps the same enrolment, and no key is used up.

    Free courses take whoever sees them. A good key opens any published course. Progress of an
    earlier time is kept.

    Raises:
        NotFoundError: the person may not know of the course.
        CourseNotOpenError: it is a draft, which the person may see.
        KeyNeededError: it is not free, and no key was given.
        KeyRefusedError: the key is unknown, used up, or no longer good.
        EnrolmentSuspendedError, EnrolmentBarredError: only instructors let this person in.
        CourseFullError: all seats are taken.
    """
    return enrolment_self_outcome(course=course, person=person, key=key)[0]


def enrolment_self_outcome(
    *, course: Course, person: User, key: str | None = None
) -> tuple[Enrolment, bool]:
    """As `enrolment_self`, and whether anything changed."""
    if not person.is_active:
        raise SignedOutError
    with seats_kept(course_id=course.pk) as locked:
        standing = _standing(locked, person)
        if standing is not None:
            if standing.is_standing:
                return standing.enrolment, False
            _refuse_own_return(standing)
        word = (key or "").strip()
        if not word:
            require(person, "course.enrol", locked)
        if locked.status != Status.PUBLISHED:
            require(person, "course.see", locked)
            raise CourseNotOpenError
        if word:
            used = key_use(course=locked, key=word)
            arrival = Arrival(person=person, source=Source.KEY, cohort=used.cohort)
        elif locked.price:
            raise KeyNeededError(attr="key")
        else:
            arrival = Arrival(person=person, source=Source.SELF)
        if not person_stays(person):
            raise SignedOutError
        return _arrive(locked, arrival, standing), True


def enrolment_with_key(*, course_name: str, person: User, key: str) -> tuple[Enrolment, bool]:
    """As `enrolment_self_outcome`, for who may not know of the course before the key is good.

    Raises:
        KeyRefusedError: no published course has this address, or the key opens nothing there.
    """
    course = course_called(course_name)
    if course is None or course.status != Status.PUBLISHED or not key.strip():
        raise KeyRefusedError(attr="key")
    return enrolment_self_outcome(course=course, person=person, key=key)


def enrolment_by_staff(
    *,
    course: Course,
    person: User,
    acting_user: User | None,
    cohort: Cohort | None = None,
    expires_at: datetime | None = None,
    source: str = Source.INSTRUCTOR,
) -> Enrolment:
    """The person is enrolled, also in a draft; who is already keeps the same enrolment.

    `expires_at` None: as long as the course gives. Who was put out is let in again.

    Raises:
        ForeignRowError: the cohort is another course's.
        DateUnusableError, DatesReversedError: the end is none that can be used, or has passed.
        EnrolmentSuspendedError: the enrolment is suspended; it has to be resumed.
        CourseFullError: all seats are taken.
        CohortNotFoundError: the cohort is gone.
        PersonUnknownError: they deleted their account meanwhile.
    """
    arrival = Arrival(
        person=person,
        source=source,
        enrolled_by=acting_user,
        cohort=cohort,
        expires_at=expires_at,
    )
    return enrolment_by_staff_outcome(course=course, arrival=arrival)[0]


def enrolment_by_staff_outcome(*, course: Course, arrival: Arrival) -> tuple[Enrolment, bool]:
    """As `enrolment_by_staff`, and whether anything changed."""
    ends = usable_moment(arrival.expires_at, attr="expires_at")
    if arrival.cohort is not None and arrival.cohort.course_id != course.pk:
        raise ForeignRowError(attr="cohort")
    with seats_kept(course_id=course.pk) as locked:
        cohort = cohort_now(arrival.cohort) if arrival.cohort is not None else None
        if cohort is not None:
            require_order(cohort.starts_at, ends, attr="expires_at")
        arrival = replace(arrival, expires_at=ends, cohort=cohort)
        standing = _standing(locked, arrival.person)
        if standing is not None:
            if standing.is_standing:
                return standing.enrolment, False
            if standing.state == State.SUSPENDED:
                raise EnrolmentSuspendedError
        if not person_stays(arrival.person):
            raise PersonUnknownError(attr="person")
        enrolment = _arrive(locked, arrival, standing)
        if not Enrolment.objects.filter(holding_seats(), pk=enrolment.pk).exists():
            raise DatesReversedError(attr="expires_at")
        return enrolment, True


@dataclass(frozen=True, slots=True)
class _Standing:
    """The row that is there already, and its state."""

    enrolment: Enrolment
    state: str

    @property
    def is_standing(self) -> bool:
        return self.state in {State.OPEN, State.UPCOMING}


def _standing(course: Course, person: User) -> _Standing | None:
    """Locked with the course: nobody else changes it until the transaction ends."""
    rows = Enrolment.objects.filter(course_id=course.pk, person_id=person.pk)
    found = rows.annotate(state=state_now()).first()
    return None if found is None else _Standing(enrolment=found, state=found.state)


def _refuse_own_return(standing: _Standing) -> None:
    """Who was suspended or put out cannot come back by leaving first, nor with a key."""
    if standing.state == State.SUSPENDED:
        raise EnrolmentSuspendedError
    if standing.enrolment.is_barred:
        raise EnrolmentBarredError


def _arrive(course: Course, arrival: Arrival, standing: _Standing | None) -> Enrolment:
    """The row stands as of now; one that was there keeps its start, and so its progress."""
    enrolment = standing.enrolment if standing else Enrolment(course=course, person=arrival.person)
    enrolment.status = Enrolment.Status.ACTIVE
    enrolment.is_barred = False
    enrolment.source = arrival.source
    enrolment.enrolled_by = arrival.enrolled_by
    enrolment.cohort = arrival.cohort
    if enrolment.release_id is None:
        enrolment.release_id = course.newest_release_id
    starts_at = arrival.cohort.starts_at if arrival.cohort else None
    enrolment.expires_at = arrival.expires_at or in_days(course.enrolment_days, starts_at=starts_at)
    enrolment.changed_at = Now()
    enrolment.save()
    enrolment.refresh_from_db()
    enrolment_changed.send(sender=None, enrolment_id=enrolment.pk, course_id=course.pk)
    return enrolment
