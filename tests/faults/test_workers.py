"""F1-F5: what happens to workers, and what the jobs make of it."""

import os
import random
import signal
import time

import psutil
import pytest

from tests.faults.conftest import STARTING_SECONDS, scaled
from tests.faults.ledger import Ledger, Load, check, percentile, submitted, waits
from tests.stack import eventually

pytestmark = pytest.mark.faults
RENDER_SECONDS = 3


def begun(stack, ledger, **more):
    """A long job that runs now: its id, the worker that runs it, the pool process."""
    task_id = submitted(stack, ledger, "probe.work", {"seconds": RENDER_SECONDS}, **more).json[
        "task_id"
    ]
    row = eventually(
        lambda: (row := stack.job(task_id))["status"] == "running" and row["progress"] > 0 and row,
        seconds=STARTING_SECONDS,
    )
    name, _, pid = row["worker"].rpartition(":")
    return task_id, name.partition("-")[0], int(pid)


def crashed_once_and_ran_again(stack, task_id):
    row = stack.wait_for(task_id, "succeeded", seconds=STARTING_SECONDS + scaled(60))
    assert (row["crash_count"], row["attempt"]) == (1, 2)
    assert stack.effects(task_id) == 1


def test_f1_the_job_of_a_killed_pool_process_runs_again(academy, ledger, under_load):
    with under_load():
        task_id, worker, pid = begun(academy, ledger)
        assert psutil.Process(pid).ppid() == academy.processes[worker].pid
        os.kill(pid, signal.SIGKILL)
        crashed_once_and_ran_again(academy, task_id)
    assert academy.is_running(worker)


def test_f2_the_job_of_a_killed_worker_runs_again(academy, ledger, under_load):
    with under_load():
        task_id, worker, pid = begun(academy, ledger)
        academy.kill(worker, group=False)
        eventually(lambda: not psutil.pid_exists(pid), seconds=10)
        academy.start(worker)
        crashed_once_and_ran_again(academy, task_id)


def test_f3_a_frozen_worker_is_fenced_out_when_it_thaws(academy, ledger, under_load):
    with under_load():
        task_id, worker, pid = begun(academy, ledger)
        frozen_at = time.monotonic()
        academy.freeze(worker)
        row = academy.wait_for(task_id, "succeeded", seconds=STARTING_SECONDS + scaled(90))
        assert int(row["worker"].rpartition(":")[2]) != pid
        assert (row["fence"], row["crash_count"]) == (2, 1)
        time.sleep(max(0.0, scaled(90) - (time.monotonic() - frozen_at)))
        academy.thaw(worker)
        time.sleep(RENDER_SECONDS)
        assert academy.job(task_id) == row
        assert academy.effects(task_id) == 1


def test_f4_work_beyond_its_memory_fails_alone(academy, ledger, under_load, fresh_logs):
    mains = {name: academy.processes[name].pid for name in ("main", "bulk")}
    with under_load():
        for how in ("swell", "leap", "memory_error"):
            answer = submitted(academy, ledger, "probe.poison", {"how": how}, outcomes=("failed",))
            row = academy.wait_for(answer.json["task_id"], "failed", seconds=STARTING_SECONDS)
            assert row["error_code"] == "memory_limit", how
            assert row["attempt"] == 1
    assert {name: academy.processes[name].pid for name in mains} == mains
    assert all(academy.is_running(name) for name in mains)
    assert not any("Traceback" in text for text in fresh_logs().values())


def test_f5_poison_dies_and_its_neighbours_do_not_notice(academy, ledger, under_load, measured):
    before = Ledger()
    with Load(academy, before, academy.people_of_load, seed=1):
        time.sleep(scaled(60))
    usual = percentile(waits(academy, check(academy, before)), 95)
    poison, ends = {}, {}
    with under_load():
        # One poison at a time: a crash takes one of the two workers for up to 5 s (Celery looks
        # for lost processes that often), and two at once would leave nobody to serve neighbours.
        for how in ("exit", "segfault", "hang", "memory_error"):
            answer = submitted(
                academy, ledger, "probe.poison", {"how": how}, outcomes=("dead", "failed")
            )
            poison[how] = answer.json["task_id"]
            ends[how] = academy.wait_for(
                poison[how], "dead", "failed", seconds=STARTING_SECONDS + scaled(150)
            )
    for how in ("exit", "segfault"):
        assert (ends[how]["status"], ends[how]["crash_count"]) == ("dead", 3)
    assert (ends["hang"]["status"], ends["hang"]["error_code"]) == ("failed", "time_limit")
    assert ends["memory_error"]["error_code"] == "memory_limit"
    neighbours = ledger.accepted.keys() - set(poison.values())
    rows = check(academy, ledger)
    assert all(rows[task_id]["crash_count"] == 0 for task_id in neighbours)
    poisoned = percentile(waits(academy, neighbours), 95)
    measured("p95_usual", round(usual, 3))
    measured("p95_poisoned", round(poisoned, 3))
    # A neighbour that had to wait for a lease, or for the hang to end, would be seconds late.
    assert poisoned <= 2 * usual + 1.5


def test_a_job_that_never_looks_up_is_cancelled_hard_and_the_pool_serves_again(
    academy, ledger, under_load, fresh_logs
):
    person = academy.people_of_load[0]
    with under_load():
        answer = submitted(
            academy,
            ledger,
            "probe.work",
            {"seconds": 60, "checkpoints": False, "steps": 1},
            outcomes=("cancelled",),
            person_id=person["id"],
        )
        task_id = answer.json["task_id"]
        academy.wait_for(task_id, "running", seconds=STARTING_SECONDS)
        asked = time.monotonic()
        cancel = academy.call(
            "POST", f"/async-monitoring/tasks/{task_id}/cancel/", token=person["access"]
        )
        assert cancel.status == 202
        row = academy.wait_for(task_id, "cancelled", seconds=scaled(100) + 5)
        assert time.monotonic() - asked >= scaled(10)
        assert row["crash_count"] == 0
        for _ in range(4):
            served = submitted(academy, ledger, "probe.work").json["task_id"]
            academy.wait_for(served, "succeeded", seconds=STARTING_SECONDS)
    assert not any("Traceback" in text for text in fresh_logs().values())


def test_fifty_cancels_at_random_moments_never_leave_an_effect(academy, ledger, under_load):
    chance = random.Random(50)
    people = academy.people(10, prefix="fickle")
    accepted = refused = 0
    with under_load():
        for number in range(50):
            person = people[number % len(people)]
            seconds = round(chance.uniform(0.1, 0.4), 2)
            answer = submitted(
                academy,
                ledger,
                "probe.work",
                {"seconds": seconds, "checkpoints": chance.random() < 0.7, "steps": 3},
                person_id=person["id"],
            )
            task_id = answer.json["task_id"]
            time.sleep(chance.uniform(0, 0.5))
            cancel = academy.call(
                "POST", f"/async-monitoring/tasks/{task_id}/cancel/", token=person["access"]
            )
            assert cancel.status in {202, 409}, cancel
            # The checker then proves: after an accepted cancel no effect, otherwise exactly one.
            if cancel.status == 202:
                ledger.expect(task_id, "cancelled")
                accepted += 1
            else:
                refused += 1
    assert accepted >= 10
    assert accepted + refused == 50


def test_code_that_seizes_the_interpreter_is_ended_from_outside(academy, ledger):
    task_id = submitted(academy, ledger, "probe.poison", {"how": "seize"}, outcomes=("dead",)).json[
        "task_id"
    ]
    row = academy.wait_for(task_id, "dead", seconds=scaled(100) + 60)
    assert row["crash_count"] == 3
    for _ in range(4):
        served = submitted(academy, ledger, "probe.work").json["task_id"]
        academy.wait_for(served, "succeeded", seconds=STARTING_SECONDS + 20)
