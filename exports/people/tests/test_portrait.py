import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.urls import reverse

from academy.accounts import portrait
from academy.accounts.services import person_anonymise, token_pair_issue
from exports.artifacts.models import Artifact
from exports.artifacts.selectors import artifact_store
from exports.artifacts.services import artifacts_release
from exports.people.errors import PortraitPersonGoneError
from exports.people.models import PersonPortrait
from exports.people.paths import portrait_path
from exports.people.selectors import PORTRAIT_KIND
from exports.people.services import portrait_ask, portrait_make, portrait_record
from learning.courses.models import CourseStaff
from learning.enrolments.models import Enrolment
from learning.enrolments.selectors import my_enrolments
from learning.progress.models import ProgressEvent
from scheduler.idempotency.models import IdempotencyKey
from scheduler.jobs.kinds import kind_named
from scheduler.jobs.models import Job, JobWatch, Status
from scheduler.jobs.services import job_submit
from scheduler.jobs.tasks.running import execute
from scheduler.jobs.tests.conftest import declare

__all__ = ["declare"]


@pytest.fixture
def run(monkeypatch):
    """Runs the person's job, as a worker would."""
    if connection.in_atomic_block:
        # A worker's connections are its own; this one carries the test's transaction.
        monkeypatch.setattr("scheduler.jobs.tasks.running.close_old_connections", lambda: None)

    def work(person):
        job = portrait_ask(person=person).job
        execute(
            replace(kind_named(PORTRAIT_KIND), memory_limit_bytes=None),
            job_id=str(job.pk),
            worker="w1",
        )
        job.refresh_from_db()
        return job

    return work


@pytest.fixture
def section():
    """A room's section that ends with the test."""
    names = []

    def make(collect, name="room"):
        portrait.register_section(name, collect, title="A room")
        names.append(name)

    yield make
    for name in names:
        portrait.forget(name)


def unpacked(client, job):
    answer = client.get(job.result["download_url"])
    assert answer.status_code == 200
    data = b"".join(answer.streaming_content)
    return zipfile.ZipFile(io.BytesIO(data))


def test_a_person_gets_all_that_is_known_of_them(client, alice, lesson, run):
    enrolment = Enrolment.objects.create(course=lesson.course, person=alice, source="self")
    ProgressEvent.objects.create(
        enrolment=enrolment,
        lesson=lesson,
        event_id="6f2d0fd0-6f0c-4d6b-9d56-0f6d6a3f2f11",
        kind="opened",
        occurred_at=enrolment.started_at,
    )
    client.force_login(alice)
    job = run(alice)
    assert job.status == Status.SUCCEEDED
    archive = unpacked(client, job)
    assert archive.testzip() is None
    wanted = {"profile", "addresses", "sign-ins", "jobs", "enrolments", "progress", "events"}
    assert {f"{name}.json" for name in wanted} | {"index.html", "README.txt"} <= set(
        archive.namelist()
    )
    found = {name: json.loads(archive.read(f"{name}.json")) for name in wanted}
    assert found["profile"]["user_name"] == "alice"
    assert found["enrolments"][0]["course"] == "tides"
    assert found["events"][0]["what"] == "opened"
    assert found["jobs"][0]["kind"] == PORTRAIT_KIND
    assert found["sign-ins"][0]["kind"] == "browser"


def test_the_file_holds_nobody_elses_data_and_no_credentials(client, alice, bob, run):
    bob.email = "bob@example.org"
    bob.save()
    pair = token_pair_issue(person=alice)
    client.force_login(alice)
    archive = unpacked(client, run(alice))
    text = " ".join(archive.read(name).decode() for name in archive.namelist())
    assert "bob@example.org" not in text
    for secret in (alice.password, client.session.session_key, pair.refresh):
        assert secret not in text


def test_what_people_wrote_is_shown_as_text(client, alice, run, section):
    evil = '<script>alert("x")</script>\u202e 日本語'
    alice.display_name = evil
    alice.save()
    section(lambda person_id: [{"note": evil, "more": {"a": [1, None]}}])
    client.force_login(alice)
    archive = unpacked(client, run(alice))
    page = archive.read("index.html").decode()
    assert "<script>alert" not in page
    assert "日本語" in page
    assert json.loads(archive.read("room.json"))[0]["note"] == evil


def test_very_many_rows_are_all_in_the_file_and_few_on_the_page(alice, section, client, run):
    section(lambda person_id: ({"number": number} for number in range(20_000)))
    client.force_login(alice)
    archive = unpacked(client, run(alice))
    assert len(json.loads(archive.read("room.json"))) == 20_000
    page = archive.read("index.html").decode()
    assert "19000 more rows are in room.json" in page
    assert len(page) < 500_000


def test_only_the_person_downloads_it(client, alice, bob, olga, run):
    url = run(alice).result["download_url"]
    assert client.get(url).status_code == 401
    for other in (bob, olga):
        client.force_login(other)
        assert client.get(url).status_code == 404
    client.force_login(alice)
    answer = client.get(url)
    assert answer.status_code == 200
    answer.close()


def test_it_is_gone_after_a_day_bytes_and_all(client, alice, run, settings):
    url = run(alice).result["download_url"]
    shift = timedelta(seconds=settings.PORTRAIT_KEEP_SECONDS + 1)
    PersonPortrait.objects.update(generated_at=F("generated_at") - shift)
    client.force_login(alice)
    assert client.get(url).status_code == 404
    assert artifacts_release() == 1
    assert not Artifact.objects.exists()
    assert not PersonPortrait.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_bytes_go_with_the_row(transactional_db, alice, run):
    run(alice)
    digest = Artifact.objects.get().digest
    assert artifact_store().has(digest)
    run(alice)
    assert not artifact_store().has(digest)
    assert PersonPortrait.objects.count() == 1


def test_who_asks_again_joins_the_job(client, alice):
    client.force_login(alice)
    first = client.post(
        "/api/me/export/", content_type="application/json", headers={"idempotency-key": "k"}
    )
    again = client.post("/api/me/export/")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["task_id"] == again.json()["task_id"]
    assert first["Location"].endswith(f"{first.json()['task_id']}/status/")
    replayed = client.post(
        "/api/me/export/", content_type="application/json", headers={"idempotency-key": "k"}
    )
    assert replayed["Idempotency-Replayed"] == "true"
    assert Job.objects.count() == 1


def test_the_form_leads_to_the_job(client, alice):
    assert client.post("/accounts/me/export/")["Location"].startswith("/accounts/sign-in/")
    client.force_login(alice)
    answer = client.post("/accounts/me/export/")
    assert answer["Location"] == f"/jobs/{Job.objects.get().pk}/"
    assert client.get("/accounts/me/export/").status_code == 405


def test_the_written_out_address_is_the_route(alice):
    made = PersonPortrait()
    assert portrait_path(made.pk) == reverse("people:download", args=[made.pk])


def test_leaving_ends_what_was_under_way(client, alice, bob, lesson, run, declare):
    run(alice)
    waiting = portrait_ask(person=alice).job
    kind = declare()
    shared = job_submit(kind=kind.name, params={}, person_id=alice.pk, dedup_key="s").job
    job_submit(kind=kind.name, params={}, person_id=bob.pk, dedup_key="s")
    Enrolment.objects.create(course=lesson.course, person=alice, source="self")
    CourseStaff.objects.create(course=lesson.course, person=alice, role="assistant")
    client.force_login(alice)
    client.post(
        "/api/me/export/", content_type="application/json", headers={"idempotency-key": "k"}
    )
    person_anonymise(person_id=alice.pk)
    for job, status in ((waiting, Status.CANCELLED), (shared, Status.QUEUED)):
        job.refresh_from_db()
        assert job.status == status
    assert not JobWatch.objects.filter(person=alice, withdrawn_at=None).exists()
    assert not PersonPortrait.objects.exists()
    assert not IdempotencyKey.objects.filter(scope=f"user:{alice.pk}").exists()
    assert not CourseStaff.objects.exists()
    assert my_enrolments(alice).get().state == "ended"


def test_a_file_that_is_made_for_somebody_who_left_is_thrown_away(alice, run):
    made = portrait_make(person_id=alice.pk, report=lambda percent, step: None)
    person_anonymise(person_id=alice.pk)
    with pytest.raises(PortraitPersonGoneError):
        portrait_record(made=made)
    assert not artifact_store().has(made.stored.digest)
    assert run(alice).status == Status.FAILED


def test_the_owner_of_a_course_hands_it_over_first(client, ingrid, course):
    ingrid.set_password("correct horse battery")
    ingrid.save()
    client.force_login(ingrid)
    form = {"password": "correct horse battery"}
    answer = client.post("/api/me/delete/", form, "application/json")
    assert answer.status_code == 409
    assert "You own 1 course" in answer.json()["errors"][0]["detail"]
