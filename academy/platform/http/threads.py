"""Requests run on threads that outlive them, and so do the threads' database connections."""

from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import ThreadSensitiveContext
from django.db import connections

from academy.platform.http.admission import App, Receive, Send


class LastingThreads:
    """Lends each HTTP request of `app` a thread of its own; at most `kept` idle ones stay.

    Django makes a thread for every request and ends it, by another thread, when the request has
    ended; the connection to the database ends with it. That was a quarter of the CPU of a small
    request. The thread that was used last is lent first, so that its caches are warm and a quiet
    academy uses one.
    """

    def __init__(self, app: App, *, kept: int) -> None:
        self._app = app
        self._kept = kept
        self._idle: list[ThreadPoolExecutor] = []

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """One request (ASGI 3.0, HTTP)."""
        thread = self._idle.pop() if self._idle else _thread()
        try:
            # Django's own context stands inside of this one and leaves the choice to it.
            async with ThreadSensitiveContext(executor=thread):
                await self._app(scope, receive, send)
        finally:
            self._give_back(thread)

    def _give_back(self, thread: ThreadPoolExecutor) -> None:
        if len(self._idle) < self._kept:
            self._idle.append(thread)
            return
        thread.submit(connections.close_all)
        thread.shutdown(wait=False)


def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="request")
