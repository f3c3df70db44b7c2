"""What the page warns of before somebody publishes."""

import pytest
from lxml import html

from learning.courses.models import Course
from learning.lessons.models import Lesson
from learning.lessons.services import lesson_save, revision_render
from learning.releases.doubts import doubts_about
from scheduler.jobs.tests.conftest import cache, shared_cache

__all__ = ["cache", "shared_cache"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]


def write(lesson, body):
    lesson.body = body
    lesson_save(lesson=lesson)
    revision_render(revision_id=Lesson.objects.get(pk=lesson.pk).draft_revision_id)


def test_a_missing_figure_is_told_with_its_lesson_before_publishing(
    client, ingrid, lesson_of, django_assert_max_num_queries
):
    write(lesson_of("moon", title="月"), '![no](missing.png) ![القمر "](fig/moon.svg)')
    write(lesson_of("sun"), "`![no](missing.png)` in code")
    client.force_login(ingrid)
    page = html.fromstring(client.get("/courses/tides/publish/").content)
    (told,) = page.xpath('//*[contains(@class, "notice-warning")]//p')
    assert told.text == "“月” shows a figure that is missing: missing.png, fig/moon.svg"
    with django_assert_max_num_queries(2):
        doubts_about(Course.objects.get())


def test_a_price_for_lessons_that_everybody_reads_is_told(lesson_of, tides):
    for number in range(3):
        lesson_of(f"free-{number}")
    assert doubts_about(tides) == []
    tides.price = 4900
    (told,) = doubts_about(tides)
    assert told.replace("\u00a0", " ") == (
        "The course costs 49.00 EUR, yet 3 of 3 lessons are open to everybody."
    )
    Lesson.objects.update(access="premium")
    assert doubts_about(tides) == []
