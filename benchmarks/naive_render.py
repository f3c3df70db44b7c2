"""Asking for a document as a job, beside rendering it inside the request.

`python -m benchmarks.naive_render`: the same lessons, the same server, the same clients in a
closed loop. The workers render what was asked for while it is asked for; the peer has the machine
to itself, and a process whose layout engine is warm. Exits with 1 below ten times.
"""

import http.client
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.machine import machine
from benchmarks.submit_load import course
from tests.stack import Stack

LEAST_RATIO: Final = 10.0
CLIENTS: Final = 2
SUBMITS: Final = 60
RENDERS: Final = 24
WARM_UP: Final = range(SUBMITS, SUBMITS + 2 * CLIENTS)
OURS: Final = "/api/lessons/load-course/lesson-{}/export/"
NAIVE: Final = "/naive/load-course/lesson-{}/"
_DRAIN_SECONDS: Final = 300
_ENVIRONMENT: Final = {
    "ACADEMY_JOBS_QUEUED_PER_OWNER": "100000",
    "ACADEMY_LANE_OLDEST_SECONDS": "100000",
}


@dataclass(frozen=True)
class Client:
    """One person at one server."""

    port: int
    token: str

    def milliseconds(self, paths: Sequence[str], *, status: int) -> list[float]:
        """How long each answer took, on one kept-alive connection, one after the other."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        body = json.dumps({"format": "pdf"})
        taken = []
        for path in paths:
            began = time.perf_counter()
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            answer.read()
            taken.append(1000 * (time.perf_counter() - began))
            if answer.status != status:
                message = f"{path} answered {answer.status}"
                raise SystemExit(message)
        connection.close()
        return taken


def measure(
    stack: Stack, people: list[dict[str, Any]], route: str, *, lessons: range, status: int
) -> list[float]:
    """Milliseconds of one request a lesson, shared among the clients; sorted."""
    clients = [Client(stack.port, person["access"]) for person in people]
    with ThreadPoolExecutor(CLIENTS) as pool:
        rounds = [
            pool.submit(
                client.milliseconds,
                [route.format(number) for number in lessons[place::CLIENTS]],
                status=status,
            )
            for place, client in enumerate(clients)
        ]
        return sorted(one for taken in rounds for one in taken.result())


def drain(stack: Stack) -> None:
    """All jobs have ended."""
    deadline = time.monotonic() + _DRAIN_SECONDS
    unfinished = "SELECT count(*) FROM scheduler_job WHERE finished_at IS NULL"
    while stack.query(unfinished)[0][0] and time.monotonic() < deadline:
        time.sleep(0.5)


def percentile(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(len(times) * share))]


def main() -> int:
    """0 when asking for a job answers at least ten times as fast."""
    print(machine())
    with (
        tempfile.TemporaryDirectory() as folder,
        Stack(environment=_ENVIRONMENT, settings="benchmarks.naive_site.settings") as stack,
    ):
        stack.manage("import_course", str(course(Path(folder), lessons=WARM_UP.stop)), "--publish")
        people = stack.people(CLIENTS)
        drain(stack)

        measure(stack, people, OURS, lessons=WARM_UP, status=202)
        submits = measure(stack, people, OURS, lessons=range(SUBMITS), status=202)
        drain(stack)
        measure(stack, people, NAIVE, lessons=WARM_UP, status=200)
        renders = measure(stack, people, NAIVE, lessons=range(RENDERS), status=200)
    return verdict(submits, renders)


def verdict(submits: list[float], renders: list[float]) -> int:
    """Prints both; 0 when the ratio holds."""
    print(f"{CLIENTS} clients in a closed loop, the same lessons; milliseconds    p50      p95")
    for name, times in (
        ("asked as a job (202)", submits),
        ("rendered inside the request", renders),
    ):
        print(f"{name:<30} {percentile(times, 0.5):>28.1f} {percentile(times, 0.95):>8.1f}")
    ratio = percentile(renders, 0.95) / percentile(submits, 0.95)
    print(f"ratio of p95: {ratio:.1f} x (at least {LEAST_RATIO:.0f})")
    return 0 if ratio >= LEAST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
