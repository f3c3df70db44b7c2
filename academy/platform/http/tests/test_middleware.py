import asyncio

import asgiref.sync
import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path

LOOPS = []


def page(request):
    return HttpResponse("ok")


async def stream(request):
    async def parts():
        LOOPS.append(asyncio.get_running_loop())
        yield b"ok"

    LOOPS.append(asyncio.get_running_loop())
    return StreamingHttpResponse(parts())


urlpatterns = [path("page/", page), path("stream/", stream)]


async def fetch(application, path):
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }
    communicator = ApplicationCommunicator(application, scope)
    await communicator.send_input({"type": "http.request", "body": b""})
    start = await communicator.receive_output(5)
    body = await communicator.receive_output(5)
    await communicator.wait()
    return start["status"], body["body"]


@pytest.fixture
def hops(monkeypatch):
    counted = []
    original = asgiref.sync.SyncToAsync.__call__

    async def call(self, *args, **kwargs):
        counted.append(self.func)
        return await original(self, *args, **kwargs)

    monkeypatch.setattr(asgiref.sync.SyncToAsync, "__call__", call)
    return counted


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/page/", "/stream/"])
async def test_a_request_changes_threads_a_few_times_only(settings, hops, path):
    settings.ROOT_URLCONF = __name__
    assert await fetch(ASGIHandler(), path) == (200, b"ok")
    assert len(hops) <= 6


@pytest.mark.asyncio
async def test_an_asynchronous_view_and_its_stream_stay_on_the_event_loop(settings):
    settings.ROOT_URLCONF = __name__
    LOOPS.clear()
    await fetch(ASGIHandler(), "/stream/")
    assert [asyncio.get_running_loop()] * 2 == LOOPS


@pytest.mark.asyncio
@pytest.mark.parametrize("is_sync_inside", [True, False])
async def test_every_middleware_of_ours_works_on_either_side(settings, is_sync_inside):
    settings.ROOT_URLCONF = __name__
    ours = [
        name
        for name in settings.MIDDLEWARE
        if name.startswith("academy.") and (is_sync_inside or "OneThread" not in name)
    ]
    settings.MIDDLEWARE = ours
    assert await fetch(ASGIHandler(), "/page/") == (200, b"ok")
    assert await fetch(ASGIHandler(), "/stream/") == (200, b"ok")
