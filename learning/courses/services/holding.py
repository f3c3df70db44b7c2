"""Courses are held while they are written."""

from learning.courses.errors import CourseNotFoundError
from learning.courses.models import Course


def course_held(course_id: int) -> Course:
    """The course's row as it is now; whoever else writes it waits for the end of the transaction.

    Raises:
        CourseNotFoundError: it is gone.
    """
    held = Course.objects.select_for_update(of=("self",)).filter(pk=course_id).first()
    if held is None:
        raise CourseNotFoundError
    return held
