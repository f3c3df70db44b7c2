"""A socket whose database is away."""

import pytest
from channels.testing import WebsocketCommunicator
from django.db import InterfaceError, OperationalError

from academy.platform.realtime import places
from academy.platform.realtime.hub import Frame
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
