"""Two instructors write at once, and each changes what they wrote themselves."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from learning.enrolments.models import Cohort, Enrolment
from learning.enrolments.services import enrolment_by_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]

CLASS = "/courses/shells/class/"
HIDDEN = re.compile(r'name="(seen-[a-z_]+)" value="([^"]*)"')


@pytest.fixture
def teach(signed_in, ingrid, release):
    return signed_in(ingrid)


@pytest.fixture
def seat(course, alice, ingrid, release):
    return enrolment_by_staff(course=course, person=alice, acting_user=ingrid)


@pytest.fixture
def soon():
    return timezone.now().replace(second=0, microsecond=0) + timedelta(days=9)


def shown(teach, path):
    """What the page sends back unseen."""
    return dict(HIDDEN.findall(teach.get(path).content.decode()))


def written(at):
    return at.strftime("%Y-%m-%dT%H:%M")


def test_a_new_name_does_not_undo_the_end_that_a_colleague_has_moved(teach, course, soon):
    cohort = Cohort.objects.create(course=course, name="Spring", ends_at=soon)
    path = f"{CLASS}cohorts/{cohort.pk}/"
    seen = shown(teach, path)
    assert seen == {"seen-name": "Spring", "seen-starts_at": "", "seen-ends_at": written(soon)}
    later = soon + timedelta(days=30)
    Cohort.objects.update(ends_at=later)
    form = {"name": "Spring 2027", "starts_at": "", "ends_at": written(soon)}
    assert teach.post(path, seen | form).status_code == 303
    cohort.refresh_from_db()
    assert (cohort.name, cohort.ends_at) == ("Spring 2027", later)


def test_a_new_end_does_not_undo_the_cohort_that_a_colleague_has_chosen(teach, course, seat, soon):
    cohort = Cohort.objects.create(course=course, name="Spring")
    path = f"{CLASS}{seat.pk}/"
    seen = shown(teach, path)
    Enrolment.objects.update(cohort=cohort)
    form = seen | {"cohort": "", "expires_at": written(soon)}
    asked = teach.post(f"{path}reschedule/", form)
    assert "They go with the cohort “Spring”" in asked.content.decode()
    assert 'name="seen-cohort"' in asked.content.decode()
    teach.post(f"{path}reschedule/", form | {"confirmed": "1"})
    seat.refresh_from_db()
    assert (seat.cohort, seat.expires_at) == (cohort, soon)


def test_an_end_in_the_hour_that_a_clock_shows_twice_stays_to_the_second(
    teach, course, seat, ingrid
):
    ingrid.time_zone = "Europe/Berlin"
    ingrid.save()
    ends = datetime(2027, 10, 31, 0, 30, 17, tzinfo=UTC)
    Enrolment.objects.update(expires_at=ends)
    cohort = Cohort.objects.create(course=course, name="Spring")
    path = f"{CLASS}{seat.pk}/"
    form = {"cohort": cohort.pk, "expires_at": "2027-10-31T02:30", "confirmed": "1"}
    for seen in (shown(teach, path), {}):
        Enrolment.objects.update(cohort=None)
        assert teach.post(f"{path}reschedule/", seen | form).status_code == 303
        seat.refresh_from_db()
        assert (seat.cohort, seat.expires_at) == (cohort, ends)


def test_who_is_enrolled_already_stays_as_they_are_and_the_page_says_so(teach, course, seat):
    cohort = Cohort.objects.create(course=course, name="Spring")
    answer = teach.post(f"{CLASS}enrol/", {"who": "alice", "cohort": cohort.pk}, follow=True)
    said = [str(message) for message in answer.context["messages"]]
    assert said == ["Alice was enrolled already; nothing is changed."]
    assert Enrolment.objects.get().cohort is None


def test_who_is_resumed_after_their_end_is_not_said_to_go_on(teach, seat):
    Enrolment.objects.update(status="suspended", expires_at=timezone.now() - timedelta(days=1))
    path = f"{CLASS}{seat.pk}/resume/"
    answer = teach.post(path, {"confirmed": "1"}, follow=True)
    said = [str(message) for message in answer.context["messages"]]
    assert said == [
        "Alice is in the class again, but their time has ended: set another end to let them in."
    ]


def test_lessons_stand_in_the_order_in_which_they_are_read(teach, course, release):
    first = course.sections.create(title="First", position=1)
    second = course.sections.create(title="Second", position=2)
    course.lessons.update(section=second)
    course.lessons.create(slug="late", title="Late", position=99, section=first)
    page = teach.get(f"{CLASS}opening/")
    assert [row.lesson.slug for row in page.context["lessons"]] == ["late", "pipes", "loops"]
