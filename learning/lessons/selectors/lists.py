"""Many lessons at once, in a number of queries that does not grow with them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, TextChoices
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from academy.accounts.permissions import Person
from academy.platform.documents.text import direction_of
from learning.courses.models import Course, Status
from learning.courses.paths import lesson_path
from learning.enrolments.opening import Opening, openings, openings_everywhere
from learning.lessons.models import Lesson, LessonRevision, Tier
from learning.lessons.selectors.reading import Access, Reading, access_to, unsaved_revision
from learning.releases.models import ReleaseLesson
from learning.releases.selectors import read_entries, release_id_for
from learning.rights.selectors import Standing, standing_of, taught_courses, visible_courses

_TEXTS = ("body", "figures", "links")


class DraftState(TextChoices):
    """What the next release would do with a lesson, beside the newest one."""

    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    SAME = "same", _("As published")
    LEFT_OUT = "left_out", _("Not in the next release")


@dataclass(frozen=True, slots=True)
class LessonLink:
    """A lesson in a course's contents; `number` counts from 1 within what the person may see.

    `draft_state` is empty where what is shown was released. `opens` tells in a sentence what a
    lesson waits for that is not open to the person yet.
    """

    lesson_id: int
    title: str
    summary: str
    permalink: str
    url: str
    language: str
    direction: str
    access: str
    is_premium: bool
    is_locked: bool
    is_draft: bool
    draft_state: str
    is_required: bool
    minutes: int
    number: int
    content_hash: str
    opens: str
    opens_at: datetime | None

    @property
    def draft_label(self) -> str:
        """What those who teach the course are told of the draft; empty where it is as published."""
        if self.draft_state in {"", DraftState.SAME}:
            return ""
        return str(DraftState(self.draft_state).label)


@dataclass(frozen=True, slots=True)
class SectionPage:
    """Some lessons under a heading; those outside of any come last, under an empty title."""

    title: str
    lessons: list[LessonLink]


@dataclass(frozen=True, slots=True)
class _Listed:
    section_title: str
    lesson: Lesson
    revision: LessonRevision
    is_draft: bool
    is_required: bool
    completion: Mapping[str, Any]
    minutes: int
    draft_state: str = ""


def course_contents(
    person: Person, course: Course, *, draft: bool = False, standing: Standing | None = None
) -> list[SectionPage]:
    """What the person may see of the course, in reading order; their release, or the draft.

    Who teaches the course also sees the lessons that are in no release, after the others of
    their section. Sections without such lessons are left out. `standing` saves up to three
    queries to whoever has read it; besides at most seven.
    """
    standing = standing or standing_of(person, course_id=course.pk)
    if not standing.sees(course):
        return []
    teaches = standing.teaches(course)
    # A draft is told beside the newest release, whichever one its instructor learns in.
    is_preview = draft and teaches
    read_id = course.newest_release_id if is_preview else release_id_for(standing, course)
    listed = _released(course, read_id)
    if teaches:
        is_newest = read_id == course.newest_release_id
        newest = listed if is_newest else _released(course, course.newest_release_id)
        listed = _with_drafts(course, listed, newest=newest, draft=draft)
    open_at = _openings(standing, course, listed)
    sections: dict[str, list[LessonLink]] = {}
    for number, one in enumerate(_by_section(listed), start=1):
        link = _link(one, standing, course, open_at.get(one.lesson.pk), number=number)
        sections.setdefault(one.section_title, []).append(link)
    return [SectionPage(title=title, lessons=links) for title, links in sections.items()]


def _by_section(listed: Iterable[_Listed]) -> Iterator[_Listed]:
    groups: dict[str, list[_Listed]] = {}
    for one in listed:
        groups.setdefault(one.section_title, []).append(one)
    loose = groups.pop("", [])
    for group in groups.values():
        yield from group
    yield from loose


def _released(course: Course, release_id: int | None) -> list[_Listed]:
    if release_id is None:
        return []
    entries = (
        ReleaseLesson.objects.filter(release_id=release_id)
        .select_related("lesson", "revision")
        .defer("lesson__body", *(f"revision__{name}" for name in _TEXTS))
        .annotate(minutes=Coalesce("revision__rendition__minutes", 0))
        .order_by("position")
    )
    return [
        _Listed(
            section_title=entry.section_title,
            lesson=_in(course, entry.lesson),
            revision=entry.revision,
            is_draft=course.is_draft,
            is_required=entry.is_required,
            completion=entry.completion,
            minutes=entry.minutes,
        )
        for entry in entries
    ]


def _in(course: Course, lesson: Lesson) -> Lesson:
    lesson.course = course
    return lesson


def _with_drafts(
    course: Course, read: list[_Listed], *, newest: list[_Listed], draft: bool
) -> list[_Listed]:
    """What is read and then the drafts; with `draft` the drafts alone, of every lesson."""
    lessons = (
        Lesson.objects.filter(course=course)
        .select_related("section", "draft_revision")
        .defer("body", *(f"draft_revision__{name}" for name in _TEXTS))
        .annotate(minutes=Coalesce("draft_revision__rendition__minutes", 0))
        .order_by(
            F("section__position").asc(nulls_last=True),
            F("section_id").asc(nulls_last=True),
            "position",
            "pk",
        )
    )
    if not draft:
        lessons = lessons.exclude(pk__in=[one.lesson.pk for one in read])
    known = {one.lesson.pk: one for one in newest}
    drafts = [_draft(course, lesson, known.get(lesson.pk)) for lesson in lessons]
    return drafts if draft else [*read, *drafts]


def _draft(course: Course, lesson: Any, released: _Listed | None) -> _Listed:
    is_other = released is None or released.revision.pk != lesson.draft_revision_id
    return _Listed(
        section_title=lesson.section.title if lesson.section else "",
        lesson=_in(course, lesson),
        revision=lesson.draft_revision or unsaved_revision(lesson),
        is_draft=course.is_draft or is_other,
        is_required=lesson.is_required,
        completion=lesson.completion,
        minutes=lesson.minutes,
        draft_state=_draft_state(lesson, released),
    )


def _draft_state(lesson: Lesson, released: _Listed | None) -> DraftState:
    if lesson.status != Status.PUBLISHED:
        return DraftState.LEFT_OUT
    if released is None:
        return DraftState.NEW
    before = (released.revision.pk, released.is_required, released.completion)
    after = (lesson.draft_revision_id, lesson.is_required, lesson.completion)
    return DraftState.SAME if before == after else DraftState.CHANGED


def _openings(
    standing: Standing, course: Course, listed: Sequence[_Listed]
) -> Mapping[int, Opening]:
    if not listed:
        return {}
    lesson_ids = [one.lesson.pk for one in listed]
    return openings(standing=standing, course=course, lesson_ids=lesson_ids)


def _link(
    one: _Listed, standing: Standing, course: Course, opening: Opening | None, *, number: int
) -> LessonLink:
    access = access_to(standing, course, one.revision, opening)
    waits = opening if access is Access.LOCKED else None
    return LessonLink(
        lesson_id=one.lesson.pk,
        title=one.revision.title,
        summary=one.revision.summary,
        permalink=one.lesson.permalink,
        url=lesson_path(one.lesson.permalink),
        language=one.revision.language,
        direction=direction_of(one.revision.language),
        access=one.revision.access,
        is_premium=one.revision.access == Tier.PREMIUM,
        is_locked=access is not Access.FULL,
        is_draft=one.is_draft,
        draft_state=one.draft_state,
        is_required=one.is_required,
        minutes=one.minutes,
        number=number,
        content_hash=one.revision.content_hash,
        opens=waits.sentence if waits else "",
        opens_at=waits.opens_at if waits else None,
    )


def neighbours(
    contents: list[SectionPage], permalink: str
) -> tuple[LessonLink | None, LessonLink | None]:
    """The lessons before and after the one at `permalink`."""
    links = [link for section in contents for link in section.lessons]
    place = next((n for n, link in enumerate(links) if link.permalink == permalink), None)
    if place is None:
        return None, None
    following = links[place + 1] if place + 1 < len(links) else None
    return (links[place - 1] if place else None), following


def shown_revisions(standing: Standing) -> QuerySet[LessonRevision]:
    """The revisions that the person reads, in all courses, in reading order, without texts.

    Of lessons that are in no release of theirs, those who teach the course see the draft.
    """
    entries = read_entries(standing).filter(
        release__course__in=visible_courses(standing.person).values("pk")
    )
    drafts = Q(
        lesson__draft_revision=F("pk"),
        lesson__course__in=taught_courses(standing.person).values("pk"),
    ) & ~Q(lesson__in=entries.values("lesson_id"))
    place = entries.filter(revision=OuterRef("pk")).values("position")[:1]
    shown = LessonRevision.objects.filter(Q(pk__in=entries.values("revision_id")) | drafts)
    return (
        shown.select_related("lesson__course__owner")
        .defer(*_TEXTS, "lesson__body", "lesson__course__description")
        .annotate(place=Subquery(place), minutes=Coalesce("rendition__minutes", 0))
        .order_by(
            "lesson__course_id",
            F("place").asc(nulls_last=True),
            F("lesson__section__position").asc(nulls_last=True),
            F("lesson__section_id").asc(nulls_last=True),
            "lesson__position",
            "lesson_id",
        )
    )


def readings_of(standing: Standing, revisions: Sequence[LessonRevision]) -> list[Reading]:
    """What the person reads of those of `shown_revisions`; four queries, however many there are.

    Four more where lessons of theirs open to the person one by one.
    """
    if not revisions:
        return []
    entries: dict[int, Any] = {
        entry.revision_id: entry
        for entry in read_entries(standing)
        .filter(revision__in=[revision.pk for revision in revisions])
        .select_related("release")
        .defer("release__description_html")
    }
    open_at = _openings_everywhere(standing, [revision.lesson for revision in revisions])
    return [
        _reading(standing, revision, entries.get(revision.pk), open_at.get(revision.lesson_id))
        for revision in revisions
    ]


def _reading(
    standing: Standing,
    revision: LessonRevision,
    entry: ReleaseLesson | None,
    opening: Opening | None,
) -> Reading:
    course = revision.lesson.course
    return Reading(
        lesson=revision.lesson,
        revision=revision,
        release=entry.release if entry else None,
        entry=entry,
        is_draft=course.is_draft or entry is None,
        access=access_to(standing, course, revision, opening),
        standing=standing,
        opening=opening,
    )


def _openings_everywhere(standing: Standing, lessons: Sequence[Lesson]) -> Mapping[int, Opening]:
    by_course: dict[Course, list[int]] = {}
    for lesson in lessons:
        by_course.setdefault(lesson.course, []).append(lesson.pk)
    return openings_everywhere(standing=standing, lessons=by_course)
