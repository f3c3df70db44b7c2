"""Whose rights in a course change is named on commit, so that their open sockets look again."""

import pytest

from academy.accounts.models import Role, User
from learning.courses.models import Course
from learning.courses.services.editing import owner_set, staff_remove, staff_set

pytestmark = pytest.mark.django_db


@pytest.fixture
def ingrid():
    return User.objects.create_user("ingrid-hints", role=Role.INSTRUCTOR)


@pytest.fixture
def ivan():
    return User.objects.create_user("ivan-hints", role=Role.INSTRUCTOR)


@pytest.fixture
def course(ingrid):
    return Course.objects.create(slug="hints", title="Hints", owner=ingrid)


@pytest.fixture
def hinted(django_capture_on_commit_callbacks):
    """The words that are said to open pages when what `act` does is committed."""

    def heard(act):
        with django_capture_on_commit_callbacks() as callbacks:
            act()
        return {word for callback in callbacks for word in getattr(callback, "args", ())}

    return heard


def test_a_post_that_is_given_and_taken_is_told_to_whoever_holds_it(course, ivan, ingrid, hinted):
    given = hinted(
        lambda: staff_set(course=course, person=ivan, role="assistant", acting_user=ingrid)
    )
    taken = hinted(lambda: staff_remove(course=course, person=ivan))
    assert given == taken == {f"person:{ivan.pk}"}


def test_a_course_that_is_handed_over_is_told_to_both_owners(course, ivan, ingrid, hinted):
    User.objects.filter(pk=ingrid.pk).update(is_active=False)
    course.refresh_from_db()
    heard = hinted(lambda: owner_set(course=course, person=ivan, acting_user=ivan))
    assert {f"person:{ivan.pk}", f"person:{ingrid.pk}"} <= heard
