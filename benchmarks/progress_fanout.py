"""How soon a tick reaches the same learner's other page, and the instructor's, beside 500 sockets.

`python -m benchmarks.progress_fanout`: 500 learners hold a progress socket open each. One after
another, some of them complete lessons over it; what is measured is the time from the message
until the frame arrives on a second socket of the same learner, and on the instructor's. Peer: a
bare ASGI application that echoes each message, on the same server with as many sockets open.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect

from benchmarks.instance import free_port
from benchmarks.machine import machine
from tests.stack import Stack

LIMIT_MILLISECONDS: Final = 500.0
OPENING_AT_ONCE: Final = 20


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """The peer: `daphne benchmarks.progress_fanout:echo`."""
    if scope["type"] != "websocket":
        return
    while True:
        message = await receive()
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        elif message["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})
        else:
            return


@asynccontextmanager
async def sockets(urls: list[tuple[str, str]]) -> AsyncIterator[list[ClientConnection]]:
    """All of them open; each is an address and a bearer token."""
    gate = asyncio.Semaphore(OPENING_AT_ONCE)

    async def one(url: str, token: str) -> ClientConnection:
        async with gate:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            return await connect(
                url, additional_headers=headers, proxy=None, open_timeout=60, max_size=None
            )

    async with AsyncExitStack() as stack:
        opened = await asyncio.gather(*(one(url, token) for url, token in urls))
        for client in opened:
            stack.push_async_callback(client.close)
        yield opened


async def frame_of(client: ClientConnection, kind: str) -> dict[str, Any]:
    while True:
        frame: dict[str, Any] = json.loads(await client.recv())
        if frame["type"] == kind:
            return frame


async def tick(mine: ClientConnection, lesson: str) -> None:
    body = {"type": "mark_complete", "id": str(uuid.uuid4()), "data": {"lesson": lesson}}
    await mine.send(json.dumps(body))


async def seen(client: ClientConnection, *, since: float, learner: int | None = None) -> float:
    """Milliseconds until the update arrives; the instructor's must name the learner."""
    while True:
        frame = await frame_of(client, "progress_update")
        if learner is None or frame["data"]["learner"]["id"] == learner:
            return 1000 * (time.perf_counter() - since)


async def fan_out(
    stack: Stack, place: dict[str, Any], people: list[dict[str, Any]], teacher: str, *, ticks: int
) -> tuple[list[float], list[float]]:
    """Milliseconds to the other page and to the instructor's, for each tick."""
    url = f"ws://127.0.0.1:{stack.port}/ws/progress/{place['course_id']}/"
    active = people[:: max(1, len(people) // 25)][:25]
    crowd = [(url, person["access"]) for person in people]
    others = [(url, person["access"]) for person in active]
    async with (
        sockets(crowd) as mine,
        sockets(others) as theirs,
        sockets([(f"{url}?view=class", teacher)]) as [class_page],
    ):
        for client in [*mine, *theirs, class_page]:
            await frame_of(client, "snapshot")
        by_person = {person["id"]: mine[people.index(person)] for person in active}
        learner, instructor = [], []
        for number in range(ticks):
            person = active[number % len(active)]
            lesson = place["lessons"][number // len(active)]
            other = theirs[active.index(person)]
            since = time.perf_counter()
            await tick(by_person[person["id"]], lesson)
            took = await asyncio.gather(
                seen(other, since=since), seen(class_page, since=since, learner=person["id"])
            )
            learner.append(took[0])
            instructor.append(took[1])
            await asyncio.sleep(0.05)
    return learner, instructor


async def echoed(port: int, *, sockets_open: int, ticks: int) -> list[float]:
    """Milliseconds of the peer's round trips."""
    url = f"ws://127.0.0.1:{port}/"
    async with sockets([(url, "")] * sockets_open) as clients:
        times = []
        for number in range(ticks):
            since = time.perf_counter()
            client = clients[number % len(clients)]
            await client.send("x" * 200)
            await client.recv()
            times.append(1000 * (time.perf_counter() - since))
            await asyncio.sleep(0.02)
    return times


@contextmanager
def peer() -> Iterator[int]:
    """The echo on a port of its own."""
    port = free_port()
    endpoint = f"tcp:port={port}:interface=127.0.0.1:backlog=512"
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "daphne",
            "-v",
            "0",
            "-e",
            endpoint,
            "benchmarks.progress_fanout:echo",
        ],
        cwd=Path(__file__).resolve().parents[1],
    )
    try:
        time.sleep(4)
        yield port
    finally:
        process.terminate()
        process.wait()


def line(name: str, times: list[float]) -> str:
    ordered = sorted(times)
    p50, p95, p99 = (
        ordered[min(len(ordered) - 1, int(len(ordered) * s))] for s in (0.5, 0.95, 0.99)
    )
    return f"{name:<24}p50 / p95 / p99  {p50:7.1f} / {p95:7.1f} / {p99:7.1f} ms"


def p95_of(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def prepared(stack: Stack, *, learners: int) -> tuple[dict[str, Any], list[dict[str, Any]], str]:
    """A course of 20 lessons, its learners, and a token of who teaches it."""
    place = stack.call("POST", "/probes/course/", {"slug": "crowd", "lessons": 20}).json
    people = stack.people(learners, prefix="fan")
    for person in people:
        body = {"course_id": place["course_id"], "person_id": person["id"]}
        assert stack.call("POST", "/probes/enrol/", body).status == 200
    teacher = stack.people(1, prefix="teacher", role="instructor")[0]
    body = {"course_id": place["course_id"], "person_id": teacher["id"], "role": "co_instructor"}
    assert stack.call("POST", "/probes/staff/", body).status == 200
    return place, people, teacher["access"]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sockets", type=int, default=500)
    options.add_argument("--ticks", type=int, default=250)
    asked = options.parse_args()
    print(machine(), f"load {os.getloadavg()[0]:.1f}")
    # The real times: the sweep is part of what is measured.
    environment = {"ACADEMY_SWEEP_SECONDS": "2", "ACADEMY_RECONCILE_SECONDS": "5"}
    with Stack(demo=False, pages=False, environment=environment) as stack:
        place, people, teacher = prepared(stack, learners=asked.sockets)
        learner, instructor = asyncio.run(fan_out(stack, place, people, teacher, ticks=asked.ticks))
        broken = stack.tracebacks()
    with peer() as port:
        echo_times = asyncio.run(echoed(port, sockets_open=asked.sockets, ticks=asked.ticks))
    print(f"sockets open            {asked.sockets} learners, {asked.ticks} ticks")
    print(line("learner's other page", learner), f" (limit p95 {LIMIT_MILLISECONDS:.0f} ms)")
    print(line("instructor's page", instructor), f" (limit p95 {LIMIT_MILLISECONDS:.0f} ms)")
    print(line("bare echo (peer)", echo_times))
    print(f"ratio of p95            {p95_of(learner) / p95_of(echo_times):.1f} x")
    print(f"load at the end         {os.getloadavg()[0]:.1f}")
    slowest = max(p95_of(learner), p95_of(instructor))
    return 0 if slowest < LIMIT_MILLISECONDS and not broken else 1


if __name__ == "__main__":
    sys.exit(main())
