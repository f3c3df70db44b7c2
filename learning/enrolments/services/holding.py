"""A class is held: whoever changes its seats, cohorts or openings waits for the transaction.

The course comes first everywhere, then the person, then rows of the two: two orders of locks would
wait for each other. What was read of cohorts, lessons and people before is read again then, since
somebody may have deleted it, or left, meanwhile.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import QuerySet

from academy.accounts.models import User
from learning.courses.errors import CourseNotFoundError
from learning.courses.models import Course
from learning.enrolments.errors import CohortNotFoundError, EnrolmentNotFoundError
from learning.enrolments.models import Cohort, Enrolment
from learning.lessons.errors import LessonNotFoundError
from learning.lessons.models import Lesson


@contextmanager
def class_held(*, course_id: int) -> Iterator[Course]:
    """It is one transaction.

    Raises:
        CourseNotFoundError: it is gone.
    """
    with transaction.atomic():
        rows = Course.objects.select_for_update(no_key=True, of=("self",))
        course = rows.filter(pk=course_id).first()
        if course is None:
            raise CourseNotFoundError
        yield course


def cohort_now(cohort: Cohort) -> Cohort:
    """The cohort as it is now, and stays while its course is held.

    Raises:
        CohortNotFoundError: it is gone.
    """
    found = Cohort.objects.filter(pk=cohort.pk).first()
    if found is None:
        raise CohortNotFoundError
    return found


def courses_of_person_held(person_id: int) -> frozenset[int]:
    """The courses in which the person ever was, by id, held until the transaction ends."""
    rows = Course.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    return frozenset(rows.filter(pk__in=_courses_of(person_id)).values_list("pk", flat=True))


def courses_of_person(person_id: int) -> frozenset[int]:
    """The courses in which the person ever was, by id."""
    return frozenset(_courses_of(person_id))


def _courses_of(person_id: int) -> QuerySet[Enrolment, int]:
    rows = Enrolment.objects.filter(person_id=person_id).order_by()
    return rows.values_list("course_id", flat=True)


def person_stays(person: User) -> bool:
    """The account is active, and stays so until the transaction ends; False: they left."""
    rows = User.objects.select_for_update(no_key=True, of=("self",))
    return bool(rows.filter(pk=person.pk, is_active=True).values_list("pk"))


def enrolment_held(enrolment: Enrolment) -> Enrolment:
    """The enrolment as it is now, with its learner, and stays until the transaction ends.

    Raises:
        EnrolmentNotFoundError: it is gone.
    """
    rows = Enrolment.objects.select_for_update(no_key=True, of=("self",))
    found = rows.select_related("person").filter(pk=enrolment.pk).first()
    if found is None:
        raise EnrolmentNotFoundError
    return found


def lesson_held(lesson: Lesson) -> None:
    """The lesson is there until the transaction ends.

    Raises:
        LessonNotFoundError: it is gone.
    """
    if lesson.pk not in lessons_held([lesson.pk]):
        raise LessonNotFoundError


def lessons_held(ids: Collection[int]) -> set[int]:
    """Which of the lessons are there, and are until the transaction ends."""
    rows = Lesson.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    return set(rows.filter(pk__in=ids).values_list("pk", flat=True))
