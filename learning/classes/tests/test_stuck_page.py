"""Where learners stop."""

import pytest

from learning.classes.stuck import stuck_lessons
from learning.enrolments.models import Enrolment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]

STUCK = "/courses/shells/class/stuck/"


def test_the_lesson_that_holds_up_most_comes_first(course, release, person, enrol, open_lesson):
    for name, lesson, days, seconds in (
        ("ana", "loops", 8, None),
        ("ben", "loops", 9, None),
        ("cem", "pipes", 8, None),
        ("dora", "pipes", 2, None),
        ("emil", "pipes", 30, 120),
        ("fay", "pipes", 30, 600),
        ("gil", "pipes", 30, 130),
    ):
        open_lesson(enrol(person(name), 0), lesson, days=days, seconds=seconds)

    loops, pipes = stuck_lessons(course, days=7)

    assert (loops.title, loops.stuck, loops.opened, loops.completed) == ("Loops", 2, 2, 0)
    assert (loops.median_minutes, loops.completed_percent) == (None, 0)
    assert (pipes.title, pipes.stuck, pipes.opened, pipes.completed) == ("Pipes", 1, 5, 3)
    assert (pipes.median_minutes, pipes.completed_percent) == (2, 60)


def test_who_has_left_or_has_ended_is_not_stuck(course, release, person, enrol, open_lesson):
    left = enrol(person("ana"), 0, status=Enrolment.Status.WITHDRAWN)
    waits = enrol(person("ben"), 0, status=Enrolment.Status.SUSPENDED)
    for enrolment in (left, waits):
        open_lesson(enrolment, "pipes", days=20)

    pipes = next(one for one in stuck_lessons(course, days=7) if one.title == "Pipes")

    assert (pipes.opened, pipes.stuck) == (1, 0)


def test_a_lesson_that_is_in_no_release_is_not_listed(course, publish, person, enrol, open_lesson):
    publish(course, ("pipes", "old"))
    publish(course, ("pipes",))
    open_lesson(enrol(person("ana"), 0), "old", days=20)

    assert [one.title for one in stuck_lessons(course, days=7)] == ["Pipes"]


def test_a_title_is_that_of_the_release(signed_in, ingrid, course, publish):
    publish(course, ("pipes",), titles={"pipes": "パイプ <入門>"})

    assert "パイプ &lt;入門&gt;" in signed_in(ingrid).get(STUCK).content.decode()


@pytest.mark.parametrize(
    ("query", "days"), [("", 7), ("?days=3", 3), ("?days=5", 7), ("?days=x", 7), ("?days=-3", 7)]
)
def test_the_days_come_from_a_list(signed_in, ingrid, release, query, days):
    answer = signed_in(ingrid).get(f"{STUCK}{query}")

    assert answer.status_code == 200
    assert f"at least {days} days ago" in answer.content.decode()


def test_a_course_without_a_release_says_what_to_do(signed_in, ingrid, course):
    assert "This course has no release yet." in signed_in(ingrid).get(STUCK).content.decode()


def test_a_chart_is_drawn_only_of_somebody_who_is_stuck(
    signed_in, ingrid, release, person, enrol, open_lesson
):
    page = signed_in(ingrid).get(STUCK).content.decode()
    assert "No lesson holds anybody up." in page
    assert "data-chart" not in page
    assert "uPlot" not in page
    open_lesson(enrol(person("ana"), 0), "pipes", days=20)
    page = signed_in(ingrid).get(STUCK).content.decode()
    assert "data-chart" in page
    assert "uPlot" in page
