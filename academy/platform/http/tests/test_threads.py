"""Threads are lent to requests and outlive them."""

import asyncio
import threading
import time

import pytest
from asgiref.sync import ThreadSensitiveContext, sync_to_async

from academy.platform.http.threads import LastingThreads


class Working:
    """An application that does as Django does: its thread is that of a context of its own."""

    def __init__(self, *, seconds=0.0):
        self._seconds = seconds
        self.threads = []

    async def __call__(self, scope, receive, send):
        async with ThreadSensitiveContext():
            for _ in range(2):
                await sync_to_async(self._work)()

    def _work(self):
        time.sleep(self._seconds)
        self.threads.append(threading.current_thread())


async def request_of(app):
    await app({"type": "http"}, None, None)


async def crowd_of(app, people):
    await asyncio.gather(*(request_of(app) for _ in range(people)))


@pytest.mark.asyncio
async def test_requests_that_follow_one_another_run_on_one_thread():
    inner = Working()
    app = LastingThreads(inner, kept=4)
    for _ in range(5):
        await request_of(app)
    assert len(inner.threads) == 10
    assert len(set(inner.threads)) == 1
    assert inner.threads[0] is not threading.current_thread()


@pytest.mark.asyncio
async def test_requests_at_once_have_a_thread_each():
    inner = Working(seconds=0.02)
    await crowd_of(LastingThreads(inner, kept=4), 3)
    assert len(set(inner.threads)) == 3
    assert all(inner.threads.count(thread) == 2 for thread in inner.threads)


@pytest.mark.asyncio
async def test_after_a_crowd_only_so_many_threads_stay():
    inner = Working(seconds=0.02)
    app = LastingThreads(inner, kept=2)
    await crowd_of(app, 6)
    crowd = set(inner.threads)
    for _ in range(200):
        if sum(thread.is_alive() for thread in crowd) == 2:
            break
        await asyncio.sleep(0.01)
    assert len(crowd) == 6
    assert sum(thread.is_alive() for thread in crowd) == 2
    await request_of(app)
    assert inner.threads[-1] in crowd


@pytest.mark.asyncio
async def test_a_request_that_breaks_gives_its_thread_back():
    inner = Working()

    async def broken(scope, receive, send):
        await inner(scope, receive, send)
        raise RuntimeError

    app = LastingThreads(broken, kept=4)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            await request_of(app)
    assert len(set(inner.threads)) == 1


@pytest.mark.asyncio
async def test_a_request_that_is_cancelled_gives_its_thread_back():
    inner = Working(seconds=0.05)
    app = LastingThreads(inner, kept=4)
    request = asyncio.create_task(request_of(app))
    await asyncio.sleep(0.02)
    request.cancel()
    await asyncio.gather(request, return_exceptions=True)
    await request_of(app)
    assert request.cancelled()
    assert len(inner.threads) == 3
    assert len(set(inner.threads)) == 1
