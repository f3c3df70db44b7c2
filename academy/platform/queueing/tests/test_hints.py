"""Hints reach a real queue, and submitting does not notice when there is none."""

import base64
import json
import threading
import time

import pytest
import redis
from django.db import transaction

from academy.platform.caching.tests.instance import instance
from academy.platform.queueing import hints
from academy.platform.queueing.hints import Hint
from academy.platform.queueing.sender import Sender


@pytest.fixture(scope="module")
def queue():
    with instance() as running:
        yield running


@pytest.fixture
def sender(monkeypatch):
    """A sender of the test's own: the process's one may rest after an error of another test."""
    fresh = Sender(name="hints", deliver=hints._Broker().deliver, errors=hints._ERRORS)
    monkeypatch.setattr(hints, "_sender", fresh)
    return fresh


@pytest.fixture
def client(queue, settings):
    settings.CELERY_BROKER_URL = queue.url.replace("unix://", "redis+socket://")
    with redis.Redis.from_url(queue.url) as connection:
        connection.flushall()
        yield connection


def test_a_hint_is_a_message_with_the_jobs_id_in_the_list_of_its_lane_and_priority(client, sender):
    hints.hint_now(Hint(job_id="j1", task="test.kind", lane="interactive", priority=0))
    hints.hint_now(Hint(job_id="j2", task="test.kind", lane="bulk", priority=7))
    hints.flush(timeout_seconds=10)
    lists = {key.decode() for key in client.scan_iter() if client.type(key) == b"list"}
    assert len(lists) == 2
    assert "interactive" in lists
    message = json.loads(client.lindex("interactive", 0))
    assert message["headers"]["task"] == "test.kind"
    arguments, keywords, _ = json.loads(base64.b64decode(message["body"]))
    assert (arguments, keywords) == ([], {"job_id": "j1"})


@pytest.mark.django_db(transaction=True)
def test_a_hint_leaves_with_the_commit_and_not_before(client, sender):
    with transaction.atomic():
        hints.hint_on_commit(Hint(job_id="j1", task="test.kind", lane="io", priority=0))
        hints.flush(timeout_seconds=0.3)
        assert client.llen("io") == 0
    hints.flush(timeout_seconds=10)
    assert client.llen("io") == 1


@pytest.mark.django_db(transaction=True)
def test_a_rollback_leaves_no_hint(client, sender):
    def submit_and_fail():
        with transaction.atomic():
            hints.hint_on_commit(Hint(job_id="j1", task="test.kind", lane="io", priority=0))
            raise LookupError

    with pytest.raises(LookupError):
        submit_and_fail()
    hints.flush(timeout_seconds=0.5)
    assert client.llen("io") == 0


@pytest.mark.parametrize("fault", ["missing", "frozen", "full"])
def test_nobody_waits_for_a_queue_that_is(fault, queue, client, sender, settings, tmp_path):
    hint = Hint(job_id="j1", task="test.kind", lane="io", priority=0)
    if fault == "missing":
        settings.CELERY_BROKER_URL = f"redis+socket://{tmp_path}/none"
    if fault == "full":
        client.config_set("maxmemory", "1")
    slowest = []

    def offer():
        for _ in range(50):
            started = time.perf_counter()
            hints.hint_now(hint)
            slowest.append(time.perf_counter() - started)
            time.sleep(0.002)

    try:
        if fault == "frozen":
            with queue.frozen():
                offer()
        else:
            offer()
    finally:
        if fault != "frozen":
            hints.flush(timeout_seconds=3)
        client.config_set("maxmemory", "0")
    assert sorted(slowest)[-2] < 0.05
    hints.flush(timeout_seconds=5)
    assert threading.active_count() < 50


def test_after_a_fault_hints_arrive_again(queue, client, sender):
    with queue.frozen():
        hints.hint_now(Hint(job_id="j1", task="test.kind", lane="io", priority=0))
        hints.flush(timeout_seconds=5)
    time.sleep(1.2)
    client.delete("io")
    hints.hint_now(Hint(job_id="j2", task="test.kind", lane="io", priority=0))
    hints.flush(timeout_seconds=5)
    assert client.llen("io") == 1


def test_the_hints_of_a_lane_are_counted_over_all_priorities(client, queue, sender, settings):
    settings.QUEUE_URL = queue.url
    for number in range(3):
        for priority in (0, 9):
            hints.hint_now(Hint(f"j{number}", "test.kind", "bulk", priority))
    hints.flush(timeout_seconds=10)
    assert hints.hints_waiting(["bulk", "io"]) == {"bulk": 6, "io": 0}


def test_a_queue_that_does_not_answer_has_no_known_hints(settings, tmp_path):
    settings.QUEUE_URL = f"unix://{tmp_path}/none"
    assert hints.hints_waiting(["bulk"]) == {}
