"""The academy as an ASGI application: `daphne academy.asgi:application`."""

import os
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.db import connections
from django.urls import path, re_path
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


_bound_connections()
import_string("academy.platform.http.daphne.adapt_daphne")()
_job = import_string("scheduler.jobs.consumers.JobConsumer")
_progress = import_string("learning.progress.consumers.ProgressConsumer")
_course_updates = import_string("learning.courses.consumers.CourseUpdatesConsumer")
_catalogue = import_string("learning.courses.consumers.CatalogueConsumer")

_unknown: Any = unknown_socket
_sockets: list[Any] = [
    path("ws/tasks/<uuid:job_id>/", _job.as_asgi()),
    path("ws/progress/<id:course_id>/", _progress.as_asgi()),
    path("ws/course-updates/<id:course_id>/", _course_updates.as_asgi()),
    path("ws/courses/", _catalogue.as_asgi()),
    re_path(r"", _unknown),
]
application = ProtocolTypeRouter(
    {
        "http": Admission(_http, at_most=16, patience_seconds=10),
        "websocket": URLRouter(_sockets),
    }
)
