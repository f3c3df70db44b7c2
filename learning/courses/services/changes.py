"""Telling open pages what changed in the catalogue."""

from typing import Final

from academy.platform.realtime.publishing import publish_on_commit
from learning.courses.models import Course, CourseChange

CATALOGUE_TOPIC: Final = "catalogue:all"
_KEPT: Final = 1000


def course_topic(course_id: int) -> str:
    """What pages of the course follow."""
    return f"course:{course_id}"


def course_changed(*, course: Course, kind: CourseChange.Kind) -> CourseChange:
    """The change has its place in the order of changes, and open pages hear of it on commit."""
    change = CourseChange.objects.create(course=course, course_slug=course.slug, kind=kind)
    publish_on_commit(course_topic(course.pk))
    publish_on_commit(CATALOGUE_TOPIC)
    return change


def course_changes_collect() -> int:
    """Only the newest changes are left; the number of those that are gone."""
    newest = CourseChange.objects.order_by("-pk").values_list("pk", flat=True)
    oldest_kept = newest[_KEPT - 1 : _KEPT].first()
    if oldest_kept is None:
        return 0
    return CourseChange.objects.filter(pk__lt=oldest_kept).delete()[0]
