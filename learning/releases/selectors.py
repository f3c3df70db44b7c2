"""Which release a person reads, and what is in it."""

from learning.courses.models import Course, ReleasePolicy
from learning.releases.models import Release, ReleaseLesson
from learning.rights.selectors import Standing


def release_for(standing: Standing, course: Course) -> Release | None:
    """The release that the person reads: the pinned one of an open seat, else the newest.

    One query at most; None while the course was never published.
    """
    seat = standing.seat_in(course.pk)
    if (
        seat is not None
        and seat.release_id is not None
        and course.release_policy == ReleasePolicy.PINNED
    ):
        return Release.objects.get(pk=seat.release_id)
    return course.newest_release


def release_id_for(standing: Standing, course: Course) -> int | None:
    """The id of that release; no query."""
    seat = standing.seat_in(course.pk)
    if (
        seat is not None
        and seat.release_id is not None
        and course.release_policy == ReleasePolicy.PINNED
    ):
        return seat.release_id
    return course.newest_release_id


def entries_of(release_id: int) -> list[ReleaseLesson]:
    """The release's lessons in reading order, lesson and revision loaded, without texts.

    One query.
    """
    entries = ReleaseLesson.objects.filter(release_id=release_id)
    return list(
        entries.select_related("lesson", "revision")
        .defer("lesson__body", "revision__body")
        .order_by("position")
    )
