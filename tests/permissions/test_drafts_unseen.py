"""What is written and not published is seen by nobody but those who write it."""

import json
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from academy.accounts.portrait import sections
from learning.courses.models import Course, ReleasePolicy
from learning.courses.services import course_save
from learning.enrolments.models import Enrolment
from learning.lessons.models import Lesson
from learning.lessons.services import lesson_save
from learning.progress.selectors import progress_document
from learning.progress.services import NewEvent, progress_record
from learning.releases.services import release_publish
from tests.permissions.asking import ROUTES

pytestmark = pytest.mark.django_db
DRAFT = "未公開のひみつ"
# They show what is written to whoever writes it, and to nobody who only learns.
READERS = ("anonymous", "stranger", "learner")


@pytest.fixture
def written(world):
    """Titles and texts that were changed after the release; the learner has done something."""
    enrolment = Enrolment.objects.get(pk=world.values["enrolment"])
    lesson = Lesson.objects.get(course=world.course, slug="pipes")
    event = NewEvent(event_id=uuid.uuid4(), kind="completed", lesson_id=lesson.pk, data={})
    learner = world.people["learner"]
    progress_record(enrolment_id=enrolment.pk, events=[event], acting_user=learner)
    lesson.title = lesson.summary = f"{DRAFT} lesson"
    lesson.body = f"# {DRAFT}\n\nText of the draft."
    lesson_save(lesson=lesson)
    course = Course.objects.get(pk=world.course.pk)
    course.title = course.summary = course.description = f"{DRAFT} course"
    course_save(course=course)
    return enrolment


def answers(world, role):
    client = Client()
    if role in world.people:
        client.force_login(world.people[role])
    for name, route in ROUTES.items():
        known = {**world.values}
        if "GET" in route.methods and name != "monitoring:stream":
            address = reverse(name, kwargs={key: known[key] for key in route.arguments})
            answer = client.get(address)
            yield name, b"".join(answer) if answer.streaming else answer.content


@pytest.mark.parametrize("role", READERS)
def test_no_page_and_no_answer_shows_a_reader_what_is_not_published(world, written, role):
    shown = {
        name
        for name, body in answers(world, role)
        if DRAFT.encode() in body or json.dumps(DRAFT)[1:-1].encode() in body
    }
    assert shown == set()


def test_the_owner_sees_it(world, written):
    shown = {name for name, body in answers(world, "owner") if DRAFT.encode() in body}
    assert {"classes:class", "releases:publish"} <= shown


def collected(section, person_id):
    found = section.collect(person_id)
    return found if isinstance(found, dict) else list(found)


def test_sockets_and_ones_own_data_show_what_is_published(world, written):
    learner = world.people["learner"]
    told = [progress_document(enrolment_id=written.pk)]
    told += [collected(section, learner.pk) for section in sections()]
    assert "Shells" in str(told)
    assert DRAFT not in str(told)


def test_whoever_is_pinned_sees_the_title_of_their_own_release(world, written):
    Course.objects.filter(pk=world.course.pk).update(release_policy=ReleasePolicy.PINNED)
    release_publish(course=Course.objects.get(pk=world.course.pk), acting_user=None)
    client = Client()
    client.force_login(world.people["learner"])
    for address in ("/learn/", "/api/progress/", "/api/progress/shells/", "/api/enrolments/"):
        text = client.get(address).content.decode()
        assert "Shells" in text, address
        assert DRAFT not in text, address


def test_whoever_is_pinned_sees_the_contents_and_the_page_of_their_own_release(world):
    Course.objects.filter(pk=world.course.pk).update(release_policy=ReleasePolicy.PINNED)
    course = Course.objects.get(pk=world.course.pk)
    course.summary = course.description = f"{DRAFT} course"
    course_save(course=course)
    lesson_save(
        lesson=Lesson(
            course=course,
            slug="newer",
            title=f"{DRAFT} lesson",
            body="# New",
            position=9,
            status="published",
        )
    )
    release_publish(course=Course.objects.get(pk=course.pk), acting_user=None)

    def shown(role, address):
        client = Client()
        client.force_login(world.people[role])
        answer = client.get(address)
        return DRAFT in (str(answer.json()) if "/api/" in address else answer.content.decode())

    addresses = ("/courses/shells/", "/courses/shells/pipes/", "/api/courses/shells/")
    assert [shown("learner", address) for address in addresses] == [False, False, False]
    assert [shown("stranger", address) for address in addresses] == [True, True, True]
