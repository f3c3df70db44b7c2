from datetime import timedelta

import pytest
from django.utils import timezone

from academy.accounts.models import User
from learning.courses.models import Course, ReleasePolicy, Status
from learning.enrolments.models import Enrolment
from learning.lessons.models import Lesson
from learning.progress.models import CourseProgress, LessonProgress
from learning.progress.services import course_progress_refresh
from learning.releases.impact import release_impact


@pytest.fixture
def enrol(tides):
    """People in the course who completed the lessons of these slugs."""

    def make(people, *slugs, **values):
        seats = Enrolment.objects.bulk_create(
            Enrolment(course=tides, person=person, source="import", **values) for person in people
        )
        lessons = list(Lesson.objects.filter(slug__in=slugs))
        LessonProgress.objects.bulk_create(
            LessonProgress(
                enrolment=seat, lesson=lesson, state="completed", completed_at=timezone.now()
            )
            for seat in seats
            for lesson in lessons
        )
        course_progress_refresh(course_id=tides.pk)
        return seats

    return make


@pytest.fixture
def impact(tides):
    return lambda: release_impact(Course.objects.get(pk=tides.pk))


def percents(seats):
    rows = CourseProgress.objects.filter(enrolment__in=seats).order_by("pk")
    return list(rows.values_list("percent", flat=True))


def test_what_is_foretold_is_what_progress_computes(
    impact, enrol, lesson_of, publish, alice, bob, person
):
    for position, slug in enumerate(["one", "two", "three"]):
        lesson_of(slug, position=position)
    publish()
    yuki, layla = person("雪"), person("ليلى")
    seats = [
        *enrol([alice], "one", "two", "three"),
        *enrol([bob], "one"),
        *enrol([yuki], "three"),
        *enrol([layla]),
    ]
    assert percents(seats) == [100, 33, 33, 0]
    Lesson.objects.filter(slug="three").update(is_required=False)
    lesson_of("four", position=9)
    lesson_of("five", position=10)
    foretold = impact()
    assert (foretold.follower_count, foretold.moving_count) == (4, 3)
    assert (foretold.rising_count, foretold.falling_count) == (0, 3)
    assert (foretold.finished_count, foretold.unfinished_count) == (0, 1)
    assert [(one.name, one.before, one.after) for one in foretold.examples] == [
        ("Alice", 100, 50), (str(yuki), 33, 0), ("Bob", 33, 25)
    ]  # fmt: skip
    publish()
    assert percents(seats) == [50, 25, 0, 0]
    assert impact().moving_count == 0


def test_a_lesson_that_goes_may_finish_a_learner(impact, enrol, lesson_of, publish, alice):
    lesson_of("one")
    lesson_of("two")
    publish()
    seats = enrol([alice], "one")
    Lesson.objects.filter(slug="two").update(status=Status.DRAFT)
    foretold = impact()
    assert (foretold.rising_count, foretold.finished_count) == (1, 1)
    publish()
    assert percents(seats) == [100]


def test_where_nothing_counts_any_more_everybody_is_at_nought(
    impact, enrol, lesson_of, publish, alice
):
    lesson_of("one")
    publish()
    seats = enrol([alice], "one")
    Lesson.objects.update(is_required=False)
    assert [(one.before, one.after) for one in impact().examples] == [(100, 0)]
    publish()
    assert percents(seats) == [0]


def test_those_who_left_or_are_pinned_are_not_counted(
    impact, enrol, lesson_of, publish, tides, alice, bob, person
):
    lesson_of("one")
    release = publish()
    enrol([alice], "one", release=release)
    enrol([bob], "one", status=Enrolment.Status.WITHDRAWN)
    enrol([person("late")], "one", expires_at=timezone.now() - timedelta(days=1))
    lesson_of("two")
    assert impact().follower_count == 1
    Course.objects.filter(pk=tides.pk).update(release_policy=ReleasePolicy.PINNED)
    assert (impact().follower_count, impact().staying_count) == (0, 1)
    Enrolment.objects.filter(person=alice).update(release=None)
    assert (impact().follower_count, impact().moving_count) == (1, 1)


def test_a_first_release_moves_nobody(impact, enrol, lesson_of, alice):
    lesson_of("one")
    enrol([alice])
    assert (impact().follower_count, impact().moving_count) == (1, 0)


def test_a_thousand_learners_in_a_hundred_lessons_take_three_queries(
    impact, enrol, lesson_of, publish, tides, django_assert_max_num_queries
):
    for number in range(100):
        lesson_of(f"lesson-{number}", position=number)
    publish()
    people = User.objects.bulk_create(User(username=f"学生{n}") for n in range(1000))
    seats = enrol(people, *(f"lesson-{number}" for number in range(0, 100, 5)))
    Lesson.objects.filter(slug="lesson-0").update(status=Status.DRAFT)
    course = Course.objects.get(pk=tides.pk)
    with django_assert_max_num_queries(3):
        foretold = release_impact(course)
    assert (foretold.follower_count, foretold.moving_count) == (1000, 1000)
    assert len(foretold.examples) == 20
    publish()
    # What the job of a class of this size does.
    course_progress_refresh(course_id=tides.pk)
    assert set(percents(seats)) == {foretold.examples[0].after} == {19}
