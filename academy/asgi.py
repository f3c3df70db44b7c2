"""The academy as an ASGI application: `daphne academy.asgi:application`."""

import os
from importlib import import_module
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.db import connections
from django.urls import path
from django.utils.module_loading import import_string

from academy.platform.http.admission import Admission

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "academy.settings")
_http: Any = get_asgi_application()


def _bound_connections() -> None:
    """Each request has a thread here; a pool keeps a crowd from exhausting PostgreSQL."""
    default = connections.settings["default"]
    if default["ENGINE"].endswith("postgresql"):
        default["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 20, "timeout": 10}


async def unknown_socket(scope: Any, receive: Any, send: Any) -> None:
    """A socket path that nobody knows is refused quietly (403), without a traceback."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})


_daphne: Any = import_module("daphne.server")


class ClosingFactory(_daphne.WebSocketFactory):  # type: ignore[misc]
    """A frame too large is answered with 1009 (RFC 6455, section 7.4.1) before the socket ends.

    autobahn's default only drops the connection, and daphne has no setting for it.
    """

    def resetProtocolOptions(self) -> None:  # noqa: N802 - autobahn's name
        super().resetProtocolOptions()
        self.failByDrop = False


_bound_connections()
_daphne.WebSocketFactory = ClosingFactory
_job = import_string("scheduler.jobs.consumers.JobConsumer")

_unknown: Any = unknown_socket
_sockets: list[Any] = [
    path("ws/tasks/<uuid:job_id>/", _job.as_asgi()),
    path("<path:path>", _unknown),
    path("", _unknown),
]
application = ProtocolTypeRouter(
    {
        "http": Admission(_http, at_most=16, patience_seconds=10),
        "websocket": URLRouter(_sockets),
    }
)
