import asyncio
from email.utils import parsedate_to_datetime

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test import AsyncClient

from exports.artifacts.selectors import artifact_store
from exports.artifacts.serving import AsyncPartStream
from exports.conftest import reading
from exports.lessons.models import LessonExport
from exports.lessons.services import Ready, lesson_export_request
from learning.conftest import publish
from learning.courses.models import CourseGrant, Status
from learning.lessons.models import Lesson, Tier

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]


@pytest.fixture
def fetch(client, bearer):
    """The answer, its body read."""

    def get(export, person, method="get", **headers):
        who = bearer(person) if person else {}
        answer = getattr(client, method)(
            f"/api/exports/{export.pk}/download/", headers={**who, **headers}
        )
        answer.body = body(answer)
        return answer

    return get


def body(answer):
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_the_whole_document_comes_as_a_sandboxed_attachment(fetch, alice, lesson, put_export):
    export = put_export(lesson)

    answer = fetch(export, alice)

    assert answer.status_code == 200
    assert answer.body == b"0123456789"
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Length"] == "10"
    assert answer["Content-Disposition"].startswith('attachment; filename="The-moon.pdf"; ')
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["Accept-Ranges"] == "bytes"
    assert answer["ETag"] == f'"{export.artifact.digest}"'
    assert parsedate_to_datetime(answer["Last-Modified"])


@pytest.mark.parametrize("accept", ["application/pdf", "text/html", "image/*"])
def test_whatever_a_client_accepts_the_file_has_its_own_type(
    fetch, alice, lesson, put_export, accept
):
    assert fetch(put_export(lesson), alice, Accept=accept).status_code == 200


def test_a_browser_downloads_with_its_session(client, alice, lesson, put_export):
    client.force_login(alice)

    answer = client.get(f"/api/exports/{put_export(lesson).pk}/download/")

    assert body(answer) == b"0123456789"


@pytest.mark.parametrize(
    ("header", "content", "content_range"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=4-", b"456789", "bytes 4-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
    ],
)
def test_a_part_comes_as_206(fetch, alice, lesson, put_export, header, content, content_range):
    answer = fetch(put_export(lesson), alice, Range=header)

    assert answer.status_code == 206
    assert answer["Content-Range"] == content_range
    assert answer["Content-Length"] == str(len(content))
    assert answer.body == content


@pytest.mark.parametrize("header", ["bytes=0-1,3-4", "bytes=x", "pages=1-2", "bytes=5-3"])
def test_several_or_malformed_ranges_get_the_whole(fetch, alice, lesson, put_export, header):
    answer = fetch(put_export(lesson), alice, Range=header)

    assert (answer.status_code, answer.body) == (200, b"0123456789")


def test_a_range_beyond_the_end_is_416_and_tells_the_size(fetch, alice, lesson, put_export):
    answer = fetch(put_export(lesson), alice, Range="bytes=10-")

    assert answer.status_code == 416
    assert answer["Content-Range"] == "bytes */10"
    assert answer.body == b""


def test_a_part_is_only_sent_of_the_version_that_if_range_names(fetch, alice, lesson, put_export):
    export = put_export(lesson)
    whole = fetch(export, alice)
    wanted = {"Range": "bytes=0-3"}

    for known in (whole["ETag"], whole["Last-Modified"]):
        assert fetch(export, alice, **wanted, **{"If-Range": known}).status_code == 206
    for other in ('"another"', f"W/{whole['ETag']}", "Thu, 01 Jan 1970 00:00:00 GMT", "?"):
        assert fetch(export, alice, **wanted, **{"If-Range": other}).status_code == 200


def test_who_has_it_already_gets_304_even_with_a_range(fetch, alice, lesson, put_export):
    export = put_export(lesson)
    etag = f'"{export.artifact.digest}"'

    for tag in (etag, f"W/{etag}", "*", f'"x", {etag}'):
        answer = fetch(export, alice, Range="bytes=0-1", **{"If-None-Match": tag})
        assert answer.status_code == 304
        assert answer["ETag"] == etag
        assert answer.body == b""
    assert fetch(export, alice, **{"If-None-Match": '"other"'}).status_code == 200
    assert fetch(export, alice, **{"If-Match": '"other"'}).status_code == 412


def test_head_tells_everything_but_the_bytes(fetch, alice, lesson, put_export):
    export = put_export(lesson)

    answer = fetch(export, alice, method="head")

    assert (answer.status_code, answer["Content-Length"], answer.body) == (200, "10", b"")
    assert answer["ETag"] == f'"{export.artifact.digest}"'


def test_the_permission_is_that_of_this_moment(fetch, alice, bob, ingrid, olga, lesson, put_export):
    export = put_export(lesson)
    assert fetch(export, alice).status_code == 200

    Lesson.objects.filter(pk=lesson.pk).update(access=Tier.PREMIUM)
    publish(lesson.course)
    grant = CourseGrant.objects.create(course=lesson.course, person=bob)

    assert fetch(export, alice).status_code == 403
    for person in (bob, ingrid, olga):
        assert fetch(export, person).status_code == 200
    grant.delete()
    assert fetch(export, bob).status_code == 403
    assert fetch(export, None).status_code == 401


def test_the_document_of_a_draft_looks_like_nothing_to_strangers(
    fetch, alice, ingrid, lesson, put_export, add_lesson
):
    export = put_export(lesson)
    add_lesson("sun")
    Lesson.objects.filter(pk=lesson.pk).update(status=Status.DRAFT)
    publish(lesson.course)

    refused = fetch(export, alice)
    LessonExport.objects.filter(pk=export.pk).delete()

    assert refused.status_code == 404
    assert refused.json() == fetch(export, alice).json()
    assert fetch(export, ingrid).status_code == 404


@pytest.mark.parametrize(
    "export_id", ["1", "0" * 40, "../x", "00000000-0000-0000-0000-000000000000"]
)
def test_an_id_that_is_none_is_404(client, bearer, alice, export_id):
    answer = client.get(f"/api/exports/{export_id}/download/", headers=bearer(alice))

    assert answer.status_code == 404


def test_a_file_that_vanished_is_404_and_the_next_request_makes_it_anew(
    fetch, alice, lesson, put_export
):
    export = put_export(lesson)
    assert isinstance(lesson_export_request(reading=reading(alice, lesson), format="pdf"), Ready)
    artifact_store().path(export.artifact.digest).unlink()

    assert fetch(export, alice).status_code == 404
    assert not LessonExport.objects.exists()
    outcome = lesson_export_request(reading=reading(alice, lesson), format="pdf")
    assert not isinstance(outcome, Ready)


def test_an_address_that_was_handed_out_works_after_its_document_was_replaced(
    fetch, alice, lesson, put_export
):
    old = put_export(lesson, data=b"old")
    put_export(lesson, data=b"new")

    assert fetch(old, alice).body == b"old"


def test_nginx_is_asked_to_send_the_file_where_it_is_set_up(
    fetch, alice, lesson, put_export, settings
):
    settings.ACCEL_REDIRECT = "/protected/"
    export = put_export(lesson)
    digest = export.artifact.digest

    answer = fetch(export, alice)

    assert answer["X-Accel-Redirect"] == f"/protected/{digest[:2]}/{digest}"
    assert answer.body == b""
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("title", "name"),
    [("月の引力", "%E6%9C%88%E3%81%AE%E5%BC%95%E5%8A%9B.pdf"), ("قمر", "%D9%82%D9%85%D8%B1.pdf")],
)
def test_a_title_in_any_script_names_the_file(fetch, alice, add_lesson, put_export, title, name):
    answer = fetch(put_export(add_lesson("luna", title=title)), alice)

    expected = f"attachment; filename=\"luna.pdf\"; filename*=UTF-8''{name}"
    assert answer["Content-Disposition"] == expected


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("for_threads")
def test_under_asgi_the_bytes_come_in_blocks_from_an_async_iterator(
    bearer, alice, lesson, put_export
):
    data = bytes(range(256)) * 1000
    export = put_export(lesson, data=data)
    headers = {**bearer(alice), "Range": "bytes=100-"}

    async def download():
        answer = await AsyncClient().get(f"/api/exports/{export.pk}/download/", headers=headers)
        assert answer.is_async
        blocks = [block async for block in answer.streaming_content]
        # The view ran on a thread of its own, whose connection the test client leaves open.
        await sync_to_async(lambda: connection.close())()
        return answer, blocks

    answer, blocks = asyncio.run(download())

    assert answer.status_code == 206
    assert b"".join(blocks) == data[100:]
    assert max(map(len, blocks)) == 64 * 1024


def test_the_file_is_closed_when_the_client_goes_away(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100)
    file = path.open("rb")
    from_asgi = AsyncPartStream(file, type("Part", (), {"first": 0, "size": 100})())

    from_asgi.close()

    assert file.closed
