"""A crowd of requests stands in line."""

import asyncio

import pytest

from academy.platform.http.admission import Admission


async def request_of(app):
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    await app({"type": "http"}, receive, send)
    return sent[0]["status"]


class Counting:
    def __init__(self, *, body_seconds=0.0, head_seconds=0.01):
        self.inside = self.most = 0
        self._head, self._body = head_seconds, body_seconds

    async def __call__(self, scope, receive, send):
        self.inside += 1
        self.most = max(self.most, self.inside)
        await asyncio.sleep(self._head)
        self.inside -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(self._body)
        await send({"type": "http.response.body", "body": b""})


@pytest.mark.asyncio
async def test_no_more_than_so_many_requests_are_worked_on_at_once():
    inner = Counting()
    app = Admission(inner, at_most=4, patience_seconds=5)
    statuses = await asyncio.gather(*(request_of(app) for _ in range(40)))
    assert statuses == [200] * 40
    assert inner.most == 4


@pytest.mark.asyncio
async def test_a_stream_that_goes_on_holds_no_place():
    app = Admission(Counting(body_seconds=0.5), at_most=1, patience_seconds=0.3)
    assert await asyncio.gather(*(request_of(app) for _ in range(5))) == [200] * 5


@pytest.mark.asyncio
async def test_who_stood_too_long_is_told_to_come_back():
    app = Admission(Counting(head_seconds=0.5), at_most=1, patience_seconds=0.1)
    assert sorted(await asyncio.gather(request_of(app), request_of(app))) == [200, 503]


@pytest.mark.asyncio
async def test_a_request_that_breaks_gives_its_place_back():
    async def broken(scope, receive, send):
        raise RuntimeError

    app = Admission(broken, at_most=1, patience_seconds=0.1)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            await request_of(app)
