"""Whoever writes a course writes what they name, however many write it at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import OperationalError, connection

from academy.accounts.models import Role, User
from learning.conftest import png
from learning.courses.errors import CourseNotFoundError, SlugTakenError
from learning.courses.models import Course, CourseStaff, Status
from learning.courses.services.covers import cover_remove, cover_set
from learning.courses.services.editing import course_delete, course_edit, owner_set, staff_set
from learning.enrolments.services import enrolment_by_staff
from learning.lessons.models import Lesson
from learning.lessons.services import contents_set, lesson_edit
from learning.releases.services import release_publish

SAID = {
    "title": "Нова 🌊",
    "summary": "短い",
    "description": "*Hi*",
    "language": "ja",
    "level": "advanced",
    "visibility": "enrolled",
    "price": 9900,
    "currency": "JPY",
    "release_policy": "pinned",
    "seat_limit": 7,
    "enrolment_days": 30,
    "slug": "neu",
}


def patiently(act, course):
    """SQLite's lock is not fair: who waits too long is told 503, and comes again."""
    for _try in range(60):
        try:
            return act(course)
        except OperationalError as error:
            if "database is locked" not in str(error):
                raise
    return act(course)


def at_once(course, acts):
    """What each answered or was refused with; all have read the course before anybody writes."""
    start = Barrier(len(acts))

    def run(act):
        try:
            read = Course.objects.select_related("owner", "cover").get(pk=course.pk)
            start.wait(60)
            return patiently(act, read)
        except (CourseNotFoundError, SlugTakenError) as refusal:
            return type(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def edit(name):
    return lambda course: course_edit(course=course, values={name: SAID[name]})


@pytest.mark.usefixtures("for_threads")
def test_everybody_who_writes_at_the_same_moment_is_heard():
    owner = User.objects.create(username="owner", role=Role.INSTRUCTOR)
    heir = User.objects.create(username="heir", role=Role.INSTRUCTOR)
    course = Course.objects.create(
        slug="alt", title="Alt", owner=owner, status=Status.PUBLISHED, source_digest="d"
    )
    acts = [
        *(edit(name) for name in SAID),
        lambda read: owner_set(course=read, person=heir, acting_user=owner),
        lambda read: cover_set(course=read, data=png(), acting_user=owner),
    ]
    answers = at_once(course, acts)
    assert SlugTakenError not in answers
    kept = Course.objects.get(pk=course.pk)
    assert {name: getattr(kept, name) for name in SAID} == SAID
    assert kept.description_html == "<p><em>Hi</em></p>\n"
    assert kept.owner == heir
    assert kept.cover is not None
    assert list(CourseStaff.objects.values_list("person__username", flat=True)) == ["owner"]
    assert list(kept.old_addresses.values_list("slug", flat=True)) == ["alt"]


def test_who_edits_what_was_read_before_answers_with_what_is_now(course, person, ingrid):
    ivan = person("ivan", Role.INSTRUCTOR)
    read = Course.objects.select_related("owner").get(pk=course.pk)
    owner_set(course=course, person=ivan, acting_user=ingrid)
    course_edit(course=Course.objects.get(pk=course.pk), values={"price": 9900})
    saved = course_edit(course=read, values={"summary": "Typo."})
    assert (saved.owner, saved.price, saved.summary) == (ivan, 9900, "Typo.")
    assert Course.objects.get().owner == ivan


@pytest.mark.parametrize(
    "act",
    [
        lambda read, person: course_edit(course=read, values={"title": "x"}),
        lambda read, person: course_delete(course=read),
        lambda read, person: owner_set(course=read, person=read.owner, acting_user=person),
        lambda read, person: staff_set(
            course=read, person=person, role="assistant", acting_user=person
        ),
        lambda read, person: cover_set(course=read, data=png(), acting_user=person),
        lambda read, person: cover_remove(course=read, acting_user=person),
        lambda read, person: release_publish(course=read, acting_user=person),
        lambda read, person: enrolment_by_staff(course=read, person=person, acting_user=person),
        lambda read, person: contents_set(course=read, sections=[]),
        lambda read, person: lesson_edit(
            lesson=Lesson(course=read), values={"title": "x", "slug": "x"}
        ),
    ],
)
def test_a_course_that_was_deleted_meanwhile_is_none(course, bob, act):
    read = Course.objects.select_related("owner").get(pk=course.pk)
    course_delete(course=course)
    with pytest.raises(CourseNotFoundError):
        act(read, bob)
    assert not Course.objects.exists()
