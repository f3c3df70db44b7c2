"""What a course is called to those who learn in it: drafts have titles of their own."""

from typing import Final, TypeAlias

from django.db.models import Q

from learning.courses.models import Course, ReleasePolicy, Status
from learning.enrolments.models import Enrolment
from learning.releases.models import Release

Shown: TypeAlias = Course | Release
# Of enrolments whose courses and releases are loaded: long, and shown nowhere here.
COURSE_TEXTS: Final = (
    "course__description",
    "course__description_html",
    "course__newest_release__description_html",
    "release__description_html",
)


def is_known(course: Course) -> bool:
    """Whether readers know the course by any title; one that was never published has none yet."""
    return course.status == Status.PUBLISHED or course.newest_release_id is not None


def known_courses(prefix: str = "course__") -> Q:
    """`is_known`, for queries."""
    is_published = Q(**{f"{prefix}status": Status.PUBLISHED})
    return is_published | Q(**{f"{prefix}newest_release__isnull": False})


def course_published(course: Course) -> Shown:
    """What has the title, summary and language that readers see; `newest_release` is loaded."""
    return course.newest_release or course


def course_read(enrolment: Enrolment) -> Shown:
    """The same for the learner of an enrolment, whose release may be an older one.

    `release` and `course__newest_release` are loaded.
    """
    if enrolment.course.release_policy == ReleasePolicy.PINNED and enrolment.release is not None:
        return enrolment.release
    return course_published(enrolment.course)
