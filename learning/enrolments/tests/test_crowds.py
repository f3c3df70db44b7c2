"""Limits hold when everybody comes at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import OperationalError, connection

from academy.accounts.models import User
from learning.courses.models import Course, Status
from learning.enrolments.errors import CourseFullError, KeyRefusedError
from learning.enrolments.models import Enrolment, EnrolmentKey
from learning.enrolments.services import enrolment_self, enrolment_withdraw, key_make

pytestmark = pytest.mark.usefixtures("for_threads")


@pytest.fixture
def crowd():
    """So many people, committed."""

    def make(count):
        return [User.objects.create(username=f"p{n}") for n in range(count)]

    return make


@pytest.fixture
def open_course():
    def make(**values):
        owner = User.objects.create(username="owner")
        return Course.objects.create(
            slug="full", title="Full", owner=owner, status=Status.PUBLISHED, **values
        )

    return make


def patiently(act, argument):
    """SQLite's lock is not fair: who waits too long is told 503, and comes again."""
    for _try in range(60):
        try:
            return act(argument)
        except OperationalError as error:
            if "database is locked" not in str(error):
                raise
    return act(argument)


def at_once(act, arguments, threads):
    """What each call answered or refused with; they begin together, `threads` at a time."""
    start = Barrier(threads)

    def run(argument):
        if argument in arguments[:threads]:
            start.wait(60)
        try:
            return patiently(act, argument)
        except (CourseFullError, KeyRefusedError) as refusal:
            return type(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, arguments))


def test_a_hundred_people_at_once_take_the_seats_that_there_are(crowd, open_course):
    course = open_course(seat_limit=7)
    people = crowd(100)
    outcomes = at_once(lambda person: enrolment_self(course=course, person=person).pk, people, 25)
    assert outcomes.count(CourseFullError) == 93
    assert Enrolment.objects.filter(course=course).count() == 7


def test_a_key_is_used_as_often_as_it_is_good_for(crowd, open_course):
    course = open_course(price=100)
    key = key_make(course=course, acting_user=course.owner, max_uses=5)
    people = crowd(40)
    outcomes = at_once(
        lambda person: enrolment_self(course=course, person=person, key=key.key).pk, people, 20
    )
    assert outcomes.count(KeyRefusedError) == 35
    assert EnrolmentKey.objects.get().uses == Enrolment.objects.count() == 5


def test_one_person_who_clicks_twenty_times_has_one_enrolment_and_used_one_key(crowd, open_course):
    course = open_course()
    key = key_make(course=course, acting_user=course.owner, max_uses=20)
    (person,) = crowd(1)
    outcomes = at_once(
        lambda _n: enrolment_self(course=course, person=person, key=key.key).pk, range(20), 20
    )
    assert len(set(outcomes)) == 1
    assert EnrolmentKey.objects.get().uses == 1


def test_comings_and_goings_never_pass_the_limit(crowd, open_course):
    course = open_course(seat_limit=3)
    people = crowd(30)

    def come_and_go(person):
        enrolment = enrolment_self(course=course, person=person)
        seen = Enrolment.objects.filter(course=course, status="active").count()
        enrolment_withdraw(enrolment=enrolment, acting_user=person)
        return seen

    outcomes = at_once(come_and_go, people, 15)
    assert all(seen is CourseFullError or seen <= 3 for seen in outcomes)
    assert not Enrolment.objects.filter(status="active").exists()
