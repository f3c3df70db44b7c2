"""Courses come, go, and get people who teach them."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from academy.accounts.models import Role, User
from academy.platform.realtime.publishing import publish_on_commit
from learning.courses.errors import (
    CourseInUseError,
    OwnerUnfitError,
    OwnsCourseError,
    StaffUnknownError,
)
from learning.courses.models import Course, CourseStaff, StaffRole
from learning.courses.services.courses import course_save
from learning.courses.services.holding import course_held
from learning.enrolments.models import Enrolment
from learning.lessons.models import Lesson
from learning.lessons.services import revisions_held


def course_edit(*, course: Course, values: Mapping[str, Any]) -> Course:
    """The course, new or known, has these values; whatever else is written of it stays.

    Raises:
        CourseNotFoundError: it is gone.
        SlugTakenError: another course has the address, or had it; nothing was stored.
        InvalidInputError: a value cannot be used; nothing was stored.
    """
    for name, value in values.items():
        setattr(course, name, value)
    return course_save(course=course, fields=values.keys())


@transaction.atomic
def course_delete(*, course: Course) -> None:
    """The course is gone with all its lessons and releases.

    Raises:
        CourseNotFoundError: it is gone already.
        CourseInUseError: people are or were enrolled; take it back instead.
    """
    held = course_held(course.pk)
    if Enrolment.objects.filter(course=held).exists():
        raise CourseInUseError
    revisions_held(lessons=Lesson.objects.filter(course=held))
    held.delete()


@transaction.atomic
def staff_set(*, course: Course, person: User, role: str, acting_user: User) -> CourseStaff:
    """The person has this post in the course, and no other. Idempotent.

    Raises:
        CourseNotFoundError: the course is gone.
        OwnsCourseError: the owner has no post beside that.
    """
    held = course_held(course.pk)
    if held.owner_id == person.pk:
        raise OwnsCourseError
    post, _is_new = CourseStaff.objects.update_or_create(
        course=held,
        person=person,
        defaults={"role": StaffRole(role)},
        create_defaults={"role": StaffRole(role), "added_by": acting_user},
    )
    _rights_changed(person.pk)
    return post


@transaction.atomic
def staff_remove(*, course: Course, person: User) -> None:
    """The person has no post in the course.

    Raises:
        StaffUnknownError: they had none.
    """
    if not CourseStaff.objects.filter(course=course, person=person).delete()[0]:
        raise StaffUnknownError
    _rights_changed(person.pk)


def owner_require(person: User) -> None:
    """Nothing happens to whoever may own courses.

    Raises:
        OwnerUnfitError: they make no courses.
    """
    if person.role not in {Role.INSTRUCTOR, Role.OPERATOR}:
        raise OwnerUnfitError


@transaction.atomic
def owner_set(*, course: Course, person: User, acting_user: User) -> Course:
    """The course is the person's; whoever owned it before goes on as a co-instructor. Idempotent.

    Raises:
        CourseNotFoundError: the course is gone.
        OwnerUnfitError: they make no courses.
    """
    owner_require(person)
    held = course_held(course.pk)
    former = held.owner
    if former == person:
        return held
    held.owner = person
    saved = course_save(course=held, fields=("owner",))
    CourseStaff.objects.filter(course=held, person=person).delete()
    _rights_changed(person.pk)
    if former is not None:
        _rights_changed(former.pk)
    if former is not None and former.is_active:
        staff_set(course=held, person=former, role=StaffRole.CO_INSTRUCTOR, acting_user=acting_user)
    return saved


def _rights_changed(person_id: int) -> None:
    """Open sockets of the person look again, on commit, whether they still may."""
    publish_on_commit(f"person:{person_id}")
