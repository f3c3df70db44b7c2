"""Publishing a course, and taking it back."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from academy.accounts.models import User
from academy.platform.documents.text import clean_text
from academy.platform.errors import InvalidInputError
from learning.courses.models import Course, CourseChange, Status
from learning.courses.services import course_changed, course_held
from learning.lessons.models import Lesson
from learning.lessons.services import drafts_keep, drafts_standing, renditions_ask, revisions_ensure
from learning.lessons.sources import course_context
from learning.releases.errors import NothingToPublishError
from learning.releases.models import Release, ReleaseLesson
from learning.releases.selectors import lessons_to_publish
from learning.releases.signals import release_published

MAX_NOTE_CHARACTERS = 2000
_ENTRY_FIELDS = (
    "lesson_id", "revision_id", "position", "section_title", "is_required", "completion"
)  # fmt: skip
_COURSE_FIELDS = ("title", "summary", "description_html", "language", "level")


@transaction.atomic
def release_publish(*, course: Course, acting_user: User | None, note: str = "") -> Release:
    """What the course's instructors wrote is a release, and the course is open to its readers.

    The number of queries grows with no lesson (inserts go in batches). Two at once make two
    numbers, or one of them is refused. A course that was taken back and did not change since is
    open again with the release that it had.

    Raises:
        CourseNotFoundError: the course is gone.
        NothingToPublishError: no lesson is to be published, or all is as in the newest release.
        InvalidInputError: the note is too long.
    """
    note = _clean_note(note)
    locked = course_held(course.pk)
    wanted = _wanted(locked)
    if not wanted:
        raise NothingToPublishError(_("No lesson is marked to be published."))
    newest = locked.newest_release
    if newest is None or not _is_as_published(locked, newest, wanted):
        release = _made(locked, wanted, acting_user=acting_user, note=note)
    elif locked.status == Status.PUBLISHED:
        raise NothingToPublishError
    else:
        release = newest
    Course.objects.filter(pk=locked.pk).update(
        newest_release=release, status=Status.PUBLISHED, updated_at=Now()
    )
    course.newest_release, course.status = release, Status.PUBLISHED
    course_changed(course=locked, kind=CourseChange.Kind.RELEASED)
    if release != newest:
        renditions_ask(course_id=locked.pk)
        release_published.send(sender=None, release_id=release.pk, course_id=locked.pk)
    return release


def _made(
    course: Course, wanted: Sequence[ReleaseLesson], *, acting_user: User | None, note: str
) -> Release:
    release = Release.objects.create(
        course=course,
        number=(course.releases.aggregate(last=Max("number"))["last"] or 0) + 1,
        note=note,
        author=acting_user,
        lesson_count=len(wanted),
        required_count=sum(entry.is_required for entry in wanted),
        **_course_values(course),
    )
    for entry in wanted:
        entry.release = release
    ReleaseLesson.objects.bulk_create(wanted)
    return release


@transaction.atomic
def course_withdraw(*, course: Course, acting_user: User | None) -> None:
    """Only the course's staff see it; its releases stay. Idempotent."""
    taken_back = Course.objects.filter(pk=course.pk, status=Status.PUBLISHED)
    if taken_back.update(status=Status.DRAFT, updated_at=Now()):
        course_changed(course=course, kind=CourseChange.Kind.WITHDRAWN)
    course.status = Status.DRAFT


def _clean_note(note: str) -> str:
    cleaned = clean_text(note).strip()
    if len(cleaned) > MAX_NOTE_CHARACTERS:
        raise InvalidInputError(
            _("A note has at most %d characters.") % MAX_NOTE_CHARACTERS, attr="note"
        )
    return cleaned


def _wanted(course: Course) -> list[ReleaseLesson]:
    """The entries that a release would have now, unsaved; revisions are made where they miss."""
    context = course_context(course)
    revision_ids = drafts_standing(course=course, context=context)
    lessons = list(lessons_to_publish(course).defer("body"))
    missing = [lesson.pk for lesson in lessons if lesson.pk not in revision_ids]
    if missing:
        # Texts of those alone are read that are not kept already.
        unkept = list(Lesson.objects.filter(pk__in=missing))
        revisions = revisions_ensure(lessons=unkept, context=context)
        drafts_keep(lessons=unkept, revisions=revisions)
        revision_ids |= {pk: revision.pk for pk, revision in revisions.items()}
    return [
        _entry(lesson, revision_ids[lesson.pk], position=position)
        for position, lesson in enumerate(lessons, start=1)
    ]


def _entry(lesson: Lesson, revision_id: int, *, position: int) -> ReleaseLesson:
    return ReleaseLesson(
        lesson=lesson,
        revision_id=revision_id,
        position=position,
        section_title=lesson.section.title if lesson.section else "",
        is_required=lesson.is_required,
        completion=lesson.completion,
    )


def _is_as_published(course: Course, newest: Release, wanted: Sequence[ReleaseLesson]) -> bool:
    if any(getattr(newest, name) != value for name, value in _course_values(course).items()):
        return False
    before = ReleaseLesson.objects.filter(release=newest).order_by("position")
    after = [tuple(getattr(entry, name) for name in _ENTRY_FIELDS) for entry in wanted]
    return list(before.values_list(*_ENTRY_FIELDS)) == after


def _course_values(course: Course) -> Mapping[str, Any]:
    return {name: getattr(course, name) for name in _COURSE_FIELDS}
