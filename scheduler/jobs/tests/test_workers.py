"""A worker whose queue connection broke at a bad moment takes work again."""

from types import SimpleNamespace

import pytest
from celery.worker import state

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
