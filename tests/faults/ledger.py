"""Load from a seeded thread, what it was promised, and a checker that asks the database alone."""

import random
import statistics
import threading
import time
import uuid
from dataclasses import dataclass, field

from tests.stack import eventually

ENDED = ("succeeded", "failed", "cancelled", "dead")


@dataclass
class Ledger:
    """What was accepted (with the outcome that it must have), and every answer's status."""

    accepted: dict = field(default_factory=dict)
    statuses: list = field(default_factory=list)
    seconds: list = field(default_factory=list)

    def expect(self, task_id, *outcomes):
        self.accepted[task_id] = outcomes


def submitted(stack, ledger, kind, params=None, *, outcomes=("succeeded",), **more):
    """The answer to one submission, in the ledger."""
    body = {"kind": kind, "params": params or {}, **more}
    answer = stack.call("POST", "/probes/submit/", body)
    ledger.statuses.append(answer.status)
    if answer.status == 202:
        ledger.expect(answer.json["task_id"], *outcomes)
        ledger.seconds.append(answer.json["seconds"])
    return answer


class Load(threading.Thread):
    """Ordinary work of ordinary people, a few jobs a second, until it is told to stop."""

    def __init__(self, stack, ledger, people, *, per_second=3, seed=20261121):
        super().__init__(name="load", daemon=True)
        self._stack, self._ledger, self._people = stack, ledger, people
        self._random = random.Random(seed)
        self._pause = 1 / per_second
        self._over = threading.Event()

    def run(self):
        while not self._over.wait(self._pause * self._random.uniform(0.5, 1.5)):
            person = self._random.choice(self._people)
            params = {"seconds": round(self._random.uniform(0.02, 0.1), 3), "steps": 2}
            submitted(self._stack, self._ledger, "probe.work", params, person_id=person["id"])

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self.join(60)


def check(stack, ledger, *, seconds=60):
    """Every accepted job ended once, as it must, with one effect if it succeeded and none if not.

    Asks the tables by SQL of its own; returns the rows by id.
    """
    rows = eventually(
        lambda: _all_ended(stack, ledger), seconds=seconds, what=lambda: _unfinished(stack, ledger)
    )
    effects = _effects(stack)
    wrong = [
        (task_id, rows[task_id], effects.get(task_id, 0))
        for task_id, outcomes in ledger.accepted.items()
        if rows[task_id]["status"] not in outcomes
        or effects.get(task_id, 0) != (rows[task_id]["status"] == "succeeded")
    ]
    assert wrong == []
    assert set(ledger.statuses) <= {202, 429, 503}, ledger.statuses
    return rows


def still_as(stack, rows):
    """A terminal row never changes again."""
    now = _rows(stack)
    assert {key: now[key] for key in rows} == rows


def waits(stack, ids):
    """Seconds from asking to the end of each of these jobs that ended."""
    sql = (
        "SELECT id, (julianday(finished_at) - julianday(created_at)) * 86400.0"
        if stack.is_sqlite
        else "SELECT id, extract(epoch FROM finished_at - created_at)"
    )
    found = stack.query(sql + " FROM scheduler_job WHERE finished_at IS NOT NULL")
    by_id = {str(uuid.UUID(str(key))): float(value) for key, value in found}
    return [by_id[task_id] for task_id in ids if task_id in by_id]


def percentile(values, percent):
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _rows(stack):
    columns = ("status", "attempt", "crash_count", "fence", "seq", "error_code", "finished_at")
    found = stack.query(f"SELECT id, {', '.join(columns)} FROM scheduler_job")
    return {str(uuid.UUID(str(key))): dict(zip(columns, row, strict=True)) for key, *row in found}


def _effects(stack):
    found = stack.query(
        "SELECT job_id, count(*) FROM scheduler_joblogline WHERE text = 'effect' GROUP BY job_id"
    )
    return {str(uuid.UUID(str(key))): count for key, count in found}


def _all_ended(stack, ledger):
    rows = _rows(stack)
    if all(key in rows and rows[key]["status"] in ENDED for key in ledger.accepted):
        return {key: rows[key] for key in ledger.accepted}
    return None


def _unfinished(stack, ledger):
    rows = _rows(stack)
    left = {key: rows.get(key) for key in ledger.accepted}
    return str({k: v for k, v in left.items() if v is None or v["status"] not in ENDED})


def settled(stack, *, seconds):
    """The academy is ready again in so many seconds; returns how many it took."""
    started = time.monotonic()
    stack.wait_until_healthy(seconds=seconds)
    return time.monotonic() - started
