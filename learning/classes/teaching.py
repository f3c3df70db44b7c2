"""The courses that a person teaches, with figures of their classes."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db.models import Avg, Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now

from academy.accounts.models import User
from learning.classes.paths import class_path
from learning.courses.models import Course, CourseStaff
from learning.courses.paths import course_path
from learning.enrolments.models import Enrolment
from learning.rights.selectors import Standing, taught_courses
from learning.rights.table import CourseRole

_ACTIVE_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class TaughtCourse:
    """A course with its class in figures; people who have withdrawn count nowhere.

    `active` were there in the last seven days, `finished` have completed all that counts.
    """

    title: str
    url: str
    class_url: str
    language: str
    is_draft: bool
    role: CourseRole
    learners: int
    active: int
    finished: int
    average_percent: int


def taught_by(person: User) -> QuerySet[Any]:
    """The courses that the person teaches, by title."""
    posts = CourseStaff.objects.filter(course=OuterRef("pk"), person_id=person.pk)
    courses = taught_courses(person).annotate(post=Subquery(posts.values("role")[:1]))
    return courses.only("slug", "title", "language", "status", "owner_id").order_by("title", "pk")


def with_figures(courses: list[Any], person: User) -> list[TaughtCourse]:
    """The courses with their figures; one query, however many they are."""
    posts = {course.pk: course.post for course in courses if course.post}
    standing = Standing(person=person, posts=posts)
    known = _figures([course.pk for course in courses])
    return [_taught(course, standing, known.get(course.pk, {})) for course in courses]


def _figures(course_ids: list[int]) -> dict[int, dict[str, Any]]:
    recent = Q(progress__last_active_at__gt=Now() - timedelta(days=_ACTIVE_DAYS))
    rows = (
        Enrolment.objects.filter(course_id__in=course_ids)
        .exclude(status=Enrolment.Status.WITHDRAWN)
        .order_by()
        .values("course_id")
        .annotate(
            learners=Count("pk"),
            active=Count("pk", filter=recent),
            finished=Count("pk", filter=Q(progress__percent=100)),
            average=Avg(Coalesce("progress__percent", 0)),
        )
    )
    return {row["course_id"]: dict(row) for row in rows}


def _taught(course: Course, standing: Standing, known: dict[str, Any]) -> TaughtCourse:
    return TaughtCourse(
        title=course.title,
        url=course_path(course.slug),
        class_url=class_path(course.slug),
        language=course.language,
        is_draft=course.is_draft,
        role=standing.role_in(course),
        learners=known.get("learners", 0),
        active=known.get("active", 0),
        finished=known.get("finished", 0),
        average_percent=int(known.get("average") or 0),
    )
