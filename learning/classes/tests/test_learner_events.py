"""What happened last, as a learner's page tells it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from learning.classes.learner import recent_events
from learning.classes.tests.test_learner_page import enrolment, path
from learning.progress.models import ProgressEvent

__all__ = ["enrolment"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]


def test_the_page_tells_what_happened_last_and_who_did_it(
    signed_in, ingrid, enrolment, course, alice
):
    lesson = course.lessons.get(slug="pipes")
    for number, (kind, by) in enumerate((("opened", alice), ("completed", ingrid))):
        ProgressEvent.objects.create(
            enrolment=enrolment,
            lesson=lesson,
            event_id=f"00000000-0000-0000-0000-00000000000{number}",
            kind=kind,
            by=by,
            occurred_at=timezone.now(),
        )

    text = signed_in(ingrid).get(path(enrolment)).content.decode()

    assert "by Ingrid" in text
    assert "by Alice" not in text


def test_coming_back_to_a_lesson_is_not_told_as_opening_it_again(enrolment, course):
    pipes, loops = (course.lessons.get(slug=slug) for slug in ("pipes", "loops"))
    for number, lesson in enumerate((pipes, loops, pipes, pipes, loops)):
        ProgressEvent.objects.create(
            enrolment=enrolment,
            lesson=lesson,
            event_id=f"00000000-0000-0000-0000-00000000000{number}",
            kind="opened",
            occurred_at=timezone.now() + timedelta(seconds=number - 60),
        )

    assert [event.lesson for event in recent_events(enrolment)] == ["Loops", "Pipes"]
