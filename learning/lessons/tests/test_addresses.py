"""Addresses that readers know, while drafts are written beside them."""

import pytest
from django.test import Client

from learning.lessons.models import Lesson
from learning.lessons.services import lesson_save
from learning.progress.telling import lesson_ids
from learning.releases.services import release_publish
from scheduler.jobs.tests.conftest import bearer, cache, shared_cache

__all__ = ["bearer", "cache", "shared_cache"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]


@pytest.fixture
def renamed(make_lesson):
    """Released at `pipes`, and now at `tubes`."""
    lesson = make_lesson("pipes", body="x", rendered=False)
    lesson.slug = "tubes"
    return lesson_save(lesson=lesson)


def test_a_draft_takes_no_address_that_readers_know(renamed, course, client, ingrid):
    draft = lesson_save(lesson=Lesson(course=course, slug="pipes", title="Draft"))
    answer = client.get("/courses/shells/pipes/")
    assert (answer.status_code, answer["Location"]) == (301, "/courses/shells/tubes/")
    assert client.get("/api/lessons/shells/pipes/").status_code in {200, 301, 308}
    assert lesson_ids(course.pk, ["shells/pipes"]) == {"shells/pipes": renamed.pk}
    teaching = Client()
    teaching.force_login(ingrid)
    assert teaching.get("/courses/shells/pipes/").status_code == 200

    draft.slug = "elsewhere"
    lesson_save(lesson=draft)
    assert client.get("/courses/shells/pipes/").status_code == 301
    draft.delete()
    assert client.get("/courses/shells/pipes/").status_code == 301


def test_a_draft_takes_the_address_with_its_release(renamed, course, client, ingrid):
    taker = Lesson(course=course, slug="pipes", title="Taker", status="published", body="y")
    lesson_save(lesson=taker)
    assert client.get("/courses/shells/pipes/").status_code == 301
    release_publish(course=course, acting_user=ingrid)
    assert client.get("/courses/shells/pipes/").status_code == 200
    assert lesson_ids(course.pk, ["shells/pipes"]) == {"shells/pipes": taker.pk}


@pytest.mark.parametrize("signed", [True, False])
def test_a_refusal_does_not_tell_whether_there_is_a_draft(
    course, client, bearer, alice, make_lesson, signed
):
    make_lesson("pipes", body="x", rendered=False)
    lesson_save(lesson=Lesson(course=course, slug="hidden", title="Draft"))
    headers = bearer(alice) if signed else {}
    told = {}
    for slug in ("hidden", "missing"):
        place = f"/api/lessons/shells/{slug}/"
        told[slug] = [
            client.get(f"{place}draft/", headers=headers).status_code,
            client.patch(place, "{}", content_type="application/json", headers=headers).status_code,
            client.delete(place, headers=headers).status_code,
        ]
    assert told["hidden"] == told["missing"] == [404 if signed else 401, 404, 404]
