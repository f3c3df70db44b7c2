"""Jobs for programs: the document, the lists, and what strangers and nonsense get."""

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scheduler.jobs import estimates, services
from scheduler.jobs.models import Job, Status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]
DOCUMENT = {
    *("task_id", "kind", "title", "lane", "status", "progress", "step", "queue_position"),
    *("attempt", "max_attempts", "retry_count", "next_attempt_at", "created_at", "started_at"),
    *("finished_at", "checked_at", "task_age_seconds", "estimated_remaining_seconds"),
    *("can_cancel", "can_retry", "cancel_requested_at", "seq", "result", "error"),
    *("correlation_id", "retry_of"),
}


@pytest.fixture
def api(bearer):
    """get(person, name, *args) and post(...) with that person's token."""

    class Api:
        @staticmethod
        def get(person, name, *arguments, **query):
            url = reverse(f"monitoring:{name}", args=arguments)
            return Client().get(url, query, headers=bearer(person))

        @staticmethod
        def post(person, name, *arguments, body=None, **headers):
            url = reverse(f"monitoring:{name}", args=arguments)
            return Client().post(
                url,
                body if body is not None else {},
                content_type="application/json",
                headers={**bearer(person), **headers},
            )

    return Api


def ids_of(answer):
    assert answer.status_code == 200, answer.content
    return [row["task_id"] for row in answer.json()["results"]]


def test_the_status_document_has_exactly_these_fields(api, ask, alice):
    job = ask(alice, title="Lesson: PDF")
    document = api.get(alice, "status", job.pk).json()
    assert set(document) == DOCUMENT
    assert document["task_id"] == str(job.pk)
    assert (document["status"], document["queue_position"], document["seq"]) == ("queued", 1, 1)
    assert document["created_at"].endswith("Z")
    assert document["can_cancel"] is True
    assert document["can_retry"] is False
    assert document["result"] is None
    assert document["error"] is None


def test_a_finished_document_carries_its_result(api, ask, claim, alice):
    job = ask(alice)
    result = {"download_url": "/f", "file_size": 5, "content_type": "application/pdf", "pid": 1}
    services.job_succeeded(run=claim(job), result=result)
    document = api.get(alice, "status", job.pk).json()
    assert document["result"] == {
        "download_url": "/f",
        "file_size": 5,
        "content_type": "application/pdf",
    }
    assert (document["progress"], document["queue_position"]) == (100, None)


def test_a_failed_document_says_why_and_shows_no_traceback(api, ask, claim, alice):
    job = ask(alice)
    services.job_failed(run=claim(job), code="unexpected", traceback="secret")
    answer = api.get(alice, "status", job.pk)
    assert answer.json()["error"]["code"] == "unexpected"
    assert answer.json()["can_retry"] is True
    assert b"secret" not in answer.content


def test_a_waiting_retry_says_when(api, ask, claim, alice):
    job = ask(alice)
    services.job_try_again(run=claim(job), code="busy", retry_after_seconds=60)
    document = api.get(alice, "status", job.pk).json()
    assert document["next_attempt_at"] is not None
    assert (document["attempt"], document["retry_count"]) == (1, 0)


@pytest.mark.parametrize("name", ["status", "cancel", "retry"])
def test_a_strangers_job_answers_like_a_missing_one(name, api, ask, alice, bob):
    call = api.get if name == "status" else api.post
    foreign, missing = (call(bob, name, pk) for pk in (ask(alice).pk, uuid.uuid4()))
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content


def test_an_operator_sees_every_job(api, ask, alice, olga):
    job = ask(alice)
    assert api.get(olga, "status", job.pk).status_code == 200
    assert ids_of(api.get(olga, "list")) == [str(job.pk)]


@pytest.mark.parametrize("name", ["list", "status", "stream"])
def test_without_sign_in_nothing_is_shown(name, ask, alice):
    arguments = [] if name == "list" else [ask(alice).pk]
    answer = Client().get(reverse(f"monitoring:{name}", args=arguments))
    assert answer.status_code == 401
    assert set(answer.json()) == {"type", "errors"}


def test_the_list_has_ones_own_jobs_newest_first(api, ask, alice, bob, shift):
    jobs = [ask(alice) for _ in range(3)]
    ask(bob)
    for number, job in enumerate(jobs):
        shift(job, created_at=number - 10)
    assert ids_of(api.get(alice, "list")) == [str(job.pk) for job in reversed(jobs)]


def test_the_list_is_filtered(api, ask, declare, claim, alice, shift):
    bulk = declare(lane="bulk")
    one = ask(alice, params={"lesson_id": 4711}, subject="lesson:1", title="Shell")
    two = ask(alice, kind=bulk.name, subject="lesson:2")
    services.job_failed(run=claim(two), code="broken", detail="ink is out")
    shift(one, created_at=-100)
    for query, expected in (
        ({"status": "failed"}, two),
        ({"status": "queued"}, one),
        ({"kind": bulk.name}, two),
        ({"lane": "bulk"}, two),
        ({"subject": "lesson:1"}, one),
        ({"min_age_seconds": 50}, one),
        ({"q": "4711"}, one),
        ({"q": "broken"}, two),
        ({"q": "INK"}, two),
        ({"q": "shell"}, one),
    ):
        assert ids_of(api.get(alice, "list", **query)) == [str(expected.pk)], query
    assert ids_of(api.get(alice, "list", q="%")) == []


@pytest.mark.parametrize(
    "query",
    [
        {"page": "-1"},
        {"page": "0"},
        {"page": "x"},
        {"status": "nonsense"},
        {"min_age_seconds": "-1"},
        {"min_age_seconds": "NaN"},
        {"min_age_seconds": "1e400"},
        {"q": "a\0b"},
        {"kind": "\0"},
        {"q": "x" * 5000},
    ],
)
def test_nonsense_in_the_list_is_a_400(query, api, ask, alice):
    ask(alice)
    assert api.get(alice, "list", **query).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        {"page_size": "1000000000"},
        {"page_size": "9" * 400},
        {"ordering": "password"},
        {"user__password__startswith": "a"},
        {"owner": "1"},
        {"min_age_seconds": "0"},
        {"q": "日本 العربية 🎓"},
    ],
)
def test_what_the_list_does_not_know_is_capped_or_ignored(query, api, ask, alice):
    ask(alice)
    answer = api.get(alice, "list", **query)
    assert answer.status_code == 200
    assert len(answer.json()["results"]) <= 100


@pytest.mark.parametrize("size", ["-5", "0", "ten", "5.5"])
def test_what_is_no_size_of_a_page_is_refused_by_its_name(size, api, ask, alice):
    ask(alice)
    answer = api.get(alice, "list", page_size=size)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "page_size"


def test_a_page_beyond_the_last_is_a_404(api, ask, alice):
    ask(alice)
    assert api.get(alice, "list", page=99).status_code == 404


@pytest.mark.parametrize(
    "text", [str(2**80), "1", "x", "a" * 500, "30f23b65-d7fd-4cee-954f-2a2cb2a9452"]
)
def test_an_id_that_is_none_is_a_404(text, bearer, alice):
    url = f"/async-monitoring/tasks/{text}/status/"
    assert Client().get(url, headers=bearer(alice)).status_code == 404


def test_bulk_status_gives_null_for_what_one_may_not_see(api, ask, alice, bob):
    mine, his, missing = str(ask(alice).pk), str(ask(bob).pk), str(uuid.uuid4())
    wanted = [mine, his, missing, "nonsense", mine.upper()]
    answer = api.post(alice, "bulk-status", body={"task_ids": wanted})
    assert answer.status_code == 200
    found = answer.json()
    assert set(found) == set(wanted)
    assert set(found[mine]) == DOCUMENT
    assert found[his] is found[missing] is found["nonsense"] is None


def test_bulk_status_takes_100_ids_and_no_more(api, alice):
    ids = [str(uuid.uuid4()) for _ in range(101)]
    assert api.post(alice, "bulk-status", body={"task_ids": ids[:100]}).status_code == 200
    assert api.post(alice, "bulk-status", body={"task_ids": ids}).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"task_ids":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"task_ids": ["\\u0000"]}',
        b'{"task_ids": ["\\ud800"]}',
        b'{"task_ids": "x"}',
        b'{"task_ids": [{}]}',
        b'{"task_ids": []}',
        b'{"task_ids": null}',
        b"[]",
        b"null",
        b"{}",
    ],
)
def test_bulk_status_answers_nonsense_with_400(body, api, alice):
    answer = api.post(alice, "bulk-status", body=body)
    assert answer.status_code == 400, answer.content[:300]
    assert set(answer.json()) == {"type", "errors"}


def test_bulk_status_reads_json_only(bearer, alice):
    url = reverse("monitoring:bulk-status")
    answer = Client().post(url, {"task_ids": "x"}, headers=bearer(alice))
    assert answer.status_code == 415


@pytest.mark.parametrize("name", ["list", "bulk-status"])
def test_the_cost_does_not_grow_with_the_number_of_jobs(name, api, ask, declare, alice):
    kinds = [declare().name, declare().name]

    def queries(count):
        for number in range(count):
            ask(alice, kind=kinds[number % 2])
        estimates._known.clear()
        with CaptureQueriesContext(connection) as captured:
            if name == "list":
                answer = api.get(alice, "list", page_size=100)
            else:
                ids = [str(pk) for pk in Job.objects.values_list("pk", flat=True)]
                answer = api.post(alice, "bulk-status", body={"task_ids": ids})
        assert answer.status_code == 200
        return len(captured)

    assert queries(4) == queries(14) <= 16


def test_a_cancel_is_a_202_with_the_document_and_a_second_a_409(api, ask, alice):
    job = ask(alice)
    first = api.post(alice, "cancel", job.pk)
    assert (first.status_code, first.json()["status"]) == (202, "cancelled")
    second = api.post(alice, "cancel", job.pk)
    assert second.status_code == 409
    assert second.json()["errors"][0]["code"] == "cannot_cancel"


def test_a_cancelled_run_is_shown_as_cancelled_at_once(api, ask, claim, alice):
    job = ask(alice)
    run = claim(job)
    first = api.post(alice, "cancel", job.pk).json()
    assert first["status"] == "cancelled"
    services.job_cancelled(run=run)
    later = api.get(alice, "status", job.pk).json()
    assert later["status"] == "cancelled"
    assert later["seq"] >= first["seq"]


def test_a_retry_is_a_202_that_says_where_the_new_job_is(api, ask, claim, alice):
    job = ask(alice)
    services.job_failed(run=claim(job), code="x")
    answer = api.post(alice, "retry", job.pk)
    assert answer.status_code == 202
    document = answer.json()
    assert document["retry_of"] == str(job.pk)
    assert answer["Location"] == reverse("monitoring:status", args=[document["task_id"]])


def test_a_retry_of_a_job_that_still_runs_is_a_409(api, ask, alice):
    answer = api.post(alice, "retry", ask(alice).pk)
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "cannot_retry"


def test_a_retry_with_a_key_is_one_job_however_often_it_is_sent(api, ask, claim, alice):
    job = ask(alice)
    services.job_failed(run=claim(job), code="x")
    answers = [api.post(alice, "retry", job.pk, **{"Idempotency-Key": "k"}) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["task_id"] for answer in answers}) == 1
    assert Job.objects.filter(retry_of=job).count() == 1


def test_a_full_queue_is_a_429_that_says_when_to_come_back(api, ask, claim, alice, settings):
    job = ask(alice)
    services.job_failed(run=claim(job), code="x")
    settings.JOBS_QUEUED_PER_OWNER = 1
    ask(alice)
    answer = api.post(alice, "retry", job.pk)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def test_a_full_lane_is_a_503_that_says_when_to_come_back(api, ask, claim, alice, settings):
    job = ask(alice)
    services.job_failed(run=claim(job), code="x")
    settings.LANE_DEPTH = 1
    ask()
    answer = api.post(alice, "retry", job.pk)
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


def test_a_browser_needs_the_csrf_token_to_cancel(ask, alice):
    job = ask(alice)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    url = reverse("monitoring:cancel", args=[job.pk])
    assert browser.post(url).status_code == 403
    assert Job.objects.get(pk=job.pk).status == Status.QUEUED


@pytest.mark.parametrize("name", ["status", "stream", "cancel", "retry"])
def test_a_wrong_method_is_a_405(name, api, ask, alice):
    call = api.post if name in {"status", "stream"} else api.get
    assert call(alice, name, ask(alice).pk).status_code == 405
