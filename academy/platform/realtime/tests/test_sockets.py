"""A socket whose database is away."""

import json
from uuid import UUID

import pytest
from channels.testing import WebsocketCommunicator
from django.db import InterfaceError, OperationalError

from academy.platform.realtime import places
from academy.platform.realtime.hub import Frame
from academy.platform.realtime.messages import MessageError, Reply
from academy.platform.realtime.sockets import TopicConsumer

pytestmark = pytest.mark.asyncio


class Following(TopicConsumer):
    """Admits everybody; `broken` names where the database is away."""

    broken = ""

    async def admit(self):
        self._fail("admit")
        return "test:1"

    def person_id(self):
        return 7

    async def first(self, topic):
        self._fail("first")
        return Frame(seq=1, data={}, last=False)

    async def still_admitted(self):
        self._fail("still_admitted")

    def _fail(self, where):
        if self.broken == where:
            raise OperationalError
        if self.broken == f"{where} interface":
            raise InterfaceError


async def closing(broken):
    consumer = type("Broken", (Following,), {"broken": broken})
    client = WebsocketCommunicator(consumer.as_asgi(), "/")
    assert (await client.connect())[0]
    while (message := await client.receive_output(5))["type"] != "websocket.close":
        pass
    await client.disconnect()
    return message["code"]


@pytest.mark.parametrize(
    "broken", ["admit", "first", "first interface", "still_admitted", "still_admitted interface"]
)
async def test_a_socket_without_a_database_says_try_again_later(settings, tmp_path, broken):
    settings.SOCKET_RECHECK_SECONDS = 0.1
    settings.CACHE_URL = f"unix://{tmp_path}/none"
    assert await closing(broken) == 1013
    assert not places._open


class Answering(Following):
    """Answers ticks: by what their data asks for."""

    accepts = frozenset({"tick"})

    async def answer(self, message):
        wanted = message.data.get("as")
        if wanted == "refused":
            raise MessageError("locked", "Not yet.")
        if wanted == "weather":
            raise OperationalError
        if wanted == "broken":
            raise ZeroDivisionError
        return Reply(seq=9, id=message.id)


def tick(wanted):
    return json.dumps({"type": "tick", "id": str(UUID(int=1)), "data": {"as": wanted}})


@pytest.fixture
def quiet(settings, tmp_path):
    settings.SOCKET_RECHECK_SECONDS = 60
    settings.CACHE_URL = f"unix://{tmp_path}/none"


@pytest.mark.parametrize(
    ("wanted", "kind", "code", "seq"),
    [
        ("accepted", "accepted", "", 9),
        ("refused", "refused", "locked", 1),
        ("weather", "refused", "unavailable", 1),
    ],
)
async def test_a_message_is_answered_and_the_socket_goes_on(quiet, wanted, kind, code, seq):
    client = WebsocketCommunicator(Answering.as_asgi(), "/")
    assert (await client.connect())[0]
    assert (await client.receive_json_from(5))["type"] == "snapshot"
    for _ in range(2):
        await client.send_to(text_data=tick(wanted))
        reply = await client.receive_json_from(5)
        assert (reply["type"], reply["seq"]) == (kind, seq)
        assert (reply["data"]["id"], reply["data"]["code"]) == (str(UUID(int=1)), code)
    await client.disconnect()


async def test_a_message_that_breaks_its_answer_ends_the_socket(quiet):
    client = WebsocketCommunicator(Answering.as_asgi(), "/")
    assert (await client.connect())[0]
    await client.send_to(text_data=tick("broken"))
    while (message := await client.receive_output(5))["type"] != "websocket.close":
        pass
    assert message["code"] == 1011
    await client.disconnect()
    assert not places._open
