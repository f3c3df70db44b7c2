"""Whose word it was that a lesson is done."""

import pytest
from django.test import Client

from academy.accounts.models import User
from academy.accounts.services import person_anonymise
from learning.courses.models import CourseStaff
from learning.progress.selectors import progress_document
from learning.progress.services import progress_override

pytestmark = pytest.mark.django_db


@pytest.fixture
def carla(person, course):
    found = person("carla", "instructor")
    found.display_name = "Carla Ruiz"
    found.save()
    CourseStaff.objects.create(course=course, person=found, role="co_instructor")
    return found


@pytest.fixture
def decide(seat, lessons, carla):
    def one(kind="completed", slug="one"):
        progress_override(
            enrolment_id=seat.pk, lesson_id=lessons[slug].pk, kind=kind, acting_user=carla
        )

    return one


@pytest.fixture
def met(seat):
    """What the learner reads of the first lessons, sentence by sentence."""

    def sentences(count=1):
        rows = progress_document(enrolment_id=seat.pk)["lessons"][:count]
        return [[(one["rule"], one["sentence"]) for one in row["rules"]["met"]] for row in rows]

    return sentences


TOLD = ("marked", "Carla Ruiz marked the lesson as done.")


def test_a_lesson_that_an_instructor_completed_says_who_did_it_whatever_its_rules(
    complete_by, lessons, publish, decide, met, django_assert_num_queries
):
    complete_by(lessons["two"], rule="minimum_time", seconds=600)
    publish()
    decide(slug="one")
    decide(slug="two")
    with django_assert_num_queries(5):
        assert met(2) == [[TOLD], [TOLD]]


def test_the_learner_reads_it_by_rest(decide, alice):
    decide()
    client = Client()
    client.force_login(alice)
    lesson = client.get("/api/progress/shells/").json()["lessons"][0]
    told = {"rule": TOLD[0], "sentence": TOLD[1], "remaining_seconds": None}
    assert lesson["rules"]["met"] == [told]


def test_who_is_gone_or_shows_no_name_was_an_instructor(decide, met, carla):
    decide()
    unnamed = [[("marked", "An instructor marked the lesson as done.")]]
    User.objects.filter(pk=carla.pk).update(display_name="")
    assert met() == unnamed
    person_anonymise(person_id=carla.pk)
    assert met() == unnamed


def test_what_a_learner_marked_is_said_of_nobody_else(decide, tell, met):
    decide("completed")
    decide("reopened")
    tell("completed")
    decide("completed")
    assert met() == [[("marked", "The lesson is marked as done.")]]
