import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from drf_spectacular.generators import SchemaGenerator

from academy.accounts.models import User
from exports.lessons.selectors import EXPORT_KIND
from learning.conftest import save_and_publish
from learning.courses.models import CourseGrant, Status
from learning.lessons.models import Tier
from scheduler.jobs import estimates
from scheduler.jobs.models import Job
from scheduler.jobs.services import job_cancel

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_format", "cache")]

EXPORT = "/api/lessons/tides/{}/export/"
STATUS = "/api/lessons/tides/{}/export/status/"
_TABLE = re.compile(r'^(\w+)(?:.*?(?:FROM|INTO|UPDATE) "(\w+)")?', re.DOTALL)


@pytest.fixture
def ask(client, bearer):
    def post(person, slug="moon", format="plain", **headers):
        who = bearer(person) if person else {}
        return client.post(
            EXPORT.format(slug),
            {"format": format},
            content_type="application/json",
            headers={**who, **headers},
        )

    return post


@pytest.fixture
def look(client, bearer):
    def get(person, slug="moon", query=""):
        return client.get(STATUS.format(slug) + query, headers=bearer(person) if person else {})

    return get


def test_the_first_request_is_accepted_and_told_where_to_look(ask, alice, lesson):
    answer = ask(alice)

    job = Job.objects.get(kind=EXPORT_KIND)
    assert answer.status_code == 202
    assert answer["Location"] == f"/async-monitoring/tasks/{job.pk}/status/"
    assert answer.json()["task_id"] == str(job.pk)
    assert answer.json()["status"] == "queued"
    assert answer.json()["stale"] is None


def test_a_fresh_document_is_answered_with_its_address(ask, alice, lesson, work):
    ask(alice)
    work()

    answer = ask(alice)

    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"format", "download_url", "generated_at", "file_size", "stale"}
    assert body["stale"] is False
    assert body["format"] == "plain"
    assert body["file_size"] > 0


def test_an_old_document_serves_while_its_successor_is_made(ask, alice, lesson, work):
    ask(alice)
    work()
    old = ask(alice).json()
    lesson.body = "Something else."
    save_and_publish(lesson)

    answer = ask(alice)

    assert answer.status_code == 202
    assert answer.json()["stale"] == {
        "download_url": old["download_url"],
        "generated_at": old["generated_at"],
    }


def test_the_same_key_has_one_effect_and_one_answer(ask, alice, lesson):
    first = ask(alice, **{"Idempotency-Key": "k1"})
    again = ask(alice, **{"Idempotency-Key": "k1"})

    assert again.status_code == 202
    assert again.json() == first.json()
    assert again["Location"] == first["Location"]
    assert Job.objects.filter(kind=EXPORT_KIND).count() == 1


@pytest.mark.parametrize("body", [{"format": "xls"}, {"format": ""}, {}, {"format": ["pdf"]}])
def test_a_format_that_is_not_offered_is_named_in_the_refusal(client, bearer, alice, lesson, body):
    answer = client.post(
        EXPORT.format("moon"), body, content_type="application/json", headers=bearer(alice)
    )

    assert answer.status_code == 400
    assert answer.json()["type"] == "validation_error"
    assert answer.json()["errors"][0]["attr"] == "format"


def test_who_is_signed_out_is_asked_to_sign_in(ask, look, lesson):
    assert ask(None).status_code == 401
    assert look(None).status_code == 401
    assert ask(None, slug="nowhere").status_code == 401


def test_premium_lessons_are_exported_by_those_who_have_access(
    ask, look, alice, bob, ingrid, olga, course, add_lesson
):
    add_lesson("sun", access=Tier.PREMIUM)
    CourseGrant.objects.create(course=course, person=bob)

    assert ask(alice, "sun").status_code == 403
    assert look(alice, "sun").status_code == 403
    for person in (bob, ingrid, olga):
        assert ask(person, "sun").status_code == 202
        assert look(person, "sun").status_code == 200


def test_drafts_look_like_nothing_to_strangers(ask, look, alice, ingrid, add_lesson):
    add_lesson("sun", status=Status.DRAFT)

    assert ask(alice, "sun").status_code == 404
    assert look(alice, "sun").status_code == 404
    assert ask(alice, "sun").json() == ask(alice, "nowhere").json()
    assert ask(ingrid, "sun").status_code == 202


def test_a_person_with_a_full_queue_is_told_when_to_come_back(ask, alice, add_lesson, settings):
    settings.JOBS_QUEUED_PER_OWNER = 1
    add_lesson("sun")
    add_lesson("moon")
    ask(alice, "sun")

    answer = ask(alice, "moon")

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def test_a_full_lane_takes_nothing_on(ask, alice, lesson, settings):
    settings.LANE_DEPTH = 1

    answer = ask(alice)

    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


def test_the_status_tells_of_each_format(look, ask, alice, bob, lesson, work):
    before = look(alice).json()
    ask(alice)
    waiting = look(alice).json()["plain"]
    others = look(bob).json()["plain"]
    work()
    after = look(alice).json()["plain"]

    assert set(before) == {"pdf", "docx", "plain"}
    assert before["plain"]["status"] == "none"
    assert before["plain"]["download_url"] is None
    assert waiting["status"] == "queued"
    assert waiting["task_id"]
    assert others["status"] == "none"
    assert after["status"] == "succeeded"
    assert after["progress"] == 100
    assert after["stale"] is False
    assert after["download_url"].endswith("/download/")


def test_the_status_can_be_asked_of_one_format(look, alice, lesson):
    assert set(look(alice, query="?format=pdf").json()) == {"pdf"}
    assert look(alice, query="?format=json").status_code == 400


def test_a_failure_is_told_until_a_fresh_document_stands(ask, look, alice, bob, add_lesson, work):
    lesson = add_lesson("moon", body="> " * 3000)
    ask(alice)
    work()

    failed = look(alice).json()["plain"]
    lesson.body = "Short."
    save_and_publish(lesson)
    ask(bob)
    work()

    assert failed["status"] == "failed"
    assert look(alice).json()["plain"]["status"] == "succeeded"


def test_a_cancelled_export_is_no_longer_told(ask, look, alice, lesson):
    ask(alice)
    job_cancel(job_id=Job.objects.get(kind=EXPORT_KIND).pk, acting_user=alice)

    assert look(alice).json()["plain"]["status"] == "none"


def _queries(act):
    """What was asked of which table, in order."""
    # Read with every status document, and kept for some seconds: not to depend on the clock.
    estimates._known.clear()
    with CaptureQueriesContext(connection) as queries:
        answer = act()
    assert answer.status_code < 400, answer.content
    return [_TABLE.findall(query["sql"])[:1] for query in queries]


def test_asking_and_looking_cost_the_same_however_much_there_is(
    ask, look, client, bearer, alice, add_lesson, work, settings
):
    settings.JOBS_QUEUED_PER_OWNER = 100
    add_lesson("moon")
    add_lesson("mars")
    few = (_queries(lambda: ask(alice, "mars")), _queries(lambda: look(alice)))
    detail = _queries(lambda: client.get("/api/lessons/tides/moon/", headers=bearer(alice)))
    for number in range(8):
        add_lesson(f"star{number}")
        ask(alice, f"star{number}")
        ask(User.objects.create_user(f"learner{number}"), f"star{number}")
        work()
    ask(alice, "moon")
    work()
    add_lesson("sun")

    assert _queries(lambda: ask(alice, "sun")) == few[0]
    assert len(_queries(lambda: look(alice))) <= len(few[1])
    assert _queries(lambda: client.get("/api/lessons/tides/moon/", headers=bearer(alice))) == detail


def test_the_schema_knows_the_exports():
    schema = SchemaGenerator().get_schema(public=True)

    operations = {
        operation["operationId"]
        for path in schema["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict)
    }
    assert {"lesson_export", "lesson_export_status", "export_download"} <= operations


def test_the_state_of_exports_is_sent_again_only_when_it_is_another(
    ask, client, bearer, alice, lesson, work
):
    def look(tag=""):
        return client.get(STATUS.format("moon"), headers={**bearer(alice), "If-None-Match": tag})

    none = look()
    assert look(none["ETag"]).status_code == 304
    ask(alice)
    queued = look(none["ETag"])
    assert (queued.status_code, queued.json()["plain"]["status"]) == (200, "queued")
    assert look(queued["ETag"]).status_code == 304
    work()
    made = look(queued["ETag"])
    assert (made.status_code, made.json()["plain"]["status"]) == (200, "succeeded")
    assert look(made["ETag"]).status_code == 304
