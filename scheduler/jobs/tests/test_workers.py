"""A worker whose queue connection broke at a bad moment takes work again."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from celery.worker import state
from django.db.models.functions import Now

from scheduler.jobs.losses import processes_that_lost_their_job
from scheduler.jobs.models import Job
from scheduler.jobs.workers import SignsOfLife


class Request:
    id = "j1"


@pytest.fixture
def lost():
    request = Request()
    state.reserved_requests.add(request)
    yield request
    state.reserved_requests.discard(request)


def worker_with(jobs):
    return SimpleNamespace(pool=SimpleNamespace(_pool=SimpleNamespace(_cache=jobs)))


def test_a_request_that_no_process_has_takes_no_place_after_two_looks(lost):
    signs = SignsOfLife(worker_with({}))
    signs._free_lost_places(worker_with({}))
    assert lost in state.reserved_requests
    signs._free_lost_places(worker_with({}))
    assert lost not in state.reserved_requests


def test_a_request_that_a_process_works_on_keeps_its_place(lost):
    signs = SignsOfLife(worker_with({1: "job"}))
    for _ in range(4):
        signs._free_lost_places(worker_with({1: "job"}))
    assert lost in state.reserved_requests


def test_a_pool_of_threads_is_left_alone(lost):
    worker = SimpleNamespace(pool=SimpleNamespace())
    signs = SignsOfLife(worker)
    for _ in range(4):
        signs._free_lost_places(worker)
    assert lost in state.reserved_requests


@pytest.fixture
def interactive_worker(monkeypatch):
    monkeypatch.setattr(state, "should_stop", None)
    queues = SimpleNamespace(consume_from={"interactive": None, "default": None})
    return SimpleNamespace(app=SimpleNamespace(amqp=SimpleNamespace(queues=queues)))


def looks(worker, times):
    signs = SignsOfLife(worker)
    for _ in range(times):
        signs._leave_when_stalled(worker)
    return state.should_stop


def long_due(**more):
    return Job.objects.create(
        kind="learning.lesson_rendition",
        lane="interactive",
        run_at=Now() - timedelta(seconds=60),
        **more,
    )


@pytest.mark.django_db(transaction=True)
def test_a_worker_before_which_work_waits_in_vain_starts_afresh(interactive_worker):
    long_due()
    assert looks(interactive_worker, 3) is None
    assert looks(interactive_worker, 4) is not None


@pytest.mark.django_db(transaction=True)
def test_a_worker_whose_lane_is_busy_stays(interactive_worker):
    long_due()
    long_due(status="running")
    assert looks(interactive_worker, 8) is None


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_not_concerned_by_lanes_of_others(interactive_worker):
    Job.objects.create(
        kind="scheduler.cleanup", lane="maintenance", run_at=Now() - timedelta(seconds=60)
    )
    assert looks(interactive_worker, 8) is None


def lost_with(**row):
    job = Job.objects.create(kind="k", lane="interactive", worker="main@box:7", **row)
    return processes_that_lost_their_job({7: str(job.pk)}, worker="main@box") == [7]


@pytest.mark.django_db
def test_a_process_has_lost_its_job_when_the_lease_is_over_or_somebody_else_may_have_it():
    past, soon = Now() - timedelta(seconds=60), Now() + timedelta(seconds=60)
    assert lost_with(status="running", lease_until=past)
    assert lost_with(status="retrying")
    assert lost_with(status="cancelled", finished_at=past)
    assert not lost_with(status="running", lease_until=soon)
    assert not lost_with(status="succeeded", finished_at=Now())


@pytest.mark.django_db
def test_a_process_that_has_not_claimed_the_job_yet_is_left_alone():
    job = Job.objects.create(kind="k", lane="interactive", worker="bulk@box:9", status="retrying")
    assert processes_that_lost_their_job({7: str(job.pk)}, worker="main@box") == []
