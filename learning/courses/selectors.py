"""Which courses a person sees, and what the pages show of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias, TypedDict

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django_stubs_ext import WithAnnotations

from academy.accounts.models import User
from academy.platform.documents.text import clean_text, direction_of
from learning.courses.errors import CourseNotFoundError
from learning.courses.models import Course, Status
from learning.courses.paths import course_path

Person: TypeAlias = User | AnonymousUser | None
"""Whoever asks; None and the anonymous user are a stranger."""

MAX_QUERY_CHARACTERS = 200


class CourseCounts(TypedDict):
    """Added by `listed_courses`."""

    lesson_count: int
    minutes: int


CountedCourse: TypeAlias = "WithAnnotations[Course, CourseCounts]"


@dataclass(frozen=True, slots=True)
class CourseCard:
    """A course in the catalogue; `minutes` is the reading time of what the person may list."""

    slug: str
    title: str
    summary: str
    language: str
    direction: str
    level: str
    lesson_count: int
    minutes: int
    is_draft: bool
    url: str


@dataclass(frozen=True, slots=True)
class CoursePage:
    """A course on its own page; `description_html` is sanitised."""

    slug: str
    title: str
    summary: str
    description_html: str
    language: str
    direction: str
    level: str
    owner_name: str
    is_draft: bool
    url: str
    lesson_count: int
    minutes: int


def person_id(person: Person) -> int | None:
    """The person's id; None for a stranger."""
    return person.pk if isinstance(person, User) else None


def is_operator(person: Person) -> bool:
    """Whether the person keeps the academy running."""
    return isinstance(person, User) and person.is_operator


def may_see_course(person: Person, course: Course) -> bool:
    """Published ones are everybody's; drafts are for the owner and for operators."""
    if not course.is_draft or is_operator(person):
        return True
    return isinstance(person, User) and course.owner_id == person.pk


def visible_courses(person: Person) -> QuerySet[Course]:
    """The courses for which `may_see_course` holds."""
    if is_operator(person):
        return Course.objects.all()
    published = Q(status=Status.PUBLISHED)
    if isinstance(person, User):
        return Course.objects.filter(published | Q(owner_id=person.pk))
    return Course.objects.filter(published)


def listed_courses(person: Person, *, query: str = "") -> QuerySet[CountedCourse]:
    """The visible courses by title, with `lesson_count` and `minutes`; one database query.

    `query` filters as `about` does; what no text can contain is dropped from it.
    """
    counted = None
    if not is_operator(person):
        counted = Q(lessons__status=Status.PUBLISHED)
        if isinstance(person, User):
            counted |= Q(owner_id=person.pk)
    courses = visible_courses(person).annotate(
        lesson_count=Count("lessons", filter=counted),
        minutes=Coalesce(Sum("lessons__rendition__minutes", filter=counted), 0),
    )
    wanted = searched(query)
    if wanted:
        courses = courses.filter(about(wanted))
    return courses.order_by("title", "pk")


def about(words: str) -> Q:
    """Courses with the words in title or summary, or in the title of a published lesson."""
    # A subquery: joined, each lesson that is found would change what is counted.
    taught = Course.objects.filter(
        lessons__status=Status.PUBLISHED, lessons__title__icontains=words
    ).values("pk")
    return Q(title__icontains=words) | Q(summary__icontains=words) | Q(pk__in=taught)


def searched(query: str) -> str:
    """The text that is looked for."""
    return clean_text(query).strip()[:MAX_QUERY_CHARACTERS]


def course_for(person: Person, slug: str) -> CountedCourse:
    """The course at this address, old addresses included.

    Raises:
        CourseNotFoundError: there is none, or it is a draft and not the person's to see.
    """
    courses = listed_courses(person).select_related("owner")
    course = courses.filter(slug=slug).first() or courses.filter(old_addresses__slug=slug).first()
    if course is None:
        raise CourseNotFoundError
    return course


def course_cards(courses: Iterable[CountedCourse]) -> list[CourseCard]:
    """What the catalogue shows of the courses."""
    return [
        CourseCard(
            slug=course.slug,
            title=course.title,
            summary=course.summary,
            language=course.language,
            direction=direction_of(course.language),
            level=course.level,
            lesson_count=course.lesson_count,
            minutes=course.minutes,
            is_draft=course.is_draft,
            url=course_path(course.slug),
        )
        for course in courses
    ]


def course_page(course: CountedCourse) -> CoursePage:
    """What the course's own page shows of it."""
    return CoursePage(
        slug=course.slug,
        title=course.title,
        summary=course.summary,
        description_html=course.description_html,
        language=course.language,
        direction=direction_of(course.language),
        level=course.level,
        owner_name=str(course.owner) if course.owner else "",
        is_draft=course.is_draft,
        url=course_path(course.slug),
        lesson_count=course.lesson_count,
        minutes=course.minutes,
    )
