"""What programs, sockets and forms say about lessons, as events."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive

from learning.lessons.models import Lesson, LessonAddress
from learning.progress.errors import EventUnusableError
from learning.progress.models import ProgressEvent
from learning.releases.models import ReleaseLesson

NO_LESSON: Final = 0
"""The id of a lesson that the course does not have."""

MESSAGES: Final[Mapping[str, ProgressEvent.Kind]] = {
    "open_lesson": ProgressEvent.Kind.OPENED,
    "update_checkpoint": ProgressEvent.Kind.CHECKPOINT,
    "mark_complete": ProgressEvent.Kind.COMPLETED,
    "reopen": ProgressEvent.Kind.REOPENED,
}
"""What a socket's messages tell."""

ACTIONS: Final[Mapping[str, ProgressEvent.Kind]] = {
    "complete": ProgressEvent.Kind.COMPLETED,
    "reopen": ProgressEvent.Kind.REOPENED,
    "checkpoint": ProgressEvent.Kind.CHECKPOINT,
}
"""What the forms of pages tell."""


def lesson_ids(course_id: int, permalinks: Iterable[str]) -> Mapping[str, int]:
    """The lessons of the course that go, or once went, by these permalinks: at most two queries.

    Only the lesson's own part counts, so that a course that moved is not a reason to lose what
    was done offline. A draft takes no address from a lesson that readers know under it.
    """
    slugs = {permalink: permalink.rpartition("/")[2] for permalink in permalinks}
    wanted = {slug for slug in slugs.values() if "\x00" not in slug}
    lessons = Lesson.objects.filter(course_id=course_id, slug__in=wanted).order_by()
    released = Exists(ReleaseLesson.objects.filter(lesson=OuterRef("pk")))
    rows = list(lessons.annotate(is_read=released).values_list("slug", "pk", "is_read"))
    known = {slug: pk for slug, pk, _is_read in rows}
    missing = wanted - {slug for slug, _pk, is_read in rows if is_read}
    if missing:
        former = LessonAddress.objects.filter(course_id=course_id, slug__in=missing)
        known.update(former.filter(lesson__course_id=course_id).values_list("slug", "lesson_id"))
    return {permalink: known[slug] for permalink, slug in slugs.items() if slug in known}


def moment_of(said: object) -> datetime | None:
    """When something happened by a client's clock; None where it says nothing: now.

    Raises:
        EventUnusableError: it is no ISO 8601 moment with a time zone.
    """
    if said is None:
        return None
    try:
        moment = parse_datetime(said) if isinstance(said, str) else None
    except ValueError:
        moment = None
    if moment is None or is_naive(moment):
        raise EventUnusableError
    return moment
