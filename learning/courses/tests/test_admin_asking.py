"""What the admin asks before courses are published or taken back."""

import pytest

from learning.courses.asking import MAX_COURSES_AT_ONCE
from learning.courses.models import Course, Status
from learning.enrolments.models import Enrolment
from learning.lessons.models import Lesson
from learning.releases.models import Release
from learning.releases.services import release_publish

COURSES = "/admin/learning/course/"


@pytest.fixture
def desk(client, olga):
    olga.is_superuser = True
    olga.save()
    client.force_login(olga)
    return client


@pytest.fixture
def two():
    """A course with a new lesson since its release, and one of which nothing was published."""
    made = []
    for slug, title in (("sea", "البحر"), ("moon", "月")):
        course = Course.objects.create(slug=slug, title=title)
        Lesson.objects.create(course=course, slug="one", title="One", status=Status.PUBLISHED)
        made.append(course)
    release_publish(course=made[0], acting_user=None)
    Lesson.objects.create(course=made[0], slug="new", title="New", status=Status.PUBLISHED)
    return made


def chosen(action, courses, **more):
    return {"action": action, "_selected_action": [course.pk for course in courses], **more}


def hidden(page):
    return {
        name: value
        for one in page.context["ready"]
        for name, value in [(f"number-{one.course.pk}", str(one.diff.next_number))]
    }


def told(answer):
    return " ".join(answer.content.decode().split())


def test_one_course_is_published_on_its_own_page(desk, two):
    answer = desk.post(COURSES, chosen("publish", two[:1]))
    assert (answer.status_code, answer["Location"]) == (302, "/courses/sea/publish/")
    assert Release.objects.count() == 1


def test_several_courses_are_published_once_it_is_said_what_that_does(desk, two, alice):
    Enrolment.objects.create(course=two[0], person=alice, source="self")
    page = desk.post(COURSES, chosen("publish", two))
    text = told(page)
    assert Release.objects.count() == 1
    for sentence in ("1 lesson is new", "1 learner reads it at once", "The first release, with 1"):
        assert sentence in text
    answer = desk.post(
        COURSES, chosen("publish", two, confirmed="yes", **hidden(page)), follow=True
    )
    assert "البحر: Release 2 is published." in told(answer)
    assert "月: Release 1 is published." in told(answer)
    assert Release.objects.count() == 3


def test_what_has_no_change_is_said_and_not_asked_for(desk, two):
    release_publish(course=two[0], acting_user=None)
    page = desk.post(COURSES, chosen("publish", two))
    assert "There is nothing to publish." in told(page)
    assert [one.course for one in page.context["ready"]] == two[1:]


def test_what_somebody_published_meanwhile_is_not_published_again(desk, two):
    page = desk.post(COURSES, chosen("publish", two))
    release_publish(course=two[0], acting_user=None)
    Lesson.objects.create(course=two[0], slug="newer", title="Newer", status=Status.PUBLISHED)
    answer = desk.post(
        COURSES, chosen("publish", two, confirmed="yes", **hidden(page)), follow=True
    )
    assert "البحر: Somebody published meanwhile." in told(answer)
    assert Release.objects.filter(course=two[0]).count() == 2
    assert Release.objects.filter(course=two[1]).count() == 1


def test_more_courses_than_can_be_compared_at_once_are_refused(desk):
    many = [Course.objects.create(slug=f"c{n}", title="C") for n in range(MAX_COURSES_AT_ONCE + 1)]
    answer = desk.post(COURSES, chosen("publish", many), follow=True)
    assert "Publish at most 20 courses at once." in told(answer)


def test_a_course_is_taken_back_once_it_is_said_how_many_are_enrolled(desk, two, alice, bob):
    for person in (alice, bob):
        Enrolment.objects.create(course=two[0], person=person, source="self")
    text = told(desk.post(COURSES, chosen("withdraw", two)))
    assert "<bdi>البحر</bdi>: 2 learners are enrolled" in text
    assert "月" not in text
    assert Course.objects.get(slug="sea").status == Status.PUBLISHED
    answer = desk.post(COURSES, chosen("withdraw", two, confirmed="yes"), follow=True)
    assert "1 course is taken back: only its staff see it." in told(answer)
    assert Course.objects.get(slug="sea").status == Status.DRAFT
    again = desk.post(COURSES, chosen("withdraw", two), follow=True)
    assert "Only their staff see these courses already." in told(again)
