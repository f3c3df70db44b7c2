"""Seats: never more than the course has, however many people come at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from learning.courses.errors import CourseNotFoundError
from learning.courses.models import Course
from learning.enrolments.dates import holding_seats
from learning.enrolments.errors import CourseFullError
from learning.enrolments.models import Enrolment


@contextmanager
def seats_kept(*, course_id: int) -> Iterator[Course]:
    """What is done inside takes no seat that the course does not have.

    It is one transaction, and whoever changes seats of this course waits for it. A limit below
    the seats that are taken puts nobody out, and lets nobody in.

    Raises:
        CourseNotFoundError: the course is gone.
        CourseFullError: more seats would be taken than before, and than there are; nothing of
            what was done inside stands.
    """
    with transaction.atomic():
        locked = Course.objects.select_for_update(no_key=True, of=("self",))
        course = locked.filter(pk=course_id).first()
        if course is None:
            raise CourseNotFoundError
        before = seats_taken(course_id=course_id) if course.seat_limit is not None else 0
        yield course
        if course.seat_limit is None:
            return
        after = seats_taken(course_id=course_id)
        if after > before and after > course.seat_limit:
            raise CourseFullError


def seats_taken(*, course_id: int) -> int:
    """How many seats of the course are taken at this moment."""
    return Enrolment.objects.filter(holding_seats(), course_id=course_id).count()
