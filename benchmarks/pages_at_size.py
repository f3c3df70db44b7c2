"""Pages and lists at 1,000 learners x 100 lessons, signed in, 16 clients.

Each client asks again as soon as it has its answer. Peer: a view that does nothing, behind the
same middleware of the same server, asked in the same way.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any, Final

from benchmarks.machine import machine
from tests.stack import Stack

CLIENTS: Final = 16
EMPTY: Final = "/probes/empty/"


async def _answer(port: int, path: str, session: str) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: sessionid={session}\r\n"
        "Connection: close\r\n\r\n"
    )
    writer.write(head.encode())
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1])


async def drive(port: int, path: str, sessions: Sequence[str], *, each: int) -> list[float]:
    """Milliseconds of each request, sorted; 16 clients, `each` requests one after another."""

    async def client(number: int) -> list[float]:
        times = []
        for _ in range(each):
            began = time.perf_counter()
            status = await _answer(port, path, sessions[number % len(sessions)])
            times.append(1000 * (time.perf_counter() - began))
            if status != 200:
                message = f"{path} answered {status}"
                raise SystemExit(message)
        return times

    found = await asyncio.gather(*(client(number) for number in range(CLIENTS)))
    return sorted(one for times in found for one in times)


def pages(crowd: dict[str, Any]) -> dict[str, tuple[str, list[str]]]:
    """What is asked, by what it is called, and by whom."""
    slug, learners, owner = crowd["slug"], crowd["learners"], [crowd["owner"]]
    return {
        "an empty view": (EMPTY, learners),
        "lesson (API)": (f"/api/lessons/{slug}/lesson-3/", learners),
        "courses (API)": ("/api/courses/", learners),
        "lesson (page)": (f"/courses/{slug}/lesson-3/", learners),
        "catalogue (page)": ("/", learners),
        "my learning (page)": ("/learn/", learners),
        "the class (page)": (f"/courses/{slug}/class/", owner),
    }


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--each", type=int, default=25)
    each = options.parse_args().each
    print(machine())
    with Stack() as stack:
        crowd = json.loads(stack.manage("make_crowd"))
        asked = pages(crowd)
        for path, sessions in asked.values():
            asyncio.run(drive(stack.port, path, sessions, each=2))
        times = {
            name: asyncio.run(drive(stack.port, path, sessions, each=each))
            for name, (path, sessions) in asked.items()
        }
    peer = _p95(times["an empty view"])
    for name, found in times.items():
        p50, p95 = statistics.median(found), _p95(found)
        print(f"{name:20} p50 {p50:6.0f} ms  p95 {p95:6.0f} ms  {p95 / peer:5.1f} x an empty view")
    return 0


def _p95(times: list[float]) -> float:
    return times[int(len(times) * 0.95)]


if __name__ == "__main__":
    sys.exit(main())
