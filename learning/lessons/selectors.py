"""Who may read a lesson, and what pages and API show of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, TypedDict

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django_stubs_ext import WithAnnotations

from academy.accounts.models import User
from learning.courses.models import Course, CourseFigure, CourseGrant, Status
from learning.courses.selectors import Person, is_operator, person_id
from learning.lessons.errors import FigureNotFoundError, LessonLockedError, LessonNotFoundError
from learning.lessons.models import Lesson, LessonFigure, Tier


class Access(StrEnum):
    """What a person gets of a lesson."""

    FULL = "full"
    GATED = "gated"
    NONE = "none"


class LessonMinutes(TypedDict):
    """Added by `in_reading_order`."""

    minutes: int


TimedLesson: TypeAlias = WithAnnotations[Lesson, LessonMinutes]


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
            F("section__position").asc(nulls_first=True),
            F("section_id").asc(nulls_first=True),
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


def lesson_url(permalink: str) -> str:
    """The path of the lesson's page."""
    course_slug, _, slug = permalink.partition("/")
    return reverse("lessons:lesson", args=[course_slug, slug])


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
