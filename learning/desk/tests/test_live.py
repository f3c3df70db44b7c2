"""When My learning is out of date, as open pages are told."""

from itertools import pairwise

import pytest
from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.db.models import F
from django.db.models.functions import Now
from django.test import RequestFactory

from learning.desk.live import desk_frames, desk_version, desk_versions
from learning.desk.tests.test_pages import learns, release_of, watched_job
from learning.enrolments.models import Enrolment
from learning.progress.models import CourseProgress

__all__ = ["release_of"]

pytestmark = pytest.mark.django_db


def is_news(frame, than):
    return frame.seq > than.seq or frame.data != than.data


def test_what_is_told_asked_for_or_lost_makes_the_page_out_of_date(alice, bob, course, release_of):
    key = str(alice.pk)
    seat = learns(alice, course, release_of(course))
    frames = [desk_frames([key])[key]]

    CourseProgress.objects.filter(pk=seat.pk).update(seq=F("seq") + 1, changed_at=Now())
    frames.append(desk_frames([key])[key])
    watched_job(alice)
    frames.append(desk_frames([key])[key])
    Enrolment.objects.filter(pk=seat.pk).update(status="suspended")
    frames.append(desk_frames([key])[key])
    assert all(is_news(later, before) for before, later in pairwise(frames))
    assert [frame.seq for frame in frames] == sorted(frame.seq for frame in frames)

    watched_job(bob)
    assert not is_news(desk_frames([key])[key], frames[-1])
    assert desk_version(alice.pk) == frames[-1].seq


def test_a_sweep_over_many_pages_is_one_query(alice, person, django_assert_num_queries):
    keys = [str(alice.pk), "x", *(str(person(f"d{n}").pk) for n in range(20))]
    with django_assert_num_queries(1):
        assert len(desk_versions(keys)) == 21
    with django_assert_num_queries(1):
        assert len(desk_frames(keys)) == 21


def test_the_part_for_the_script_is_the_pages_own_and_takes_no_message(
    client, alice, course, release_of
):
    learns(alice, course, release_of(course), done=1)
    client.force_login(alice)
    said = RequestFactory().get("/")
    said._messages = CookieStorage(said)
    messages.success(said, "You are enrolled.")
    client.cookies["messages"] = said._messages._encode(said._messages._queued_messages)
    part = client.get("/learn/", HTTP_X_PART="desk").content.decode()
    assert "Lessons done: 1 of 3" in part
    assert f'data-desk-seq="{desk_version(alice.pk)}"' in part
    assert "<html" not in part
    assert "You are enrolled." not in part
    assert "You are enrolled." in client.get("/learn/").content.decode()
