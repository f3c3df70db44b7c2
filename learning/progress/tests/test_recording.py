"""Telling what happened: once, in any order, and only what may count."""

import itertools
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from academy.platform.errors import NotFoundError, PermissionDeniedError
from learning.courses.models import Course
from learning.enrolments.models import DripRule, Enrolment
from learning.lessons.models import Lesson
from learning.progress.errors import (
    NotEnrolledError,
    SeatEndedError,
    SeatSuspendedError,
    TooManyEventsError,
)
from learning.progress.models import CourseProgress, LessonProgress, ProgressEvent
from learning.progress.services import (
    NewEvent,
    progress_override,
    progress_rebuild,
    progress_record,
)
from learning.progress.telling import NO_LESSON
from learning.releases.services import course_withdraw

pytestmark = pytest.mark.django_db


def test_a_completed_lesson_counts(tell, course_row, lessons):
    assert tell("completed", "one").accepted
    row = course_row()
    assert (row.percent, row.completed_count, row.required_count) == (33, 1, 3)
    assert row.last_lesson_id == lessons["one"].pk
    assert row.completed_at is None


def test_a_hundred_percent_is_all_that_counts_and_nothing_less(tell, course_row):
    for slug in ("one", "two"):
        tell("completed", slug)
    tell("completed", "extra")
    assert course_row().percent == 66
    tell("completed", "three")
    assert course_row().percent == 100
    assert course_row().completed_at is not None


def test_the_same_id_again_changes_nothing_and_says_so(tell, course_row):
    event_id = uuid.uuid4()
    assert not tell("completed", event_id=event_id).replayed
    before = course_row()
    again = tell("completed", event_id=event_id)
    assert (again.accepted, again.replayed) == (True, True)
    assert ProgressEvent.objects.count() == 1
    assert course_row().seq == before.seq


def test_the_same_id_twice_in_one_call_counts_once(tell):
    event_id = uuid.uuid4()
    outcomes = tell.all(
        ("completed", "one", None, event_id, {}), ("completed", "one", None, event_id, {})
    )
    assert [outcome.replayed for outcome in outcomes] == [False, True]
    assert ProgressEvent.objects.count() == 1


@pytest.mark.parametrize(("kind", "slug"), [("completed", "two"), ("reopened", "one")])
def test_an_id_that_comes_again_with_something_else_is_refused(tell, course_row, kind, slug):
    event_id = uuid.uuid4()
    tell("completed", event_id=event_id)
    before = course_row()
    refused = tell(kind, slug, event_id=event_id)
    assert (refused.accepted, refused.replayed) == (False, False)
    assert (refused.code, refused.error.http_status) == ("event_id_taken", 409)
    assert ProgressEvent.objects.count() == 1
    assert course_row().seq == before.seq
    assert tell("completed", event_id=event_id).replayed


def test_an_id_for_two_things_in_one_call_counts_for_the_first(tell):
    event_id = uuid.uuid4()
    outcomes = tell.all(
        ("completed", "one", None, event_id, {}), ("completed", "two", None, event_id, {})
    )
    assert [outcome.code for outcome in outcomes] == ["", "event_id_taken"]


def test_a_place_told_again_is_a_repetition_whatever_place_it_names(tell):
    event_id = uuid.uuid4()
    tell("checkpoint", event_id=event_id, anchor="潮", fraction=0.25)
    assert tell("checkpoint", event_id=event_id, anchor="潮", fraction=0.5).replayed
    assert ProgressEvent.objects.get().data == {"anchor": "潮", "fraction": 0.25}


def test_what_was_told_of_a_lesson_that_left_the_release_can_be_told_again(tell, lessons, publish):
    event_id = uuid.uuid4()
    tell("completed", event_id=event_id)
    Lesson.objects.filter(pk=lessons["one"].pk).update(status="draft")
    assert not publish().entries.filter(lesson=lessons["one"]).exists()
    assert tell("completed", event_id=event_id).replayed
    assert tell("completed", "two", event_id=event_id).code == "event_id_taken"


def test_what_was_told_of_a_lesson_that_left_the_course_can_be_told_again(
    seat, tell, lessons, alice, ingrid
):
    event_id = uuid.uuid4()
    tell("completed", event_id=event_id)
    nameless = NewEvent(event_id, "completed", NO_LESSON, {})

    def again():
        return progress_record(enrolment_id=seat.pk, events=[nameless], acting_user=alice)[0]

    assert again().code == "event_id_taken"
    other = Course.objects.create(slug="other", title="Other", owner=ingrid)
    Lesson.objects.filter(pk=lessons["one"].pk).update(course=other)
    assert again().replayed


def test_the_same_id_of_two_people_is_two_events(tell, enrol, bob, lessons):
    event_id = uuid.uuid4()
    tell("completed", event_id=event_id)
    his = enrol(bob)
    event = NewEvent(event_id, "completed", lessons["one"].pk, {})
    assert not progress_record(enrolment_id=his.pk, events=[event], acting_user=bob)[0].replayed


STORY = [
    ("opened", 50, {}),
    ("checkpoint", 40, {"anchor": "pipes", "fraction": 0.25}),
    ("completed", 35, {}),
    ("reopened", 30, {}),
    ("checkpoint", 20, {"anchor": "filters", "fraction": 0.75}),
    ("completed", 10, {}),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(6)))[::37])
def test_events_come_to_the_same_in_whatever_order_they_arrive(order, tell, lesson_row):
    now = timezone.now()
    for place in order:
        kind, minutes, data = STORY[place]
        tell(kind, minutes_ago=minutes, **data)
    row = lesson_row()
    assert row.state == "completed"
    assert row.checkpoint == {"anchor": "filters", "fraction": 0.75}
    assert abs(row.completed_at - (now - timedelta(minutes=10))) < timedelta(seconds=5)
    assert abs(row.opened_at - (now - timedelta(minutes=50))) < timedelta(seconds=5)


def test_an_event_of_an_hour_ago_does_not_undo_what_came_after(tell, lesson_row, course_row):
    tell("completed")
    tell("checkpoint", minutes_ago=1, anchor="b", fraction=0.5)
    assert tell("reopened", minutes_ago=60).accepted
    assert tell("checkpoint", minutes_ago=60, anchor="a", fraction=0.1).accepted
    row = lesson_row()
    assert row.state == "completed"
    assert row.checkpoint == {"anchor": "b", "fraction": 0.5}
    assert course_row().percent == 33


def test_a_clock_that_is_ahead_keeps_the_order_of_what_it_told(tell, lesson_row):
    tell.all(
        ("completed", "one", -6000, None, {}),
        ("reopened", "one", -6001, None, {}),
        ("checkpoint", "one", -6002, None, {"fraction": 0.5}),
    )
    row = lesson_row()
    assert row.state == "opened"
    assert row.checkpoint_at <= timezone.now() + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (datetime(1, 1, 1, tzinfo=timezone.get_fixed_timezone(840)), "bad_date"),
        (datetime(9999, 12, 31, 23, tzinfo=timezone.get_fixed_timezone(-720)), "bad_date"),
        (datetime(1971, 1, 1, tzinfo=UTC), ""),
        (datetime(2998, 1, 1, tzinfo=UTC), ""),
    ],
)
def test_a_moment_that_no_calendar_holds_is_refused(moment, code, seat, lessons, alice):
    event = NewEvent(uuid.uuid4(), "opened", lessons["one"].pk, {}, moment)
    found = progress_record(enrolment_id=seat.pk, events=[event], acting_user=alice)
    assert found[0].code == code
    assert progress_rebuild(enrolment_id=seat.pk) == []


def test_reading_time_is_measured_by_the_database_and_never_claimed(tell, later, lesson_row):
    tell("opened", minutes_ago=500)
    tell("checkpoint", minutes_ago=1, fraction=0.9)
    assert lesson_row().seconds <= 1
    later(30)
    tell("checkpoint", fraction=0.1)
    assert 29 <= lesson_row().seconds <= 32
    later(4000)
    tell("checkpoint", fraction=0.2)
    assert 89 <= lesson_row().seconds <= 92


def test_the_time_away_from_a_lesson_is_no_reading_time(tell, later, lesson_row, seat):
    tell("opened")
    later(20)
    tell("checkpoint", fraction=0.1)
    later(50)
    tell("opened")
    later(3)
    tell("checkpoint", fraction=0.2)
    assert 22 <= lesson_row().seconds <= 25
    assert progress_rebuild(enrolment_id=seat.pk) == []


def test_a_checkpoint_that_moves_nothing_is_accepted_and_not_kept(tell, later, seat):
    tell("checkpoint", anchor="pipes", fraction=0.5)
    assert tell("checkpoint", anchor="pipes", fraction=0.502).accepted
    assert ProgressEvent.objects.count() == 1
    assert tell("checkpoint", anchor="pipes", fraction=0.6).accepted
    assert ProgressEvent.objects.count() == 2
    later(6)
    assert tell("checkpoint", anchor="pipes", fraction=0.6).accepted
    assert ProgressEvent.objects.count() == 3


@pytest.mark.parametrize(
    "data",
    [
        {"fraction": 1.5},
        {"fraction": -0.1},
        {"fraction": float("nan")},
        {"fraction": "0.5"},
        {"fraction": True},
        {"fraction": None},
        {"anchor": 7},
        {"anchor": "x" * 201},
        {"anchor": "a\x00b"},
    ],
)
def test_a_place_that_is_none_is_refused_and_the_others_go_on(data, tell, lesson_row):
    outcomes = tell.all(
        ("checkpoint", "one", None, None, data), ("completed", "one", None, None, {})
    )
    assert [outcome.code for outcome in outcomes] == ["bad_checkpoint", ""]
    assert lesson_row().state == "completed"


def test_only_what_learners_do_can_be_told(tell):
    assert tell("rule_met", rule="marked").code == "bad_event"
    assert tell("nonsense").code == "bad_event"
    assert ProgressEvent.objects.count() == 0


def test_a_lesson_outside_of_the_release_is_refused(tell, make_lesson, lessons):
    lessons["newer"] = make_lesson("newer", rendered=False, published=False)
    assert tell("completed", "newer").code == "lesson_not_found"


def test_a_lesson_that_is_not_open_yet_is_refused_with_what_it_waits_for(tell, lessons):
    DripRule.objects.create(lesson=lessons["two"], kind="after_lesson", after=lessons["one"])
    refused = tell("completed", "two")
    assert refused.code == "lesson_locked"
    assert "One" in refused.detail
    tell("completed", "one")
    assert tell("completed", "two").accepted


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"status": Enrolment.Status.WITHDRAWN}, NotEnrolledError),
        ({"status": Enrolment.Status.SUSPENDED}, SeatSuspendedError),
        ({"expires_at": Now() - timedelta(seconds=1)}, SeatEndedError),
    ],
)
def test_who_may_not_learn_now_tells_nothing(values, error, tell, seat):
    tell("completed", "one")
    Enrolment.objects.filter(pk=seat.pk).update(**values)
    with pytest.raises(error):
        tell("completed", "two")
    assert CourseProgress.objects.get(pk=seat.pk).percent == 33


def test_a_course_that_was_taken_back_takes_nothing_from_its_learners(
    tell, course, ingrid, lessons, enrol
):
    course.refresh_from_db()
    course_withdraw(course=course, acting_user=ingrid)
    with pytest.raises(NotFoundError):
        tell("completed", "one")
    hers = enrol(ingrid)
    event = NewEvent(uuid.uuid4(), "completed", lessons["one"].pk, {})
    assert progress_record(enrolment_id=hers.pk, events=[event], acting_user=ingrid)[0].accepted


def test_nobody_tells_for_somebody_else(seat, bob, lessons):
    event = NewEvent(uuid.uuid4(), "completed", lessons["one"].pk, {})
    with pytest.raises(NotEnrolledError):
        progress_record(enrolment_id=seat.pk, events=[event], acting_user=bob)


def test_at_most_a_hundred_events_at_once(tell):
    with pytest.raises(TooManyEventsError):
        tell.all(*[("opened", "one", None, None, {})] * 101)


def test_telling_takes_few_queries_however_long_the_story(
    tell, later, django_assert_max_num_queries
):
    for number in range(12):
        later(6)
        tell("checkpoint", fraction=number / 12)
    later(6)
    with django_assert_max_num_queries(22):
        tell("checkpoint", fraction=0.99)


def test_completed_lessons_survive_a_release_that_drops_or_adds_lessons(
    tell, course_row, lessons, publish, make_lesson
):
    tell("completed", "one")
    make_lesson("four", rendered=False)
    lessons["two"].__class__.objects.filter(slug="two").update(status="draft")
    publish()
    row = course_row()
    assert (row.percent, row.completed_count, row.required_count) == (33, 1, 3)
    lessons["one"].__class__.objects.filter(slug="one").update(status="draft")
    publish()
    assert course_row().percent == 0
    lessons["one"].__class__.objects.filter(slug="one").update(status="published")
    publish()
    assert course_row().percent == 33


def test_an_instructor_completes_and_reopens_for_a_learner(
    tell, seat, lessons, ingrid, course_row, lesson_row
):
    tell("opened", "two")
    before = course_row()
    progress_override(
        enrolment_id=seat.pk, lesson_id=lessons["one"].pk, kind="completed", acting_user=ingrid
    )
    row = course_row()
    assert (row.percent, row.last_lesson_id) == (33, before.last_lesson_id)
    assert ProgressEvent.objects.get(lesson=lessons["one"]).by == ingrid
    assert lesson_row().seconds == 0
    progress_override(
        enrolment_id=seat.pk, lesson_id=lessons["one"].pk, kind="reopened", acting_user=ingrid
    )
    assert course_row().percent == 0
    assert progress_rebuild(enrolment_id=seat.pk) == []


def test_only_who_manages_the_class_overrides(seat, lessons, bob, alice, person):
    for someone in (bob, alice, person("otto", "instructor")):
        with pytest.raises((PermissionDeniedError, NotFoundError)):
            progress_override(
                enrolment_id=seat.pk,
                lesson_id=lessons["one"].pk,
                kind="completed",
                acting_user=someone,
            )
    assert not LessonProgress.objects.exists()


def test_a_learner_who_is_deleted_leaves_nothing_behind(tell, alice):
    tell("completed")
    alice.delete()
    assert not ProgressEvent.objects.exists()
    assert not CourseProgress.objects.exists()
