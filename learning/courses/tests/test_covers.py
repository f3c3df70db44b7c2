import io

import pytest
from PIL import Image
from rest_framework.test import APIClient

from learning.conftest import SVG, png
from learning.courses.models import Course, CourseChange, CourseFigure, Status
from learning.courses.services.covers import (
    MAX_COVER_BYTES,
    MAX_COVER_SCANS,
    MAX_COVER_SVG_BYTES,
    MAX_COVER_SVG_TAGS,
)
from learning.courses.services.figures import figure_put
from scheduler.jobs.tests.conftest import cache, shared_cache

__all__ = ["cache", "shared_cache"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]

COVER = "/api/courses/tides/cover/"


@pytest.fixture
def tides(ingrid):
    return Course.objects.create(
        slug="tides", title="潮の満ち引き", owner=ingrid, status=Status.PUBLISHED
    )


@pytest.fixture
def send(ingrid, tides):
    def put(data, kind="image/png", *, person=ingrid, method="put"):
        client = APIClient()
        client.force_authenticate(person)
        return getattr(client, method)(COVER, data, content_type=kind)

    return put


def shown(client):
    return client.get("/api/courses/tides/").json()["cover_url"]


def test_a_picture_is_the_cover_and_everybody_sees_it_at_once(send, client):
    answer = send(png())
    assert answer.status_code == 200
    told = answer.json()
    assert (told["content_type"], told["width"], told["height"]) == ("image/png", 8, 6)
    assert shown(client) == told["cover_url"]
    picture = client.get(told["cover_url"])
    assert (picture.status_code, picture.content) == (200, png())
    assert told["cover_url"] in client.get("/courses/tides/").content.decode()


def test_the_same_picture_again_changes_nothing(send, tides):
    first = send(png())
    tides.refresh_from_db()
    again = send(png())
    assert (again.status_code, again.json()) == (200, first.json())
    assert Course.objects.get().updated_at == tides.updated_at
    assert CourseChange.objects.filter(kind="changed").count() == 1


def test_another_picture_takes_its_place_and_the_former_is_let_go(send, client):
    before = send(png()).json()["cover_url"]
    after = send(png("blue")).json()["cover_url"]
    assert shown(client) == after != before
    assert CourseFigure.objects.count() == 1


def test_a_picture_of_the_lessons_is_neither_overwritten_nor_let_go(send, tides):
    kept = figure_put(course_id=tides.pk, name="cover.png", data=png("green"))
    Course.objects.filter(pk=tides.pk).update(cover=kept)
    assert send(png()).status_code == 200
    assert send(b"", method="delete").status_code == 204
    kept.refresh_from_db()
    assert list(CourseFigure.objects.all()) == [kept]


def test_a_cover_is_taken_away_once_and_for_all(send, client):
    send(png())
    assert [send(b"", method="delete").status_code for _time in range(2)] == [204, 204]
    assert shown(client) is None
    assert not CourseFigure.objects.exists()


def test_the_bytes_say_what_a_picture_is_and_what_acts_in_it_is_gone(send, client):
    told = send(SVG, "image/jpeg").json()
    assert told["content_type"] == "image/svg+xml"
    picture = client.get(told["cover_url"])
    assert b"<script" not in picture.content
    assert "sandbox" in picture["Content-Security-Policy"]


def wide_png():
    out = io.BytesIO()
    Image.new("1", (1201, 1200)).save(out, "PNG")
    return out.getvalue()


def jpeg(width, height, **how):
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "JPEG", **how)
    return out.getvalue()


def with_scans(count):
    """A progressive picture with that many passes over it."""
    whole = jpeg(64, 64, progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * count + whole[-2:]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        b"GIF89a",
        png()[:45],
        wide_png(),
        b"<html></html>",
        b"<svg" + b" " * MAX_COVER_SVG_BYTES,
        "<svg>".encode("utf-16") + b" " * MAX_COVER_SVG_BYTES,
        png() + b"x" * MAX_COVER_BYTES,
        b"%PDF-1.7",
        jpeg(1201, 1200, progressive=True),
        with_scans(MAX_COVER_SCANS),
        b'<svg xmlns="http://www.w3.org/2000/svg">' + b"<g/>" * 2 * MAX_COVER_SVG_TAGS + b"</svg>",
    ],
    ids=range(13),
)
def test_what_cannot_be_a_cover_is_refused_in_words_and_changes_nothing(send, client, data):
    before = send(png()).json()["cover_url"]
    answer = send(data)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["code"]) == (400, "unusable_figure")
    assert error["detail"]
    assert shown(client) == before


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data"])
def test_what_is_not_called_a_picture_is_not_taken(send, kind):
    assert send(b"{}", kind).status_code == 415


def test_a_photograph_is_a_cover(send):
    assert send(jpeg(1600, 900, progressive=True)).status_code == 200


def test_only_who_edits_the_course_sets_its_cover(send, alice):
    for method in ("put", "delete"):
        assert send(png(), person=None, method=method).status_code == 401
        assert send(png(), person=alice, method=method).status_code == 403
    assert not CourseFigure.objects.exists()
