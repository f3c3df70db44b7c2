"""Which courses a person sees, and what the pages show of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias, TypedDict

from django.db.models import (
    Aggregate,
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce
from django_stubs_ext import WithAnnotations

from academy.accounts.models import User
from academy.accounts.permissions import Person, signed_in
from academy.platform.database.lists import JsonList
from academy.platform.documents.text import direction_of
from learning.courses.errors import CourseNotFoundError
from learning.courses.models import Course, CourseStaff, StaffRole, Visibility
from learning.courses.paths import course_path, figure_path, reads_as_id
from learning.enrolments.dates import open_now
from learning.enrolments.models import Enrolment
from learning.lessons.models import Lesson
from learning.releases.models import Release, ReleaseLesson
from learning.releases.selectors import release_for
from learning.rights.selectors import Standing, taught_courses, visible_courses

_LONGEST_ID = 18


class CourseCounts(TypedDict):
    """Added by `listed_courses` and `courses_seen`."""

    shown_title: str
    lesson_count: int
    minutes: int


class CourseTeachers(CourseCounts):
    """Added by `course_for` and `course_named`: names, in no order; None: there are none.

    What counts the draft is 0 for those who do not teach the course.
    """

    co_instructors: list[str] | None
    draft_lesson_count: int
    draft_minutes: int


CountedCourse: TypeAlias = "WithAnnotations[Course, CourseCounts]"
TaughtCourse: TypeAlias = "WithAnnotations[Course, CourseTeachers]"
Shown: TypeAlias = Course | Release


@dataclass(frozen=True, slots=True)
class CourseCard:
    """A course in the catalogue, as its newest release has it.

    `minutes` is the reading time of what the person may list; `price` is in minor units;
    `release` is the newest number, None for a course that was never published.
    """

    id: int
    slug: str
    title: str
    summary: str
    language: str
    direction: str
    level: str
    lesson_count: int
    minutes: int
    is_draft: bool
    visibility: str
    price: int
    currency: str
    cover_url: str | None
    release: int | None
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePage(CourseCard):
    """A course on its own page, as the person's release has it; `description_html` is sanitised.

    `release` is the number of that release. `teachers` are the names of its owner and, by name,
    of its co-instructors who have one to show.
    """

    description_html: str
    owner_name: str
    teachers: list[str]
    release_policy: str


def person_id(person: Person) -> int | None:
    """The person's id; None for a stranger."""
    return person.pk if isinstance(person, User) else None


def courses_seen(person: Person) -> QuerySet[CountedCourse]:
    """The courses that the person sees, with what cards show of them; one database query."""
    courses: QuerySet[CountedCourse] = _counted(person, visible_courses(person))
    return courses


def listed_courses(person: Person) -> QuerySet[CountedCourse]:
    """The courses that the person finds, by title; one database query.

    Those that are open to whoever has the address are found by their own people only.
    """
    courses = courses_seen(person).filter(listable(person))
    return courses.order_by("shown_title", "pk")


def listable(person: Person) -> Q:
    """Of the courses that the person sees those that stand in lists."""
    someone = signed_in(person)
    if someone is None:
        return Q(visibility=Visibility.PUBLIC)
    seats = Enrolment.objects.filter(open_now(), person_id=someone.pk)
    return (
        Q(visibility=Visibility.PUBLIC)
        | Q(pk__in=taught_courses(someone).values("pk"))
        | Q(pk__in=seats.values("course_id"))
        # What only enrolled people see is seen by nobody else.
        | Q(visibility=Visibility.ENROLLED)
    )


def _counted(person: Person, courses: QuerySet[Course]) -> QuerySet[CountedCourse]:
    """With the numbers of the newest release; of the draft where there is none yet."""
    entries = ReleaseLesson.objects.filter(release=OuterRef("newest_release_id")).order_by()
    released = _number(entries.values("release"), Sum("revision__rendition__minutes"))
    unpublished = Q(_taught(person), newest_release=None)
    return courses.select_related("newest_release", "cover").annotate(
        shown_title=Coalesce("newest_release__title", "title"),
        lesson_count=_either(unpublished, _drafted(Count("pk")), F("newest_release__lesson_count")),
        minutes=_either(unpublished, _drafted(Sum("draft_revision__rendition__minutes")), released),
    )


def _taught(person: Person) -> Exists:
    return Exists(taught_courses(person).filter(pk=OuterRef("pk")))


def _drafted(aggregate: Aggregate) -> Subquery:
    lessons = Lesson.objects.filter(course=OuterRef("pk")).order_by().values("course")
    return _number(lessons, aggregate)


def _either(condition: Q | Exists, then: Any, default: Any) -> Coalesce:
    chosen = Case(When(condition, then=then), default=default, output_field=IntegerField())
    return Coalesce(chosen, 0)


def _number(rows: QuerySet[Any, Any], aggregate: Aggregate) -> Subquery:
    counted = rows.annotate(number=aggregate).values("number")
    return Subquery(counted, output_field=IntegerField())


def _with_teachers(person: Person, courses: QuerySet[CountedCourse]) -> QuerySet[TaughtCourse]:
    """The names come with the course: they cost no query of their own."""
    posts = CourseStaff.objects.filter(
        # Whoever owns it stands first, and once.
        Q(course__owner=None) | ~Q(person=F("course__owner")),
        course=OuterRef("pk"),
        role=StaffRole.CO_INSTRUCTOR,
        person__is_active=True,
    ).exclude(person__display_name="")
    by_course = posts.order_by().values("course")
    names = by_course.annotate(names=JsonList("person__display_name")).values("names")
    loaded = courses.select_related("owner", "newest_release", "cover")
    minutes = _drafted(Sum("draft_revision__rendition__minutes"))
    taught: QuerySet[TaughtCourse] = loaded.annotate(
        co_instructors=Subquery(names),
        draft_lesson_count=_either(_taught(person), _drafted(Count("pk")), 0),
        draft_minutes=_either(_taught(person), minutes, 0),
    )
    return taught


def course_for(person: Person, slug: str) -> TaughtCourse:
    """The course at this address, old addresses included; its owner is loaded.

    Raises:
        CourseNotFoundError: there is none, or none that is the person's to see.
    """
    courses = _with_teachers(person, courses_seen(person))
    course = courses.filter(slug=slug).first() or courses.filter(old_addresses__slug=slug).first()
    if course is None:
        raise CourseNotFoundError
    return course


def course_named(person: Person, name: str) -> TaughtCourse:
    """The course at this address; digits alone are its id, and no address.

    Raises:
        CourseNotFoundError: there is none, or none that is the person's to see.
    """
    if not reads_as_id(name):
        return course_for(person, name)
    if len(name) > _LONGEST_ID:
        raise CourseNotFoundError
    course = _with_teachers(person, courses_seen(person)).filter(pk=int(name)).first()
    if course is None:
        raise CourseNotFoundError
    return course


def cover_url(course: Course) -> str | None:
    """Where the course's cover is; no query with `cover` loaded."""
    cover = course.cover
    return figure_path(course.slug, cover.name, digest=cover.digest) if cover else None


def course_cards(courses: Iterable[CountedCourse]) -> list[CourseCard]:
    """What the catalogue shows of the courses; no query."""
    return [CourseCard(**_said(course, course.newest_release)) for course in courses]


def course_page(course: TaughtCourse, *, standing: Standing, draft: bool = False) -> CoursePage:
    """What the course's own page shows of it: the person's release, or what is written now.

    One query at most.
    """
    release = None if draft else release_for(standing, course)
    owner_name = str(course.owner) if course.owner else ""
    others = sorted(course.co_instructors or (), key=str.casefold)
    said = _said(course, release)
    if draft:
        said |= {"lesson_count": course.draft_lesson_count, "minutes": course.draft_minutes}
    return CoursePage(
        **said,
        description_html=(release or course).description_html,
        owner_name=owner_name,
        teachers=[owner_name, *others] if owner_name else others,
        release_policy=course.release_policy,
    )


def _said(course: CountedCourse, release: Release | None) -> dict[str, Any]:
    shown: Shown = release or course
    return {
        "id": course.pk,
        "slug": course.slug,
        "title": shown.title,
        "summary": shown.summary,
        "language": shown.language,
        "direction": direction_of(shown.language),
        "level": shown.level,
        "lesson_count": course.lesson_count,
        "minutes": course.minutes,
        "is_draft": course.is_draft,
        "visibility": course.visibility,
        "price": course.price,
        "currency": course.currency,
        "cover_url": cover_url(course),
        "release": release.number if release else None,
        "url": course_path(course.slug),
    }
