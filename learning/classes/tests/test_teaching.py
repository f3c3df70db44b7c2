"""The courses that somebody teaches."""

import pytest

from learning.courses.models import Course, CourseStaff, StaffRole, Status
from learning.enrolments.models import Enrolment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]


def test_a_course_stands_there_with_its_class_in_figures(signed_in, ingrid, release, person, enrol):
    enrol(person("ana"), 100)
    enrol(person("ben"), 20)
    enrol(person("cem"), 80, status=Enrolment.Status.WITHDRAWN)

    text = signed_in(ingrid).get("/teach/").content.decode()

    assert "/courses/shells/class/" in text
    assert "2 learners" in text
    assert "2 active this week" in text
    assert "1 finished" in text
    assert "60%" in text


def test_owners_co_instructors_and_assistants_see_theirs(
    signed_in, ingrid, carla, asa, olga, alice, course
):
    Course.objects.create(slug="plans", title="プラン", owner=carla, status=Status.DRAFT)

    def seen(person):
        text = signed_in(person).get("/teach/").content.decode()
        return ["/courses/plans/class/" in text, "/courses/shells/class/" in text]

    assert seen(ingrid) == [False, True]
    assert seen(carla) == [True, True]
    assert seen(asa) == [False, True]
    assert seen(olga) == [True, True]
    assert seen(alice) == [False, False]


def test_who_teaches_nothing_is_told_how_one_comes_to_it(signed_in, alice):
    assert "You teach no course." in signed_in(alice).get("/teach/").content.decode()


def test_who_is_signed_out_signs_in_first(client, db):
    answer = client.get("/teach/")

    assert answer.status_code == 302
    assert answer["Location"].endswith("?next=/teach/")


def test_fifty_courses_take_as_many_queries_as_one(
    signed_in, ingrid, person, django_assert_max_num_queries
):
    someone = person("ana")
    for number in range(50):
        course = Course.objects.create(slug=f"c{number}", title=f"C{number}", owner=ingrid)
        Enrolment.objects.create(course=course, person=someone, source="self")
        CourseStaff.objects.create(course=course, person=someone, role=StaffRole.ASSISTANT)
    client = signed_in(ingrid)

    with django_assert_max_num_queries(8):
        assert "Page 1 of 3" in client.get("/teach/").content.decode()
