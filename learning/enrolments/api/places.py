"""What an address of the API names, for somebody who may do what they came for."""

from rest_framework.request import Request

from academy.accounts.errors import SignedOutError
from academy.accounts.models import User
from academy.accounts.permissions import require
from academy.platform.http.throttling import RatedThrottle
from learning.courses.errors import CourseNotFoundError
from learning.courses.models import Course
from learning.enrolments.models import Cohort
from learning.enrolments.selectors import cohort_of, course_called
from learning.lessons.errors import LessonNotFoundError
from learning.lessons.models import Lesson


class KeyThrottle(RatedThrottle):
    """Whoever tries keys tries few, also while the cache instance is silent."""

    def scope_of(self, request: Request, _view: object) -> str | None:
        """Where a key is tried."""
        tries = request.method == "POST" and isinstance(request.data, dict)
        return "key" if tries and request.data.get("key") else None

    def is_exact(self, _request: Request) -> bool:
        """Always."""
        return True


def person_of(request: Request) -> User:
    """The signed-in person.

    Raises:
        SignedOutError: there is none.
    """
    if not isinstance(request.user, User):
        raise SignedOutError
    return request.user


def course_at(request: Request, name: str, action: str) -> Course:
    """The course with this address or id.

    Raises:
        CourseNotFoundError: there is none, or the person may not know of it.
        PermissionDeniedError: they may not do this there.
    """
    course = course_called(name)
    if course is None:
        raise CourseNotFoundError
    require(request.user, action, course)
    return course


def lesson_at(request: Request, course: str, slug: str, action: str) -> Lesson:
    """The lesson with this permalink.

    Raises:
        CourseNotFoundError, LessonNotFoundError: there is none, or not for this person.
        PermissionDeniedError: they may not do this there.
    """
    found = course_at(request, course, action)
    lesson = Lesson.objects.filter(course=found, slug=slug).first()
    if lesson is None:
        raise LessonNotFoundError
    lesson.course = found
    return lesson


def cohort_in(course: Course, cohort_id: int | None) -> Cohort | None:
    """The cohort of that id; None for none.

    Raises:
        CohortNotFoundError: the course has no such cohort.
    """
    return None if cohort_id is None else cohort_of(course, cohort_id)
