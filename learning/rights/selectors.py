"""What a person is to the courses, and what they may do there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.utils.functional import cached_property

from academy.accounts.models import Role, User
from academy.accounts.permissions import Person, Verdict, signed_in
from learning.courses.models import Course, CourseGrant, CourseStaff, StaffRole, Status, Visibility
from learning.enrolments.dates import open_now
from learning.enrolments.models import Enrolment
from learning.rights.table import COURSE_ACTIONS, CourseRole

_POSTS: Mapping[str, CourseRole] = {
    StaffRole.CO_INSTRUCTOR: CourseRole.CO_INSTRUCTOR,
    StaffRole.ASSISTANT: CourseRole.ASSISTANT,
}


@dataclass(frozen=True, slots=True)
class Seat:
    """An enrolment that is open now; `release_id` is the one it started on."""

    enrolment_id: int
    release_id: int | None


@dataclass(frozen=True)
class Standing:
    """What one person is to all courses: each part read once, then good for any number of them."""

    person: User | None
    posts: Mapping[int, str] = field(default_factory=dict)
    where: Q = field(default_factory=Q)

    @cached_property
    def seats(self) -> Mapping[int, Seat]:
        """The person's open enrolments by course."""
        if self.person is None:
            return {}
        open_ones = Enrolment.objects.filter(self.where, open_now(), person_id=self.person.pk)
        rows = open_ones.order_by().values_list("pk", "course_id", "release_id")
        return {course: Seat(enrolment_id=pk, release_id=release) for pk, course, release in rows}

    @cached_property
    def granted(self) -> frozenset[int]:
        """The courses that an operator opened to the person; asked for where that matters."""
        if self.person is None or self.person.is_operator:
            return frozenset()
        grants = CourseGrant.objects.filter(self.where, person_id=self.person.pk)
        return frozenset(grants.order_by().values_list("course_id", flat=True))

    def role_in(self, course: Course) -> CourseRole:
        """What the person is to the course; at most the query for `seats`."""
        if self.person is None:
            return CourseRole.STRANGER
        post = self._post_in(course, self.person)
        if post is not None:
            return post
        return CourseRole.LEARNER if course.pk in self.seats else CourseRole.PERSON

    def teaches(self, course: Course) -> bool:
        """Whether the person sees the course's drafts; never a query, since no seat is asked for."""
        if self.person is None:
            return False
        return self._post_in(course, self.person) in COURSE_ACTIONS["course.see_draft"]

    def _post_in(self, course: Course, person: User) -> CourseRole | None:
        if person.is_operator:
            return CourseRole.OPERATOR
        if course.owner_id == person.pk:
            return CourseRole.OWNER
        post = self.posts.get(course.pk)
        return None if post is None else _POSTS[post]

    def seat_in(self, course_id: int) -> Seat | None:
        """The person's open enrolment, whatever else they are there."""
        return self.seats.get(course_id)

    def is_entitled(self, course_id: int) -> bool:
        """Whether premium lessons are open to the person: enrolled, or let in by an operator."""
        return course_id in self.seats or course_id in self.granted

    def sees(self, course: Course) -> bool:
        """Staff always; others once it is published and not for enrolled people only."""
        if self.teaches(course):
            return True
        if course.status != Status.PUBLISHED:
            return False
        return course.visibility != Visibility.ENROLLED or self.is_entitled(course.pk)

    def verdict(self, action: str, course: Course) -> Verdict:
        """What the table says; no query."""
        if not self.sees(course):
            return Verdict.HIDDEN
        if action == "course.see":
            return Verdict.ALLOWED
        if action == "course.enrol":
            return Verdict.REFUSED if self.person is None else Verdict.ALLOWED
        if action == "progress.write":
            # Who teaches a course may learn in it as well.
            return Verdict.ALLOWED if course.pk in self.seats else Verdict.REFUSED
        allowed = self.role_in(course) in COURSE_ACTIONS[action]
        return Verdict.ALLOWED if allowed else Verdict.REFUSED

    def may(self, action: str, course: Course) -> bool:
        """Whether the table lets them."""
        return self.verdict(action, course) is Verdict.ALLOWED


def standing_of(person: Person, *, course_id: int | None = None) -> Standing:
    """The person's standing in all courses, or in one; at most three queries."""
    someone = signed_in(person)
    if someone is None:
        return Standing(person=None)
    where = Q() if course_id is None else Q(course_id=course_id)
    posts: dict[int, str] = {}
    if not someone.is_operator:
        rows = CourseStaff.objects.filter(where, person_id=someone.pk).order_by()
        posts = dict(rows.values_list("course_id", "role"))
    return Standing(person=someone, posts=posts, where=where)


def standing_with(person: User, *, seats: Mapping[int, Seat]) -> Standing:
    """The standing of somebody whose open enrolments are known; as no course's staff, no query."""
    standing = Standing(person=person)
    standing.__dict__["seats"] = seats
    return standing


def visible_courses(person: Person) -> QuerySet[Course]:
    """The courses that the person sees, as `Standing.sees` decides."""
    someone = signed_in(person)
    if someone is not None and someone.is_operator:
        return Course.objects.all()
    seen = Q(status=Status.PUBLISHED) & ~Q(visibility=Visibility.ENROLLED)
    if someone is not None:
        seen |= Q(owner_id=someone.pk) | Q(
            pk__in=CourseStaff.objects.filter(person_id=someone.pk).values("course_id")
        )
        let_in = Q(
            pk__in=Enrolment.objects.filter(open_now(), person_id=someone.pk).values("course_id")
        ) | Q(pk__in=CourseGrant.objects.filter(person_id=someone.pk).values("course_id"))
        seen |= Q(status=Status.PUBLISHED) & let_in
    return Course.objects.filter(seen)


def taught_courses(person: Person) -> QuerySet[Course]:
    """The courses whose class the person sees: staff of them; all for an operator."""
    someone = signed_in(person)
    if someone is None:
        return Course.objects.none()
    if someone.is_operator:
        return Course.objects.all()
    posts = CourseStaff.objects.filter(person_id=someone.pk).values("course_id")
    return Course.objects.filter(Q(owner_id=someone.pk) | Q(pk__in=posts))


def is_teaching(person: Person) -> bool:
    """Whether *My teaching* is of use to the person: by their role, or by a course.

    At most one query; none for strangers, instructors and operators.
    """
    someone = signed_in(person)
    if someone is None:
        return False
    return is_teaching_by_role(someone) or taught_courses(someone).exists()


def is_teaching_by_role(person: User) -> bool:
    """Whether the person makes courses, whatever they teach now; no query."""
    return person.role in {Role.INSTRUCTOR, Role.OPERATOR}


def judge_course(person: Person, action: str, course: Course) -> Verdict:
    """What `academy.accounts.permissions` asks about a course."""
    return standing_of(person, course_id=course.pk).verdict(action, course)


def judge_making(person: Person, _action: str, _row: None) -> Verdict:
    """Instructors and operators make courses."""
    someone = signed_in(person)
    makes = someone is not None and someone.role in {Role.INSTRUCTOR, Role.OPERATOR}
    return Verdict.ALLOWED if makes else Verdict.REFUSED
