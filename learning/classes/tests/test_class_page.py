"""The class's page: who is in it, how far they are, and who may look."""

import re
import time
import uuid
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from academy.accounts.models import User
from academy.accounts.services import person_anonymise
from learning.classes.filters import filter_of
from learning.classes.learner import recent_events
from learning.classes.paths import class_path, learner_path
from learning.classes.selectors import LEARNERS_PER_PAGE, figures
from learning.classes.stuck import stuck_lessons
from learning.classes.tests.crowd import crowd
from learning.courses.models import Course, Status
from learning.enrolments.models import Cohort, Enrolment
from learning.enrolments.selectors import seats_of
from learning.lessons.models import Lesson
from learning.progress.models import CourseProgress, LessonProgress, ProgressEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]

CLASS = "/courses/shells/class/"
JAPANESE = "山田 花子 🌸"
ARABIC = "ليلى العامري"


def names(response):
    return re.findall(r'id="learner-\d+"[^>]*>([^<]+)</a>', response.content.decode())


def test_the_furthest_comes_first(signed_in, ingrid, release, person, enrol):
    for name, percent in (("ana", 20), ("ben", 90), ("cem", None)):
        enrol(person(name), percent)

    answer = signed_in(ingrid).get(CLASS)

    assert answer.status_code == 200
    assert names(answer) == ["Ben", "Ana", "Cem"]


@pytest.mark.parametrize("name", [JAPANESE, ARABIC, "🎓🎓", "<script>alert(1)</script>"])
def test_names_of_any_script_stand_as_they_are(signed_in, ingrid, release, alice, enrol, name):
    User.objects.filter(pk=alice.pk).update(display_name=name)
    enrol(alice, 40)

    text = signed_in(ingrid).get(CLASS).content.decode()

    assert (name if "<" not in name else "&lt;script&gt;") in text
    assert "<script>alert" not in text


def test_a_class_without_anybody_says_what_to_do_first(signed_in, ingrid, course):
    text = signed_in(ingrid).get(CLASS).content.decode()

    assert "Nobody is in this class yet." in text
    assert "/courses/shells/class/keys/" in text


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("ingrid", 200),
        ("carla", 200),
        ("asa", 200),
        ("olga", 200),
        ("alice", 404),
        ("bob", 404),
        (None, 404),
    ],
)
def test_a_class_is_its_staffs_alone(request, client, release, alice, enrol, role, status):
    enrol(alice)
    people = ("ingrid", "carla", "asa", "olga", "bob")
    known = {"alice": alice} | {name: request.getfixturevalue(name) for name in people}
    if role:
        client.force_login(known[role])

    for page in ("", "stuck/", "cohorts/", "keys/"):
        assert client.get(f"{CLASS}{page}").status_code == status


def test_a_draft_has_a_class_too(signed_in, ingrid, course, alice, enrol):
    Course.objects.filter(pk=course.pk).update(status=Status.DRAFT)
    enrol(alice)

    assert names(signed_in(ingrid).get(CLASS)) == ["Alice"]


def test_an_old_address_leads_to_the_class(signed_in, ingrid, course):
    course.old_addresses.create(slug="conches")

    answer = signed_in(ingrid).get("/courses/conches/class/")

    assert (answer.status_code, answer["Location"]) == (301, CLASS)


def test_an_assistant_sees_and_has_no_button_that_changes_anything(
    signed_in, asa, release, alice, enrol
):
    enrol(alice, 50)

    text = signed_in(asa).get(CLASS).content.decode()

    assert "Alice" in text
    assert "/class/enrol/" not in text
    assert "You assist in this course" in text


def test_figures_stay_as_they_are_when_a_learner_deletes_their_account(
    course, release, person, enrol
):
    cem = person("cem")
    enrol(person("ana"), 0)
    seat = enrol(cem, 100)
    LessonProgress.objects.bulk_create(
        LessonProgress(enrolment=seat, lesson_id=pk, state="completed", completed_at=Now())
        for pk in release.entries.values_list("lesson_id", flat=True)
    )
    enrol(person("dora"), 100, status=Enrolment.Status.SUSPENDED)
    before = figures(course, filter_of({}))
    stuck_before = stuck_lessons(course, days=7)

    person_anonymise(person_id=cem.pk)

    after = figures(course, filter_of({}))
    assert (after.learners, after.finished, after.average_percent) == (3, 2, 66)
    assert after.bins == before.bins
    assert stuck_lessons(course, days=7) == stuck_before
    assert after.by_state["ended"] == 1
    assert seats_of(course).taken == 1


def test_figures_leave_out_who_has_withdrawn(course, release, person, enrol):
    enrol(person("ana"), 0)
    enrol(person("ben"), 55)
    enrol(person("cem"), 100)
    enrol(person("dora"), 100, status=Enrolment.Status.WITHDRAWN)
    enrol(person("emil"), status=Enrolment.Status.SUSPENDED)

    found = figures(course, filter_of({}))

    assert (found.learners, found.finished, found.average_percent) == (4, 1, 38)
    assert [one.learners for one in found.bins] == [2, 0, 0, 1, 0, 0, 1]
    assert found.by_state == {
        "open": 3,
        "upcoming": 0,
        "ended": 0,
        "suspended": 1,
        "withdrawn": 1,
    }


def test_the_clock_decides_who_has_ended_and_who_has_not_begun(course, release, person, enrol):
    later = Cohort.objects.create(course=course, name="Later", starts_at=Now() + timedelta(days=1))
    over = Cohort.objects.create(course=course, name="Over", ends_at=Now() - timedelta(days=1))
    enrol(person("ana"), cohort=later)
    enrol(person("ben"), cohort=over)
    enrol(person("cem"), expires_at=Now() - timedelta(seconds=1))

    by_state = figures(course, filter_of({})).by_state

    assert (by_state["open"], by_state["upcoming"], by_state["ended"]) == (0, 1, 2)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Ben", "Ana"]),
        ("q=AN", ["Ana"]),
        ("q=ben%40example.org", ["Ben"]),
        ("q=100%25", []),
        ("state=suspended", ["Ana"]),
        ("state=withdrawn", ["Cem"]),
        ("state=nonsense", ["Ben", "Ana"]),
        ("cohort=none", ["Ben"]),
        ("cohort=99999999999999999999999", ["Ben", "Ana"]),
        ("cohort=0", []),
        ("ordering=name", ["Ana", "Ben"]),
        ("ordering=-name", ["Ben", "Ana"]),
        ("ordering=active", ["Ana", "Ben"]),
        ("ordering=-started", ["Ben", "Ana"]),
        ("ordering=person__password", ["Ben", "Ana"]),
        ("person__password__startswith=p", ["Ben", "Ana"]),
        ("page=-1", ["Ben", "Ana"]),
        ("page=1e9", ["Ben", "Ana"]),
        ("stuck=1", []),
        ("days=99999999999999999999", ["Ben", "Ana"]),
        ("lesson=99999999999999999", []),
    ],
)
def test_filters_and_orders_come_from_lists(
    signed_in, ingrid, release, person, enrol, course, query, expected
):
    spring = Cohort.objects.create(course=course, name="Spring")
    enrol(person("ana"), cohort=spring, status=Enrolment.Status.SUSPENDED)
    ben = person("ben")
    User.objects.filter(pk=ben.pk).update(email="ben@example.org")
    enrol(ben, 70)
    enrol(person("cem"), 80, status=Enrolment.Status.WITHDRAWN)

    answer = signed_in(ingrid).get(f"{CLASS}?{query}")

    assert answer.status_code == 200
    assert names(answer) == expected


def test_a_cohort_of_another_course_lets_nobody_through(signed_in, ingrid, release, alice, enrol):
    other = Course.objects.create(slug="other", title="Other", owner=ingrid)
    cohort = Cohort.objects.create(course=other, name="Theirs")
    enrol(alice)

    assert names(signed_in(ingrid).get(f"{CLASS}?cohort={cohort.pk}")) == []


def test_who_is_stuck_has_opened_a_lesson_that_counts_and_not_completed_it_for_days(
    signed_in, ingrid, course, publish, person, enrol, open_lesson
):
    publish(course, ("pipes", "loops"), required=("pipes",))
    stuck, quick, optional = (enrol(person(name), 10) for name in ("ana", "ben", "cem"))
    open_lesson(stuck, "pipes", days=8)
    open_lesson(quick, "pipes", days=2)
    open_lesson(optional, "loops", days=30)
    client = signed_in(ingrid)

    assert names(client.get(f"{CLASS}?stuck=1")) == ["Ana"]
    assert names(client.get(f"{CLASS}?stuck=1&days=3")) == ["Ana"]
    assert names(client.get(f"{CLASS}?stuck=1&days=30")) == []
    lesson = course.lessons.get(slug="loops")
    held = client.get(f"{CLASS}?lesson={lesson.pk}")
    assert names(held) == []
    assert "by “<bdi>Loops</bdi>”" in held.content.decode()


def test_lessons_are_called_as_learners_read_them(signed_in, ingrid, release, course, alice, enrol):
    enrolment = enrol(alice, 40)
    lesson = course.lessons.get(slug="pipes")
    CourseProgress.objects.filter(pk=enrolment.pk).update(last_lesson=lesson)
    ProgressEvent.objects.create(
        enrolment=enrolment,
        lesson=lesson,
        event_id=uuid.uuid4(),
        kind="opened",
        occurred_at=timezone.now(),
    )
    Lesson.objects.filter(pk=lesson.pk).update(title="下書きの題")
    client = signed_in(ingrid)

    assert [event.lesson for event in recent_events(enrolment)] == ["Pipes"]
    for page in (CLASS, f"{CLASS}?lesson={lesson.pk}"):
        text = client.get(page).content.decode()
        assert "Pipes" in text
        assert "下書きの題" not in text


def test_a_thousand_learners_of_a_hundred_lessons_take_eight_queries(
    signed_in, ingrid, course, django_assert_max_num_queries
):
    crowd(course, learners=1000, lessons=100)
    Cohort.objects.create(course=course, name="Spring")
    client = signed_in(ingrid)
    pages = {f"{CLASS}?page=3": LEARNERS_PER_PAGE, f"{CLASS}stuck/": 100}

    for page, rows in pages.items():
        client.get(page)
        started = time.perf_counter()
        with django_assert_max_num_queries(8):
            answer = client.get(page)
        took = time.perf_counter() - started
        assert answer.content.decode().count('role="rowheader"') == rows
        # A hundred times what it takes is a query that forgot its index.
        assert took < 20


def test_the_number_of_queries_does_not_grow_for_an_assistant(
    signed_in, asa, course, django_assert_max_num_queries
):
    crowd(course, learners=60, lessons=3)
    client = signed_in(asa)

    for query in ("", "?stuck=1", "?q=a", "?cohort=none&state=open&ordering=-active"):
        with django_assert_max_num_queries(8):
            client.get(f"{CLASS}{query}")


def test_paths_are_those_of_the_routes(course, alice, enrol):
    enrolment = enrol(alice)

    assert class_path(course.slug) == reverse("classes:class", args=[course.slug])
    assert learner_path(course.slug, enrolment.pk) == reverse(
        "classes:learner", args=[course.slug, enrolment.pk]
    )
