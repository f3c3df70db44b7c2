"""Who may read a lesson, and what pages and API show of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Literal, TypeAlias, TypedDict

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.safestring import SafeString, mark_safe
from django_stubs_ext import WithAnnotations

from academy.accounts.models import User
from academy.platform.documents.text import direction_of
from learning.courses.models import Course, CourseFigure, CourseGrant, Status
from learning.courses.paths import course_path, lesson_path
from learning.courses.selectors import Person, is_operator, person_id
from learning.lessons.errors import FigureNotFoundError, LessonLockedError, LessonNotFoundError
from learning.lessons.models import Lesson, LessonFigure, LessonRendition, Tier


class Access(StrEnum):
    """What a person gets of a lesson."""

    FULL = "full"
    GATED = "gated"
    NONE = "none"


class LessonMinutes(TypedDict):
    """Added by `in_reading_order`."""

    minutes: int


TimedLesson: TypeAlias = "WithAnnotations[Lesson, LessonMinutes]"


@dataclass(frozen=True, slots=True)
class LessonLink:
    """A lesson in a list; `number` counts from 1 within what the person may see."""

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
    minutes: int
    number: int


@dataclass(frozen=True, slots=True)
class SectionPage:
    """Some lessons under a heading; the title is empty for those outside of any, which come last."""

    title: str
    lessons: list[LessonLink]


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A heading of the lesson: `level` 2 to 6."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class LessonPage:
    """A lesson as this person reads it.

    `state` is `ready`, `rendering` (there is nothing to show yet) or `unusable` (`problem` says
    why there never will be). `body_html` is sanitised.
    """

    title: str
    summary: str
    permalink: str
    url: str
    language: str
    direction: str
    access: str
    is_premium: bool
    body_html: SafeString
    state: Literal["ready", "rendering", "unusable"]
    problem: str
    outline: list[OutlineEntry]
    minutes: int
    is_draft: bool
    course_title: str
    course_url: str
    updated_at: datetime
    facets: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LessonSummary:
    """A lesson in the API's list: what `LessonPage` has, without the text."""

    title: str
    summary: str
    permalink: str
    url: str
    language: str
    direction: str
    access: str
    is_premium: bool
    minutes: int
    is_draft: bool
    course_title: str
    course_url: str
    updated_at: datetime
    facets: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rights:
    """What one person may read; read once, then good for any number of lessons."""

    person_id: int | None
    is_operator: bool
    granted_course_ids: frozenset[int]

    def access(self, lesson: Lesson) -> Access:
        """Full, gated or none; `lesson.course` should be loaded already."""
        if self.is_operator or (
            self.person_id is not None and lesson.course.owner_id == self.person_id
        ):
            return Access.FULL
        if lesson.is_draft:
            return Access.NONE
        if lesson.access == Tier.FREE or lesson.course_id in self.granted_course_ids:
            return Access.FULL
        return Access.GATED


def rights_of(person: Person) -> Rights:
    """The person's rights; one query, none for strangers and operators."""
    granted: frozenset[int] = frozenset()
    if isinstance(person, User) and not person.is_operator:
        grants = CourseGrant.objects.filter(person_id=person.pk)
        granted = frozenset(grants.values_list("course_id", flat=True))
    return Rights(
        person_id=person_id(person), is_operator=is_operator(person), granted_course_ids=granted
    )


def lesson_access(person: Person, lesson: Lesson) -> Access:
    """What the person gets of the lesson: the one decision for page, API, figure and download."""
    return rights_of(person).access(lesson)


def lesson_require_full(person: Person, lesson: Lesson) -> None:
    """Nothing happens where the person may read all of the lesson.

    Raises:
        LessonNotFoundError: they may not even know of it.
        LessonLockedError: they may read the beginning only.
    """
    access = lesson_access(person, lesson)
    if access is Access.NONE:
        raise LessonNotFoundError
    if access is not Access.FULL:
        raise LessonLockedError


def visible_lessons(person: Person) -> QuerySet[Lesson]:
    """The lessons to which the person has any access, their courses and owners loaded."""
    lessons = Lesson.objects.select_related("course__owner")
    if is_operator(person):
        return lessons
    visible = Q(status=Status.PUBLISHED, course__status=Status.PUBLISHED)
    if isinstance(person, User):
        visible |= Q(course__owner_id=person.pk)
    return lessons.filter(visible)


def in_reading_order(lessons: QuerySet[Lesson]) -> QuerySet[TimedLesson]:
    """The lessons without their texts, as a reader goes through them, with `minutes`."""
    return (
        lessons.select_related("section")
        .defer("body", "course__description", "course__description_html")
        .annotate(minutes=Coalesce("rendition__minutes", 0))
        .order_by(
            "course_id",
            F("section__position").asc(nulls_last=True),
            F("section_id").asc(nulls_last=True),
            "position",
            "pk",
        )
    )


def lesson_for(person: Person, permalink: str) -> Lesson:
    """The lesson at `course-slug/lesson-slug`; an old permalink finds it as well.

    Where the answer's `permalink` is another one, the caller redirects to it.

    Raises:
        LessonNotFoundError: there is none, or it is a draft and not the person's to see.
    """
    course_slug, _, slug = permalink.partition("/")
    lessons = visible_lessons(person).select_related("rendition")
    here = Q(course__slug=course_slug)
    once_here = Q(course__old_addresses__slug=course_slug)
    lesson = (
        lessons.filter(here, slug=slug).first()
        or lessons.filter(once_here, slug=slug).first()
        or lessons.filter(
            pk__in=_formerly_at(course_slug=course_slug, slug=slug).values("pk")
        ).first()
    )
    if lesson is None:
        raise LessonNotFoundError
    return lesson


def _formerly_at(*, course_slug: str, slug: str) -> QuerySet[Lesson]:
    course = Course.objects.filter(Q(slug=course_slug) | Q(old_addresses__slug=course_slug))
    return Lesson.objects.filter(
        old_addresses__slug=slug, old_addresses__course__in=course.values("pk")
    )


def course_contents(person: Person, course: Course) -> list[SectionPage]:
    """What the person may see of the course, in reading order; at most two queries.

    Sections without such lessons are left out.
    """
    rights = rights_of(person)
    lessons = in_reading_order(visible_lessons(person).filter(course=course))
    links = [
        (lesson.section, _link(lesson, rights.access(lesson), number=number))
        for number, lesson in enumerate(lessons, start=1)
    ]
    return [
        SectionPage(title=section.title if section else "", lessons=[link for _, link in group])
        for section, group in groupby(links, key=lambda pair: pair[0])
    ]


def _link(lesson: TimedLesson, access: Access, *, number: int) -> LessonLink:
    return LessonLink(
        title=lesson.title,
        summary=lesson.summary,
        permalink=lesson.permalink,
        url=lesson_path(lesson.permalink),
        language=lesson.effective_language,
        direction=direction_of(lesson.effective_language),
        access=lesson.access,
        is_premium=lesson.access == Tier.PREMIUM,
        is_locked=access is not Access.FULL,
        is_draft=lesson.is_draft,
        minutes=lesson.minutes,
        number=number,
    )


def lesson_summaries(person: Person, lessons: Sequence[TimedLesson]) -> list[LessonSummary]:
    """What the API's list says of the lessons; at most one query for all of them."""
    rights = rights_of(person)
    return [
        LessonSummary(
            title=lesson.title,
            summary=lesson.summary,
            permalink=lesson.permalink,
            url=lesson_path(lesson.permalink),
            language=lesson.effective_language,
            direction=direction_of(lesson.effective_language),
            access=rights.access(lesson).value,
            is_premium=lesson.access == Tier.PREMIUM,
            minutes=lesson.minutes,
            is_draft=lesson.is_draft,
            course_title=lesson.course.title,
            course_url=course_path(lesson.course.slug),
            updated_at=lesson.updated_at,
        )
        for lesson in lessons
    ]


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


def lesson_page(person: Person, lesson: Lesson) -> LessonPage:
    """The lesson as the person reads it; one query, or none, with course and rendition loaded.

    Raises:
        LessonNotFoundError: they may not even know of it.
    """
    access = lesson_access(person, lesson)
    if access is Access.NONE:
        raise LessonNotFoundError
    rendition = _rendition(lesson)
    state = _state(lesson, rendition)
    body_html, outline = _shown(rendition, access) if state == "ready" else ("", [])
    return LessonPage(
        title=lesson.title,
        summary=lesson.summary,
        permalink=lesson.permalink,
        url=lesson_path(lesson.permalink),
        language=lesson.effective_language,
        direction=direction_of(lesson.effective_language),
        access=access.value,
        is_premium=lesson.access == Tier.PREMIUM,
        body_html=mark_safe(body_html),  # noqa: S308 - the renderer sanitised it
        state=state,
        problem=rendition.problem if rendition and state == "unusable" else "",
        outline=outline,
        minutes=rendition.minutes if rendition else 0,
        is_draft=lesson.is_draft,
        course_title=lesson.course.title,
        course_url=course_path(lesson.course.slug),
        updated_at=lesson.updated_at,
    )


def _rendition(lesson: Lesson) -> LessonRendition | None:
    try:
        return lesson.rendition
    except LessonRendition.DoesNotExist:
        return None


def _state(
    lesson: Lesson, rendition: LessonRendition | None
) -> Literal["ready", "rendering", "unusable"]:
    if rendition is None:
        return "rendering"
    if not rendition.problem_code:
        return "ready"
    return "unusable" if rendition.content_hash == lesson.content_hash else "rendering"


def _shown(rendition: LessonRendition | None, access: Access) -> tuple[str, list[OutlineEntry]]:
    if rendition is None:
        return "", []
    in_full = access is Access.FULL
    outline = rendition.outline if in_full else rendition.preview_outline
    html = rendition.body_html if in_full else rendition.preview_html
    return html, [OutlineEntry(**entry) for entry in outline]


def figure_for(person: Person, *, course_slug: str, name: str) -> CourseFigure:
    """The course's figure, for somebody who may see a lesson, or its preview, that shows it.

    Raises:
        FigureNotFoundError: there is none, or nothing that the person may read shows it.
    """
    course = Course.objects.filter(Q(slug=course_slug) | Q(old_addresses__slug=course_slug))
    figure = CourseFigure.objects.filter(course__in=course.values("pk"), name=name).first()
    if figure is None:
        raise FigureNotFoundError
    rights = rights_of(person)
    if rights.is_operator or _is_owner(rights, figure.course_id):
        return figure
    shown = LessonFigure.objects.filter(figure=figure, lesson__in=visible_lessons(person))
    for use in shown.select_related("lesson__course"):
        if use.in_preview or rights.access(use.lesson) is Access.FULL:
            return figure
    raise FigureNotFoundError


def _is_owner(rights: Rights, course_id: int) -> bool:
    if rights.person_id is None:
        return False
    return Course.objects.filter(pk=course_id, owner_id=rights.person_id).exists()
