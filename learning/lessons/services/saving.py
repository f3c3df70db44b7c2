"""Lessons change here, and what is rendered from them follows."""

from collections.abc import Collection, Mapping
from typing import Final

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from academy.platform.database.rows import is_new, rest_taken
from academy.platform.documents.text import clean_line, clean_text
from learning.courses.errors import CourseNotFoundError
from learning.courses.models import Course, Status
from learning.lessons.errors import LessonNotFoundError, LessonReleasedError, ReservedSlugError
from learning.lessons.models import Lesson, LessonAddress, LessonRevision
from learning.lessons.rendering import mentioned
from learning.lessons.services.renditions import renditions_ask
from learning.lessons.services.revisions import revisions_ensure, revisions_follow, revisions_held
from learning.lessons.sources import contested_names, course_context, names_of
from learning.releases.models import ReleaseLesson

RESERVED_SLUGS: Final = frozenset({"class", "enrol", "figures", "leave", "publish", "releases"})
"""Pages of a course have these addresses; a lesson of that name would never be reached."""

WRITTEN_FIELDS: Final = (
    "course", "section", "position", "title", "slug", "summary", "language", "access", "video_url",
    "is_required", "completion", "status", "source_name", "body",
)  # fmt: skip
"""Everything but what follows from it."""

_TOLD: Final = {"course", "title", "summary", "body", "language", "access", "video_url"}


@transaction.atomic
def lesson_save(*, lesson: Lesson, fields: Collection[str] = WRITTEN_FIELDS) -> Lesson:
    """These fields of the lesson are stored as they stand in it, and jobs make its pages anew.

    The others are in it as they are now, whatever it held: somebody may have written them since it
    was read. A new lesson is stored whole. Readers see it with the next release. A new slug counts
    at once and leaves the old one as an address that keeps leading here. Other lessons of the
    course that name this one are rendered anew as well.

    Raises:
        CourseNotFoundError, LessonNotFoundError: it is gone.
        ReservedSlugError: a page of the course has this address.
    """
    course_lock(lesson.course_id)
    before = None if is_new(lesson) else _held(lesson.pk)
    if before is not None:
        rest_taken(lesson, present=before, but=fields)
    if lesson.slug in RESERVED_SLUGS and (before is None or before.slug != lesson.slug):
        raise ReservedSlugError(
            _("“%s” is taken by a page of the course.") % lesson.slug, attr="slug"
        )
    lesson.title = clean_line(lesson.title)
    lesson.summary = clean_line(lesson.summary)
    lesson.body = clean_text(lesson.body)
    lesson.updated_at = Now()
    lesson.save(update_fields=None if before is None else {*fields, "updated_at"})
    lesson.refresh_from_db(fields=["updated_at"])
    address_kept(lesson=lesson, before=before)
    is_rewritten = before is None or before.draft_revision_id is None or _TOLD & set(fields)
    lessons_follow(
        course_id=lesson.course_id,
        changed=[lesson.pk] if is_rewritten else [],
        names=_names_moved(lesson, before),
    )
    lesson.refresh_from_db(fields=["content_hash", "draft_revision"])
    return lesson


def _names_moved(lesson: Lesson, before: Lesson | None) -> set[str]:
    """What links call the lesson, and called it, where that leads elsewhere now."""
    if before is not None:
        if _place(before) == _place(lesson):
            return set()
        if _place(before)[1:] == _place(lesson)[1:]:
            return contested_names(lesson.course_id)
    return {name for one in (lesson, before) if one for name in names_of(one.slug, one.source_name)}


def _place(lesson: Lesson) -> tuple[int, int, str, str]:
    return lesson.position, lesson.course_id, lesson.slug, lesson.source_name


def _held(lesson_id: int) -> Lesson:
    held = Lesson.objects.select_for_update(of=("self",)).filter(pk=lesson_id).first()
    if held is None:
        raise LessonNotFoundError
    return held


def course_lock(course_id: int) -> None:
    """Those who write in a course, or publish it, are one after the other.

    Raises:
        CourseNotFoundError: it is gone.
    """
    if not _course_locked(course_id):
        raise CourseNotFoundError


def _course_locked(course_id: int) -> bool:
    course = Course.objects.select_for_update(of=("self",), no_key=True).filter(pk=course_id)
    return bool(list(course.values_list("pk")))


def address_kept(*, lesson: Lesson, before: Lesson | None) -> None:
    """The address that the lesson had `before` leads to it, unless it still has it.

    While no release has the lesson, addresses that readers know go on leading to others.
    """
    is_read = lesson.release_entries.exists()
    here = LessonAddress.objects.filter(course_id=lesson.course_id, slug=lesson.slug)
    (here if is_read else here.filter(lesson=lesson)).delete()
    if before and (before.course_id, before.slug) != (lesson.course_id, lesson.slug):
        store = LessonAddress.objects.update_or_create if is_read else _kept_or_made
        store(course_id=before.course_id, slug=before.slug, defaults={"lesson": lesson})


_kept_or_made: Final = LessonAddress.objects.get_or_create


@transaction.atomic
def lessons_refresh(*, course_id: int) -> int:
    """Each lesson of the course has a revision of what is written, and that one has its pages.

    Returns the number of jobs that make them, 0 where the course is gone. Idempotent: a rendition
    under way is joined.
    """
    if not _course_locked(course_id):
        return 0
    return _refreshed(course_id, lessons=Lesson.objects.filter(course_id=course_id), named={})


@transaction.atomic
def lessons_follow(
    *, course_id: int, changed: Collection[int] = (), names: Collection[str] = ()
) -> int:
    """As `lessons_refresh`, where only so much changed: `changed` lessons, and what `names` mean.

    Those are the names of figures and lessons that came, went, or are elsewhere now. Nothing else
    is looked at; other lessons' texts are read one by one to find those that mean a name, and
    without one not at all.
    """
    if not (changed or names) or not _course_locked(course_id):
        return 0
    lessons = Lesson.objects.filter(course_id=course_id)
    named = dict[int, set[str]]()
    if names:
        texts = lessons.order_by().exclude(pk__in=changed).values_list("pk", "body")
        rows = texts.iterator(chunk_size=1)
        named = {pk: found for pk, body in rows if (found := mentioned(body, names))}
    rewritten = list(lessons.filter(pk__in=changed)) if changed else []
    if not (rewritten or named):
        return 0
    return _refreshed(
        course_id, rewritten=rewritten, lessons=lessons.filter(pk__in=named), named=named
    )


def _refreshed(
    course_id: int,
    *,
    lessons: QuerySet[Lesson],
    named: Mapping[int, Collection[str]],
    rewritten: list[Lesson] | None = None,
) -> int:
    context = course_context(Course.objects.select_related("owner").get(pk=course_id))
    followed, revisions = revisions_follow(lessons=lessons, context=context, named=named)
    if rewritten:
        revisions |= revisions_ensure(lessons=rewritten, context=context)
    drafts_keep(lessons=[*followed, *(rewritten or [])], revisions=revisions)
    return renditions_ask(course_id=course_id)


def drafts_keep(*, lessons: list[Lesson], revisions: dict[int, LessonRevision]) -> None:
    """The lessons name these revisions as their drafts; what names them already is not written."""
    changed = []
    for lesson in lessons:
        revision = revisions[lesson.pk]
        if (lesson.draft_revision_id, lesson.content_hash) != (revision.pk, revision.content_hash):
            lesson.draft_revision, lesson.content_hash = revision, revision.content_hash
            changed.append(lesson)
    if not changed:
        return
    kept = LessonRevision.objects.filter(
        pk__in=[lesson.draft_revision_id for lesson in changed], lesson=OuterRef("pk")
    )
    Lesson.objects.filter(pk__in=[lesson.pk for lesson in changed]).update(
        draft_revision=Subquery(kept.values("pk")[:1]),
        content_hash=Subquery(kept.values("content_hash")[:1]),
    )


def lessons_set_status(*, lessons: QuerySet[Lesson], status: Status) -> int:
    """The lessons are in the next release, or not; the number of those for which that is new."""
    ids = list(lessons.exclude(status=status).values_list("pk", flat=True))
    return Lesson.objects.filter(pk__in=ids).update(status=status, updated_at=Now())


@transaction.atomic
def lessons_delete(*, lessons: QuerySet[Lesson]) -> None:
    """The lessons are gone, and links to them with the next revision of the others.

    Raises:
        LessonReleasedError: one of them is part of a release; nothing was deleted.
    """
    course_ids = sorted(set(lessons.order_by().values_list("course_id", flat=True)))
    for course_id in course_ids:
        course_lock(course_id)
    ids, names = list[int](), dict[int, set[str]]()
    rows = lessons.order_by().values_list("pk", "course_id", "slug", "source_name")
    for pk, course_id, slug, source_name in rows:
        ids.append(pk)
        names.setdefault(course_id, set()).update(names_of(slug, source_name))
    released = ReleaseLesson.objects.filter(lesson__in=ids).select_related("lesson").first()
    if released is not None:
        raise LessonReleasedError(
            _(
                "“%s” is part of a release and cannot be deleted. Take it back to a draft: then"
                " the next release is without it."
            )
            % released.lesson.title
        )
    gone_lessons = Lesson.objects.filter(pk__in=ids)
    revisions_held(lessons=gone_lessons)
    gone_lessons.delete()
    for course_id, gone in names.items():
        lessons_follow(course_id=course_id, names=gone)
