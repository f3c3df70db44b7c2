"""Who is let into a class, and with what rights."""

from dataclasses import dataclass
from typing import Final

from django.db.models import OuterRef, Subquery

from academy.accounts.models import User
from academy.accounts.permissions import Person, Verdict, signed_in
from academy.platform.errors import PermissionDeniedError
from learning.courses.errors import CourseNotFoundError
from learning.courses.models import Course, CourseStaff
from learning.rights.selectors import Standing

_UNREAD: Final = (
    "description",
    "description_html",
    "newest_release__description_html",
    "newest_release__note",
)


@dataclass(frozen=True, slots=True)
class Classroom:
    """A course with whoever looks at its class; `person` may see it."""

    course: Course
    person: User
    standing: Standing

    @property
    def is_managed(self) -> bool:
        """Whether the person enrols, removes and completes."""
        return self.standing.may("class.manage", self.course)

    @property
    def is_exported(self) -> bool:
        """Whether the person takes the class away as a file."""
        return self.standing.may("class.export", self.course)

    def require(self, action: str) -> None:
        """Nothing happens where the person may.

        Raises:
            PermissionDeniedError: they see the class, but not do this.
        """
        if self.standing.verdict(action, self.course) is not Verdict.ALLOWED:
            raise PermissionDeniedError


def classroom_for(person: Person, slug: str) -> Classroom:
    """The class of the course at this address, old ones included. One query, seldom two.

    Raises:
        CourseNotFoundError: there is no such course, or its class is not the person's to see.
    """
    someone = signed_in(person)
    if someone is None:
        raise CourseNotFoundError
    post = CourseStaff.objects.filter(course=OuterRef("pk"), person_id=someone.pk)
    courses = (
        Course.objects.select_related("newest_release")
        .defer(*_UNREAD)
        .annotate(post=Subquery(post.values("role")[:1]))
    )
    course = courses.filter(slug=slug).first() or courses.filter(old_addresses__slug=slug).first()
    if course is None:
        raise CourseNotFoundError
    # A class is its staff's alone: what else the person may be to the course is not asked for.
    role: str | None = vars(course)["post"]
    posts = {course.pk: role} if role else {}
    standing = Standing(person=someone, posts=posts)
    if not standing.may("class.see", course):
        raise CourseNotFoundError
    return Classroom(course=course, person=someone, standing=standing)
