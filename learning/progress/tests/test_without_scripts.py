"""Reading time of people whose pages run no script: the press of a form ends what was read."""

import re
import uuid

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from learning.lessons.services import revision_render
from learning.progress.models import ProgressEvent
from learning.progress.services import progress_rebuild

pytestmark = pytest.mark.django_db

PAGE = "/courses/shells/one/"
FORM = f"{PAGE}progress/"


@pytest.fixture
def reader(alice, seat, complete_by, lessons, publish):
    """Alice's browser without scripts, in a lesson that wants two minutes of reading."""
    complete_by(lessons["one"], rule="minimum_time", seconds=120)
    publish()
    assert revision_render(revision_id=lessons["one"].draft_revision_id)
    client = Client()
    client.force_login(alice)
    return client


def form_of(client):
    """What the button under the lesson would send, from the page as it was loaded."""
    form = re.search(
        r"<form[^>]*data-done-form.*?</form>", client.get(PAGE).content.decode(), re.DOTALL
    ).group()
    inputs = re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', re.sub(r"\s+", " ", form))
    return dict(inputs)


def press(client, form=None):
    """What the academy says to the press."""
    answer = client.post(FORM, form or form_of(client))
    assert answer.status_code == 303
    return str(list(get_messages(answer.wsgi_request))[-1])


def is_as_rebuilt(seat):
    return progress_rebuild(enrolment_id=seat.pk) == []


def test_who_reads_for_long_enough_and_presses_is_done(reader, later, lesson_row, seat):
    form = form_of(reader)
    later(150)
    assert press(reader, form) == "The lesson is done."
    assert lesson_row().state == "completed"
    assert 149 <= lesson_row().seconds <= 152
    assert is_as_rebuilt(seat)


def test_a_press_that_comes_too_early_keeps_what_was_read(reader, later, lesson_row, seat):
    form = form_of(reader)
    later(100)
    assert re.fullmatch(r"Read for (19|20) more seconds\.", press(reader, form))
    assert lesson_row().state == "opened"
    assert 99 <= lesson_row().seconds <= 102
    assert is_as_rebuilt(seat)
    form = form_of(reader)
    later(25)
    assert press(reader, form) == "The lesson is done."
    assert is_as_rebuilt(seat)


def test_a_press_on_a_page_that_was_gone_back_to_counts_what_was_read_since(
    reader, later, lesson_row, seat
):
    form = form_of(reader)
    later(70)
    press(reader, form)
    later(70)
    assert press(reader, form) == "The lesson is done."
    assert 138 <= lesson_row().seconds <= 143
    assert is_as_rebuilt(seat)


def test_time_between_two_loads_is_not_reading(reader, later, lesson_row):
    form_of(reader)
    later(600)
    form = form_of(reader)
    later(30)
    press(reader, form)
    assert 29 <= lesson_row().seconds <= 32


def test_an_open_page_counts_up_to_half_an_hour(
    reader, later, lesson_row, complete_by, lessons, publish
):
    complete_by(lessons["one"], rule="minimum_time", seconds=3600)
    publish()
    form = form_of(reader)
    later(9000)
    assert press(reader, form) == "Read for 30 more minutes."
    assert lesson_row().seconds == 1800


def test_what_a_script_told_is_not_counted_again_by_a_press(
    reader, later, lesson_row, tell, seat, complete_by, lessons, publish
):
    complete_by(lessons["one"], rule="minimum_time", seconds=3600)
    publish()
    form = form_of(reader)
    for step in range(3):
        later(40)
        tell("checkpoint", fraction=step / 10)
    later(40)
    press(reader, form)
    assert 156 <= lesson_row().seconds <= 166
    tell("checkpoint", fraction=0.9)
    later(1000)
    press(reader, form)
    assert lesson_row().seconds <= 166 + 61
    assert is_as_rebuilt(seat)


def test_a_form_that_is_sent_twice_changes_nothing_the_second_time(
    reader, later, lesson_row, course_row
):
    form = form_of(reader)
    later(150)
    press(reader, form)
    before = course_row().seq, lesson_row().seconds, ProgressEvent.objects.count()
    press(reader, form)
    assert (course_row().seq, lesson_row().seconds, ProgressEvent.objects.count()) == before


def test_a_place_that_is_remembered_counts_what_was_read(reader, later, lesson_row, seat):
    form_of(reader)
    for _ in range(2):
        later(50)
        place = {"action": "checkpoint", "anchor": "part-2", "id": str(uuid.uuid4())}
        assert reader.post(FORM, place).status_code == 303
    assert lesson_row().checkpoint == {"anchor": "part-2", "fraction": 0.0}
    assert 98 <= lesson_row().seconds <= 103
    assert is_as_rebuilt(seat)


def test_a_program_cannot_tell_that_a_form_was_pressed(reader, later, lesson_row, seat):
    form_of(reader)
    later(900)
    event = {
        "id": str(uuid.uuid4()),
        "kind": "opened",
        "lesson": "shells/one",
        "data": {"by_form": True},
    }
    told = reader.post(
        "/api/progress/shells/events/", {"events": [event]}, content_type="application/json"
    )
    assert told.json()["outcomes"][0]["accepted"]
    assert lesson_row().seconds == 0


def test_a_lesson_that_measures_nothing_keeps_no_press(her_lesson, later, lesson_row):
    kinds = ProgressEvent.objects.order_by("pk").values_list("kind", flat=True)
    later(900)
    her_lesson.post(FORM, {"action": "complete", "id": str(uuid.uuid4())})
    assert list(kinds) == ["opened", "completed"]
    assert lesson_row().seconds == 60


@pytest.fixture
def her_lesson(alice, seat, lessons):
    """Alice's browser on the page of a lesson that is done when she says so."""
    assert revision_render(revision_id=lessons["one"].draft_revision_id)
    client = Client()
    client.force_login(alice)
    client.get(PAGE)
    return client
