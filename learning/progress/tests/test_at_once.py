"""Several tabs, and a publisher, at the same moment."""

import threading
import uuid

import pytest
from django.db import connection

from academy.accounts.models import User
from learning.courses.models import Course
from learning.enrolments.models import Enrolment
from learning.lessons.models import Lesson
from learning.lessons.services import lessons_refresh
from learning.progress.models import CourseProgress, ProgressEvent
from learning.progress.services import NewEvent, progress_rebuild, progress_record, progress_refresh
from learning.releases.services import release_publish

pytestmark = pytest.mark.usefixtures("for_threads")


@pytest.fixture
def many(for_threads):
    """A learner in a course of ten lessons."""
    owner = User.objects.create(username="ingrid")
    course = Course.objects.create(slug="crowded", title="Crowded", owner=owner)
    Lesson.objects.bulk_create(
        Lesson(course=course, slug=f"l{n}", title=f"L {n}", position=n, status="published")
        for n in range(10)
    )
    lessons_refresh(course_id=course.pk)
    release_publish(course=course, acting_user=owner)
    person = User.objects.create(username="alice")
    seat = Enrolment.objects.create(course=course, person=person, source="self")
    progress_refresh(enrolment_id=seat.pk)
    return owner, course, person, seat


def together(*calls):
    """All at once, each on a thread and a connection of its own; what they returned."""
    gate = threading.Barrier(len(calls))
    found = [None] * len(calls)

    def run(number):
        try:
            gate.wait(10)
            found[number] = calls[number]()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def completion(person, seat, lesson_id, event_id=None):
    event = NewEvent(event_id or uuid.uuid4(), "completed", lesson_id, {})
    return lambda: progress_record(enrolment_id=seat.pk, events=[event], acting_user=person)[0]


def test_ten_tabs_at_once_are_ten_events(many):
    _owner, course, person, seat = many
    lesson_ids = Lesson.objects.filter(course=course).values_list("pk", flat=True)
    outcomes = together(*[completion(person, seat, lesson_id) for lesson_id in lesson_ids])
    assert all(outcome.accepted and not outcome.replayed for outcome in outcomes)
    row = CourseProgress.objects.get(pk=seat.pk)
    assert (row.percent, row.completed_count, row.seq) == (100, 10, 11)
    assert progress_rebuild(enrolment_id=seat.pk) == []


def test_one_event_told_ten_times_at_once_counts_once(many):
    _owner, course, person, seat = many
    lesson_id = Lesson.objects.filter(course=course).first().pk
    event_id = uuid.uuid4()
    outcomes = together(*[completion(person, seat, lesson_id, event_id) for _ in range(10)])
    assert sorted(outcome.replayed for outcome in outcomes) == [False, *[True] * 9]
    assert ProgressEvent.objects.count() == 1


def test_a_release_and_a_tick_at_once_leave_the_percentage_of_the_release(many):
    owner, course, person, seat = many
    for lesson in Lesson.objects.filter(course=course).order_by("position")[:5]:
        Lesson.objects.filter(pk=lesson.pk).update(status="draft")
        last = Lesson.objects.filter(course=course).order_by("-position").first()
        together(
            completion(person, seat, last.pk),
            lambda: release_publish(course=Course.objects.get(pk=course.pk), acting_user=owner),
        )
        row = CourseProgress.objects.get(pk=seat.pk)
        assert row.release_id == Course.objects.get(pk=course.pk).newest_release_id
        assert progress_rebuild(enrolment_id=seat.pk) == []
    assert CourseProgress.objects.get(pk=seat.pk).percent == 20
