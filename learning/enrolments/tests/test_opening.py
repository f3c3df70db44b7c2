"""Lessons open by the database's clock, and say when."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from learning.courses.models import Course, CourseGrant
from learning.enrolments.errors import (
    DateUnusableError,
    ForeignRowError,
    RuleCycleError,
    RuleUnusableError,
)
from learning.enrolments.models import Cohort, DripOverride, DripRule, Enrolment
from learning.enrolments.opening import openings
from learning.enrolments.services import (
    NewRule,
    drip_override_clear,
    drip_override_set,
    drip_rules_set,
)
from learning.enrolments.tests.conftest import release_of
from learning.lessons.models import Lesson
from learning.progress.models import LessonProgress
from learning.rights.selectors import standing_of

DAY = 86_400


@pytest.fixture
def wait(ingrid):
    """The lesson waits for: days=, opens_at=, after=."""

    def put(lesson, *rules):
        kinds = {"days": "after_days", "opens_at": "on_date", "after": "after_lesson"}
        wanted = [NewRule(kind=kinds[next(iter(rule))], **rule) for rule in rules]
        return drip_rules_set(lesson=lesson, rules=wanted, acting_user=ingrid)

    return put


@pytest.fixture
def look(course, lessons):
    def openings_of(person):
        fresh = Course.objects.get(pk=course.pk)
        ids = [lesson.pk for lesson in lessons]
        return openings(standing=standing_of(person), course=fresh, lesson_ids=ids)

    return openings_of


def complete(enrolment, lesson, state="completed"):
    LessonProgress.objects.update_or_create(
        enrolment=enrolment, lesson=lesson, defaults={"state": state}
    )


def test_a_lesson_without_rules_is_left_out(look, alice, enrolled):
    assert look(alice) == {}


def test_after_days_counts_from_the_start(look, wait, lessons, alice, enrolled, shift_row):
    wait(lessons[1], {"days": 7})
    closed = look(alice)[lessons[1].pk]
    assert not closed.is_open
    assert closed.opens_at == enrolled.started_at + timedelta(days=7)
    shift_row(enrolled, started_at=-7 * DAY - 5)
    assert look(alice)[lessons[1].pk].is_open


def test_after_days_counts_from_a_cohort_that_began_later(
    look, wait, lessons, course, alice, enrolled, shift_row
):
    began = timezone.now() - timedelta(days=2)
    cohort = Cohort.objects.create(course=course, name="Spring", starts_at=began)
    Enrolment.objects.update(cohort=cohort)
    shift_row(enrolled, started_at=-30 * DAY)
    wait(lessons[1], {"days": 7})
    assert look(alice)[lessons[1].pk].opens_at == began + timedelta(days=7)


def test_the_sentence_tells_the_moment_in_the_learners_own_time_zone(
    look, wait, lessons, alice, enrolled
):
    type(alice).objects.filter(pk=alice.pk).update(time_zone="Asia/Kolkata")
    alice.refresh_from_db()
    wait(lessons[1], {"opens_at": datetime(2927, 3, 3, 3, 30, tzinfo=UTC)})
    assert look(alice)[lessons[1].pk].sentence == "Opens on 3 March 2927, 09:00"


def test_a_lesson_waits_for_another_under_the_title_that_the_learner_reads(
    look, wait, lessons, alice, enrolled
):
    wait(lessons[1], {"after": lessons[0]})
    assert look(alice)[lessons[1].pk].sentence == "Opens when you have completed “Pipes”"
    complete(enrolled, lessons[0], state="opened")
    assert not look(alice)[lessons[1].pk].is_open
    complete(enrolled, lessons[0])
    assert look(alice)[lessons[1].pk].is_open


def test_all_rules_must_hold_and_the_last_one_counts(look, wait, lessons, alice, enrolled):
    wait(
        lessons[2],
        {"opens_at": datetime(2927, 3, 3, 9, tzinfo=UTC)},
        {"after": lessons[0]},
        {"after": lessons[1]},
        {"days": 0},
    )
    opening = look(alice)[lessons[2].pk]
    assert opening.opens_at is None
    assert opening.sentence == (
        "Opens when you have completed “Pipes”, “Loops”, not before 3 March 2927, 09:00"
    )
    complete(enrolled, lessons[0])
    complete(enrolled, lessons[1])
    assert look(alice)[lessons[2].pk].sentence == "Opens on 3 March 2927, 09:00"


def test_a_lesson_that_is_not_in_the_learners_release_is_waited_for_by_nobody(
    look, wait, lessons, course, alice, enrolled
):
    wait(lessons[1], {"after": lessons[0]})
    first = course.newest_release
    release_of(course, lessons[1:], number=2)
    assert look(alice)[lessons[1].pk].is_open
    Course.objects.filter(pk=course.pk).update(release_policy="pinned")
    Enrolment.objects.update(release=first)
    assert not look(alice)[lessons[1].pk].is_open


@pytest.mark.parametrize("who", ["stranger", "bob", "granted", "suspended", "ended"])
def test_a_lesson_with_rules_is_for_enrolled_people(
    look, wait, lessons, course, alice, bob, olga, who
):
    person = {"stranger": None, "bob": bob}.get(who, alice)
    if who == "granted":
        CourseGrant.objects.create(course=course, person=alice, granted_by=olga)
    if who in {"suspended", "ended"}:
        past = timezone.now() - timedelta(seconds=9)
        status = "suspended" if who == "suspended" else "active"
        Enrolment.objects.create(course=course, person=alice, status=status, expires_at=past)
    wait(lessons[1], {"days": 0})
    opening = look(person)[lessons[1].pk]
    assert (opening.is_open, opening.sentence) == (False, "For people who are enrolled")


def test_who_teaches_reads_everything(look, wait, lessons, ingrid, olga):
    wait(lessons[1], {"days": 3000})
    assert look(ingrid)[lessons[1].pk].is_open
    assert look(olga)[lessons[1].pk].is_open


def test_an_exception_for_a_learner_goes_before_that_of_their_cohort_and_both_before_the_rules(
    look, wait, lessons, course, alice, ingrid, enrolled
):
    cohort = Cohort.objects.create(course=course, name="Spring")
    Enrolment.objects.update(cohort=cohort)
    later = timezone.now() + timedelta(days=3)
    lesson = lessons[1]
    wait(lesson, {"after": lessons[0]}, {"days": 100})
    drip_override_set(lesson=lesson, cohort=cohort, opens_at=later, acting_user=ingrid)
    assert look(alice)[lesson.pk].opens_at == later
    own = drip_override_set(lesson=lesson, enrolment=enrolled, opens_at=None, acting_user=ingrid)
    assert look(alice)[lesson.pk].is_open
    again = drip_override_set(
        lesson=lesson, enrolment=enrolled, opens_at=later + timedelta(days=1), acting_user=ingrid
    )
    assert again.pk == own.pk
    assert look(alice)[lesson.pk].opens_at == later + timedelta(days=1)
    drip_override_clear(override=own, acting_user=ingrid)
    assert look(alice)[lesson.pk].opens_at == later
    assert DripOverride.objects.count() == 1


def test_an_exception_can_close_a_lesson_that_has_no_rules(
    look, lessons, alice, bob, ingrid, enrolled
):
    later = timezone.now() + timedelta(days=3)
    drip_override_set(lesson=lessons[0], enrolment=enrolled, opens_at=later, acting_user=ingrid)
    assert not look(alice)[lessons[0].pk].is_open
    assert look(bob) == {}


def test_any_number_of_lessons_takes_four_queries(
    wait, course, alice, ingrid, enrolled, django_assert_max_num_queries
):
    lessons = Lesson.objects.bulk_create(
        Lesson(course=course, slug=f"l{n}", title=str(n), position=n) for n in range(40)
    )
    release_of(course, lessons)
    for before, lesson in pairwise(lessons):
        wait(lesson, {"after": before}, {"days": 3})
        drip_override_set(lesson=before, enrolment=enrolled, opens_at=None, acting_user=ingrid)
    standing = standing_of(alice)
    assert standing.seats
    with django_assert_max_num_queries(4):
        found = openings(
            standing=standing, course=course, lesson_ids=[lesson.pk for lesson in lessons]
        )
    assert len(found) == 40


def test_lessons_do_not_wait_for_each_other_in_a_circle(wait, lessons):
    first, second, third = lessons
    wait(second, {"after": first})
    wait(third, {"after": second})
    for waits_for in (first, second, third):
        with pytest.raises(RuleCycleError):
            wait(first, {"after": waits_for})
    wait(second)
    wait(first, {"after": third}, {"after": third})
    assert DripRule.objects.filter(lesson=first).count() == 2


def test_rules_that_make_no_sense_are_refused_and_the_old_ones_stay(wait, lessons, ingrid, course):
    wait(lessons[1], {"days": 1})
    other = Course.objects.create(slug="other", title="Other", owner=ingrid)
    theirs = Lesson.objects.create(course=other, slug="theirs", title="Theirs")
    wrong = [
        ([{"days": 2**31}], RuleUnusableError),
        ([{"days": -1}], RuleUnusableError),
        ([{"days": None}], RuleUnusableError),
        ([{"opens_at": datetime(9999, 12, 31, tzinfo=UTC)}], DateUnusableError),
        ([{"after": theirs}], ForeignRowError),
        ([{"days": 1}] * 11, RuleUnusableError),
    ]
    for rules, error in wrong:
        with pytest.raises(error):
            wait(lessons[1], *rules)
    with pytest.raises(RuleUnusableError):
        drip_rules_set(lesson=lessons[1], rules=[NewRule(kind="never")], acting_user=ingrid)
    assert DripRule.objects.get().days == 1


def test_an_exception_is_for_one_of_the_same_course(lessons, course, ingrid, enrolled, bob):
    other = Course.objects.create(slug="other", title="Other", owner=ingrid)
    theirs = Enrolment.objects.create(course=other, person=bob, source="self")
    cohort = Cohort.objects.create(course=course, name="Spring")

    def put(**target):
        drip_override_set(lesson=lessons[0], opens_at=None, acting_user=ingrid, **target)

    with pytest.raises(ForeignRowError):
        put(enrolment=theirs)
    with pytest.raises(RuleUnusableError):
        put()
    with pytest.raises(RuleUnusableError):
        put(enrolment=enrolled, cohort=cohort)
