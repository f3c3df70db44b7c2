"""Accounts are deleted while somebody enrols the person: both end, one after the other."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection
from django.db.models.signals import pre_save

from academy.accounts.models import User
from academy.accounts.services import person_anonymise
from academy.accounts.signals import person_anonymised
from learning.courses.models import Course, Status
from learning.enrolments.errors import PersonUnknownError
from learning.enrolments.models import Enrolment, EnrolmentListLine
from learning.enrolments.services import enrolment_by_staff, list_enrol, list_receive

pytestmark = pytest.mark.usefixtures("for_threads")

MEET_SECONDS = 0.7
"""So long the one that came first waits for the other to come to its locks."""


@pytest.fixture
def there():
    """An owner, somebody who leaves, and two courses; all committed."""
    owner = User.objects.create(username="owner", role="instructor")
    leaver = User.objects.create(username="leaver", email="leaver@example.org")
    made = [
        Course.objects.create(slug=slug, title=slug, owner=owner, status=Status.PUBLISHED)
        for slug in ("first", "second")
    ]
    return owner, leaver, made


@pytest.fixture
def pause():
    """pause(signal): the next sender waits within its transaction; the event says that it does."""
    undo = []

    def make(signal, **of):
        arrived, met = Event(), Event()

        def wait(**_said):
            if not arrived.is_set():
                arrived.set()
                met.wait(MEET_SECONDS)

        signal.connect(wait, weak=False, **of)
        undo.append(lambda: signal.disconnect(wait, **of))
        return arrived

    yield make
    for let_go in undo:
        let_go()


def both(first, second, begun):
    """What the two return or raise; the second begins once the first is under way."""

    def run(act):
        try:
            return act()
        except PersonUnknownError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(run, first)
        assert begun.wait(20)
        other = pool.submit(run, second)
        return one.result(60), other.result(60)


def open_for(person):
    return Enrolment.objects.filter(person=person, status="active", expires_at=None)


def test_a_list_enrols_somebody_who_deletes_their_account_at_that_moment(there, pause):
    owner, leaver, (course, _other) = there
    kept, _job = list_receive(course=course, data=b"username\nleaver\n", acting_user=owner)
    both(
        lambda: list_enrol(list_id=kept.pk, report=lambda _percent, _step: None),
        lambda: person_anonymise(person_id=leaver.pk),
        pause(pre_save, sender=Enrolment),
    )
    leaver.refresh_from_db()
    assert not leaver.is_active
    assert not open_for(leaver).exists()
    line = EnrolmentListLine.objects.get()
    assert (line.outcome, line.who) == ("enrolled", "")


def test_who_teaches_in_their_own_class_leaves_while_they_enrol_somebody(there, pause):
    _owner, leaver, (course, _other) = there
    Enrolment.objects.create(course=course, person=leaver, source="self")
    learner = User.objects.create(username="learner")
    both(
        lambda: enrolment_by_staff(course=course, person=learner, acting_user=leaver),
        lambda: person_anonymise(person_id=leaver.pk),
        pause(pre_save, sender=Enrolment),
    )
    assert Enrolment.objects.get(person=learner).enrolled_by_id == leaver.pk
    assert not open_for(leaver).exists()


def test_a_course_into_which_they_came_at_the_last_moment_keeps_no_seat_for_them(there, pause):
    owner, leaver, (course, other) = there
    Enrolment.objects.create(course=course, person=leaver, source="self")
    both(
        lambda: enrolment_by_staff(course=other, person=leaver, acting_user=owner),
        lambda: person_anonymise(person_id=leaver.pk),
        pause(pre_save, sender=Enrolment),
    )
    assert Enrolment.objects.filter(person=leaver).count() == 2
    assert not open_for(leaver).exists()


def test_nobody_is_enrolled_who_has_just_left(there, pause):
    owner, leaver, (course, _other) = there
    _gone, told = both(
        lambda: person_anonymise(person_id=leaver.pk),
        lambda: enrolment_by_staff(course=course, person=leaver, acting_user=owner),
        pause(person_anonymised),
    )
    assert told == "unknown_person"
    assert not Enrolment.objects.exists()
