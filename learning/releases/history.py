"""The releases of a course, as those who see the course look at them."""

from django.db.models import QuerySet

from learning.courses.models import Course
from learning.releases.errors import ReleaseNotFoundError
from learning.releases.models import Release


def releases_of(course: Course) -> QuerySet[Release]:
    """All releases of the course, the newest first, their authors loaded."""
    releases = Release.objects.filter(course=course).select_related("author")
    return releases.defer("description_html").order_by("-number")


def release_numbered(course: Course, number: int) -> Release:
    """The course's release of this number, with its description.

    Raises:
        ReleaseNotFoundError: there is none.
    """
    release = releases_of(course).defer(None).filter(number=number).first()
    if release is None:
        raise ReleaseNotFoundError
    return release
