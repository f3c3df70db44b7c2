"""Which release a person reads, and what is in it."""

from django.db.models import F, Q, QuerySet

from learning.courses.models import Course, ReleasePolicy, Status
from learning.lessons.models import READING_ORDER, Lesson
from learning.releases.models import Release, ReleaseLesson
from learning.rights.selectors import Standing


def release_id_for(standing: Standing, course: Course) -> int | None:
    """The id of the release that the person reads: the pinned one of an open seat, or the newest.

    No query; None while the course was never published.
    """
    seat = standing.seat_in(course.pk)
    if (
        seat is not None
        and seat.release_id is not None
        and course.release_policy == ReleasePolicy.PINNED
    ):
        return seat.release_id
    return course.newest_release_id


def release_for(standing: Standing, course: Course) -> Release | None:
    """That release; one query at most."""
    release_id = release_id_for(standing, course)
    if release_id is None or release_id == course.newest_release_id:
        return course.newest_release
    return Release.objects.get(pk=release_id)


def read_entries(standing: Standing) -> QuerySet[ReleaseLesson]:
    """The lessons of the releases that the person reads, in all courses; one query for the pins.

    Whether the person sees the courses at all is not asked here.
    """
    pinned = {
        course_id: standing.seats[course_id].release_id
        for course_id in _pinning_courses(standing)
        if standing.seats[course_id].release_id is not None
    }
    newest = Q(release__course__newest_release=F("release_id"))
    if not pinned:
        return ReleaseLesson.objects.filter(newest)
    return ReleaseLesson.objects.filter(
        Q(release_id__in=pinned.values()) | (newest & ~Q(release__course_id__in=pinned))
    )


def _pinning_courses(standing: Standing) -> list[int]:
    if not standing.seats:
        return []
    courses = Course.objects.filter(
        pk__in=standing.seats.keys(), release_policy=ReleasePolicy.PINNED
    )
    return list(courses.values_list("pk", flat=True))


def entries_of(release_id: int) -> list[ReleaseLesson]:
    """The release's lessons in reading order, lesson and revision loaded, without texts.

    One query.
    """
    entries = ReleaseLesson.objects.filter(release_id=release_id)
    return list(
        entries.select_related("lesson", "revision")
        .defer("lesson__body", "revision__body", "revision__figures", "revision__links")
        .order_by("position")
    )


def lessons_to_publish(course: Course) -> QuerySet[Lesson]:
    """The lessons of the course's next release, in reading order, their sections loaded."""
    return (
        Lesson.objects.filter(course=course, status=Status.PUBLISHED)
        .select_related("section")
        .order_by(*READING_ORDER)
    )
