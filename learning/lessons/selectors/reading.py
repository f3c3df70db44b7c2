"""Which revision of a lesson a person reads, and how much of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.db.models import Exists, Q, QuerySet

from academy.accounts.permissions import Person
from learning.courses.models import Course
from learning.enrolments.models import DripOverride, DripRule
from learning.enrolments.opening import Opening, openings
from learning.lessons.errors import (
    LessonLockedError,
    LessonNotFoundError,
    LessonNotOpenError,
)
from learning.lessons.models import Lesson, LessonRevision, Tier
from learning.releases.models import Release, ReleaseLesson
from learning.releases.selectors import release_id_for
from learning.rights.selectors import Standing, standing_of

_TEXTS: Final = (
    "revision__body",
    "revision__figures",
    "revision__links",
    "release__description_html",
    "release__summary",
    "release__note",
)


class Access(StrEnum):
    """What a person gets of a lesson."""

    FULL = "full"
    GATED = "gated"
    LOCKED = "locked"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Reading:
    """A lesson as one person reads it: the revision, where it is from, and how much of it.

    `release` and `entry` are None where the revision is in no release that the person reads;
    such a one is a draft, and so is everything of a course that is not open. `opening` is None
    for a lesson that waits for nothing. `asked_as_draft`: it was asked for as a draft, which may
    be what the release has.
    """

    lesson: Lesson
    revision: LessonRevision
    release: Release | None
    entry: ReleaseLesson | None
    is_draft: bool
    access: Access
    standing: Standing
    opening: Opening | None = None
    asked_as_draft: bool = False

    @property
    def course(self) -> Course:
        """The lesson's course."""
        return self.lesson.course

    @property
    def permalink(self) -> str:
        """Where the lesson is now."""
        return self.lesson.permalink

    @property
    def is_marked(self) -> bool:
        """Whether a file of it says on every page that it is a draft."""
        return self.is_draft or self.asked_as_draft

    @property
    def has_draft(self) -> bool:
        """Whether the person may look at a draft that differs from this."""
        return (
            self.standing.teaches(self.course) and self.lesson.draft_revision_id != self.revision.pk
        )


def access_to(
    standing: Standing, course: Course, revision: LessonRevision, opening: Opening | None
) -> Access:
    """Full for staff; else locked, full or gated. The course is one that the person sees."""
    if standing.teaches(course):
        return Access.FULL
    if opening is not None and not opening.is_open:
        return Access.LOCKED
    if revision.access == Tier.FREE or standing.is_entitled(course.pk):
        return Access.FULL
    return Access.GATED


def lesson_at(permalink: str, *, pages: bool = True) -> Lesson:
    """The lesson at `course-slug/lesson-slug`, its course loaded; an old permalink finds it too.

    `pages`: with what is shown of the course, its owner and its newest release.

    Raises:
        LessonNotFoundError: there is none.
    """
    course_slug, _, slug = permalink.partition("/")
    lessons = _loaded(Lesson.objects.all(), pages=pages)
    here = Q(course__slug=course_slug)
    once_here = Q(course__old_addresses__slug=course_slug)
    # Without an order, which costs a third of such a query: at most one lesson is here.
    lesson = (
        next(iter(lessons.filter(here, slug=slug)), None)
        or lessons.filter(once_here, slug=slug).order_by("pk").first()
        or lessons.filter(pk__in=_formerly_at(course_slug=course_slug, slug=slug).values("pk"))
        .order_by("pk")
        .first()
    )
    if lesson is None:
        raise LessonNotFoundError
    return lesson


def _loaded(lessons: QuerySet[Lesson], *, pages: bool) -> QuerySet[Lesson]:
    texts = ("body", "course__description", "course__description_html")
    lessons = lessons.order_by()
    if not pages:
        return lessons.select_related("course").defer(*texts)
    loaded = lessons.select_related("course__owner", "course__newest_release")
    return loaded.defer(*texts, "course__newest_release__description_html")


def _formerly_at(*, course_slug: str, slug: str) -> QuerySet[Lesson]:
    course = Course.objects.filter(Q(slug=course_slug) | Q(old_addresses__slug=course_slug))
    return Lesson.objects.filter(
        old_addresses__slug=slug, old_addresses__course__in=course.values("pk")
    )


def reading_for(
    person: Person, permalink: str, *, draft: bool = False, pages: bool = True
) -> Reading:
    """The lesson at the permalink as the person reads it; `draft`: as its instructors write it.

    Where the answer's `permalink` is another one, the caller redirects to it. `pages`: with what
    was rendered, for whoever shows it. Five queries for a stranger at the present address, and at
    most ten.

    Raises:
        LessonNotFoundError: there is none, or none that is the person's to see.
    """
    lesson = lesson_at(permalink, pages=pages)
    standing = standing_of(person, course_id=lesson.course_id)
    try:
        return reading_of(standing, lesson, draft=draft, pages=pages)
    except LessonNotFoundError:
        slug = permalink.rpartition("/")[2]
        former = _loaded(Lesson.objects.all(), pages=pages).filter(
            course_id=lesson.course_id, old_addresses__slug=slug
        )
        # What stands here now is not theirs to know of, such as a draft under an old address.
        for other in former.exclude(pk=lesson.pk):
            return reading_of(standing, other, draft=draft, pages=pages)
        raise


def reading_of(
    standing: Standing, lesson: Lesson, *, draft: bool = False, pages: bool = False
) -> Reading:
    """The lesson, its course loaded, as somebody of this standing reads it.

    Raises:
        LessonNotFoundError: it is not theirs to see.
    """
    course = lesson.course
    teaches = standing.teaches(course)
    if not standing.sees(course) or (draft and not teaches):
        raise LessonNotFoundError
    entry = _entry(standing, lesson, pages=pages)
    if entry is None and not teaches:
        raise LessonNotFoundError
    if entry is None or draft:
        revision = draft_of(lesson)
        in_release = entry is not None and entry.revision_id == revision.pk
    else:
        revision, in_release = entry.revision, True
    opening = _opening(standing, lesson, entry)
    return Reading(
        lesson=lesson,
        revision=revision,
        release=entry.release if entry is not None and in_release else None,
        entry=entry if in_release else None,
        is_draft=course.is_draft or not in_release,
        access=access_to(standing, course, revision, opening),
        standing=standing,
        opening=opening,
        asked_as_draft=draft,
    )


def _opening(standing: Standing, lesson: Lesson, entry: Any) -> Opening | None:
    if entry is not None and not (entry.has_rule or entry.has_exception):
        return None
    found = openings(standing=standing, course=lesson.course, lesson_ids=[lesson.pk])
    return found.get(lesson.pk)


def _entry(standing: Standing, lesson: Lesson, *, pages: bool) -> Any:
    release_id = release_id_for(standing, lesson.course)
    if release_id is None:
        return None
    entries = ReleaseLesson.objects.filter(release_id=release_id, lesson=lesson).order_by()
    entries = entries.select_related("release", "revision__rendition" if pages else "revision")
    # Most lessons wait for nothing, and are spared two queries that would say so.
    entries = entries.defer(*_TEXTS).annotate(
        has_rule=Exists(DripRule.objects.filter(lesson_id=lesson.pk)),
        has_exception=Exists(DripOverride.objects.filter(lesson_id=lesson.pk)),
    )
    return next(iter(entries), None)


def draft_of(lesson: Lesson) -> LessonRevision:
    """What the lesson's instructors have written; not stored yet where services were passed by."""
    revisions = LessonRevision.objects.select_related("rendition").defer("body")
    revision = revisions.filter(pk=lesson.draft_revision_id or 0).first()
    if revision is not None:
        return revision
    return unsaved_revision(lesson)


def unsaved_revision(lesson: Lesson) -> LessonRevision:
    """A revision that no row holds, with what the lists show of it."""
    return LessonRevision(
        lesson=lesson,
        title=lesson.title,
        summary=lesson.summary,
        language=lesson.effective_language,
        access=lesson.access,
        video_url=lesson.video_url,
    )


def reading_require_full(reading: Reading) -> None:
    """Nothing happens where the person may read all of the lesson.

    Raises:
        LessonNotOpenError: it opens later, or for others.
        LessonLockedError: they may read the beginning only.
    """
    if reading.access is Access.LOCKED:
        raise LessonNotOpenError(reading.opening.sentence if reading.opening else "")
    if reading.access is not Access.FULL:
        raise LessonLockedError
