"""The academy as an ASGI application: `daphne academy.asgi:application`."""

import os
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.db import connections
from django.urls import path, re_path
from django.utils.module_loading import import_string

from academy.platform.http.admission import Admission
from academy.platform.http.threads import LastingThreads

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "academy.settings")
_http: Any = get_asgi_application()


def _keep_connections() -> None:
    """Requests open no connections of their own: PostgreSQL has a pool, SQLite's stay a minute.

    The pool also keeps a crowd from exhausting PostgreSQL. A minute, since a file that takes the
    place of the database, as a restored backup does, is not seen by who has the old one open.
    """
    default = connections.settings["default"]
    if default["ENGINE"].endswith("postgresql"):
        default["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 20, "timeout": 10}
    else:
        default["CONN_MAX_AGE"] = 60


async def unknown_socket(scope: Any, receive: Any, send: Any) -> None:
    """A socket path that nobody knows is refused quietly (403), without a traceback."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})


_keep_connections()
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
        "http": Admission(LastingThreads(_http, kept=4), at_most=4, patience_seconds=10),
        "websocket": URLRouter(_sockets),
    }
)
