"""A course that was never published has no title for anybody who does not teach it."""

import pytest

from learning.courses.models import Course, CourseStaff, Status
from learning.enrolments.models import Enrolment
from learning.enrolments.personal import enrolments_of
from learning.enrolments.services import enrolment_by_staff
from learning.enrolments.tests.conftest import release_of
from learning.progress.models import CourseProgress
from learning.progress.personal import courses_progress_of

pytestmark = pytest.mark.usefixtures("cache")


@pytest.fixture
def enrolment(course, ingrid, alice):
    Course.objects.filter(pk=course.pk).update(
        slug="secret-plans", title="Secret plans", status=Status.DRAFT, newest_release=None
    )
    return enrolment_by_staff(course=course, person=alice, acting_user=ingrid)


@pytest.fixture
def answers(client, bearer, enrolment):
    """What somebody is told of the enrolment, as (status, text)."""

    def told(person):
        paths = ("", "?course=secret-plans", "?state=open", f"{enrolment.pk}/")
        found = [client.get(f"/api/enrolments/{path}", headers=bearer(person)) for path in paths]
        return [(answer.status_code, answer.content.decode()) for answer in found]

    return told


def test_a_draft_is_in_no_learners_list_before_it_is_published(answers, course, enrolment, alice):
    told = answers(alice)
    assert [status for status, _text in told] == [200, 200, 200, 404]
    assert "ecret" not in "".join(text for _status, text in told)
    Course.objects.filter(pk=course.pk).update(status=Status.PUBLISHED)
    course.title = "Plans"
    release_of(course, [])
    assert [(status, "Plans" in text) for status, text in answers(alice)] == [(200, True)] * 4
    assert "ecret plans" not in "".join(text for _status, text in answers(alice))


def test_a_course_that_was_taken_back_keeps_the_title_that_it_was_published_under(
    answers, course, enrolment, alice
):
    course.title = "Plans"
    release_of(course, [])
    told = answers(alice)
    assert [(status, "Plans" in text) for status, text in told] == [(200, True)] * 4
    assert "Secret plans" not in "".join(text for _status, text in told)


def test_nobody_leaves_what_they_do_not_know_of(client, bearer, enrolment, alice):
    withdrawn = client.post(f"/api/enrolments/{enrolment.pk}/withdraw/", headers=bearer(alice))
    client.force_login(alice)
    left = client.post("/courses/secret-plans/leave/")
    assert (withdrawn.status_code, left.status_code) == (404, 404)
    assert "Secret plans" not in withdrawn.content.decode() + left.content.decode()
    assert Enrolment.objects.get().status == "active"


def test_those_who_see_the_class_are_told_its_title(answers, course, enrolment, ingrid, person):
    amy = person("amy")
    CourseStaff.objects.create(course=course, person=amy, role="assistant")
    for teacher in (ingrid, amy):
        status, text = answers(teacher)[-1]
        assert (status, "Secret plans" in text) == (200, True)


def test_the_data_of_somebody_has_the_row_without_its_title(course, enrolment, alice):
    CourseProgress.objects.get_or_create(enrolment=enrolment)
    (row,) = enrolments_of(alice.pk)
    assert (row["course"], row["title"], row["status"]) == (None, None, "active")
    assert list(courses_progress_of(alice.pk)) == []
    release_of(course, [])
    (row,) = enrolments_of(alice.pk)
    assert (row["course"], row["title"]) == ("secret-plans", course.title)
    assert [row["course"] for row in courses_progress_of(alice.pk)] == ["secret-plans"]
