"""Health says which part is not well, cheaply."""

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from academy.platform.caching.tests.instance import instance
from scheduler.health import selectors
from scheduler.jobs.kinds import LANES
from scheduler.jobs.models import Job, Process
from scheduler.jobs.services import process_seen
from scheduler.jobs.services.sweeping import timedelta

pytestmark = pytest.mark.django_db
URL = "/async-monitoring/health/"


@pytest.fixture(scope="module")
def server():
    with instance() as running:
        yield running


@pytest.fixture
def well(server, settings):
    settings.QUEUE_URL = settings.CACHE_URL = server.url
    settings.REDIS_TIMEOUT_SECONDS = 5.0
    process_seen(name="w", role="worker", lanes=list(LANES), pid=1)
    process_seen(name="b", role="beat", lanes=[], pid=2)
    return settings


def codes():
    answer = Client().get(URL)
    body = answer.json()
    assert answer["Cache-Control"] == "no-store"
    assert (answer.status_code == 200) == (body["status"] == "ok")
    return answer.status_code, {c["name"]: c["code"] for c in body["checks"] if c["code"] != "ok"}


def test_an_academy_that_is_well_answers_200_with_every_check(well):
    assert codes() == (200, {})
    names = [check.name for check in selectors.health()]
    assert names == [
        *("database", "queue", "cache", "workers", "beat"),
        *("oldest_queued", "migrations", "disk"),
    ]


@pytest.mark.parametrize("name", ["queue", "cache"])
def test_an_instance_without_an_answer_is_named(name, well, tmp_path):
    setattr(well, f"{name.upper()}_URL", f"unix://{tmp_path}/none")
    assert codes() == (503, {name: "no_answer"})


def test_a_frozen_instance_costs_no_more_than_its_timeout(well, server):
    well.REDIS_TIMEOUT_SECONDS = 0.2
    with server.frozen():
        assert codes() == (503, {"queue": "no_answer", "cache": "no_answer"})


def test_a_lane_without_a_worker_is_named(well):
    Process.objects.filter(name="w").update(lanes=["interactive", "io"])
    found = {check.name: check for check in selectors.health()}["workers"]
    assert (found.code, found.detail) == ("lane_without_worker", "default, bulk, maintenance")


def test_processes_that_were_not_seen_lately_do_not_count(well):
    Process.objects.update(seen_at=Now() - timedelta(seconds=60))
    assert codes() == (503, {"workers": "lane_without_worker", "beat": "not_seen"})


def test_work_that_waits_too_long_is_named(well):
    Job.objects.create(kind="x", lane="bulk")
    assert codes()[0] == 200
    Job.objects.update(run_at=Now() - timedelta(seconds=well.LANE_OLDEST_SECONDS + 5))
    assert codes() == (503, {"oldest_queued": "waiting_too_long"})


def test_a_full_disk_is_named(well, monkeypatch):
    monkeypatch.setattr(selectors, "_FREE_BYTES", 2**62)
    assert codes() == (503, {"disk": "nearly_full"})


def test_it_is_cheap_enough_for_every_second(well):
    selectors.health()
    with CaptureQueriesContext(connection) as queries:
        selectors.health()
    assert len(queries) <= 9
