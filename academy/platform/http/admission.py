"""So many requests are worked on at once, and the others stand in line."""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_BUSY: Final = json.dumps(
    {
        "type": "server_error",
        "errors": [
            {
                "code": "unavailable",
                "detail": "The academy is too busy just now. Please try again in a moment.",
                "attr": None,
            }
        ],
    }
).encode()


class Admission:
    """Lets `at_most` HTTP requests into `app` at once, in the order of their arrival.

    Each request has a thread there. A crowd of threads polls SQLite's lock until most of them time
    out, and exhausts PostgreSQL's connections; a line does neither. A place is free again when the
    answer begins, so that streams and downloads hold none. Who stands for `patience_seconds` is
    answered 503.
    """

    def __init__(self, app: App, *, at_most: int, patience_seconds: float) -> None:
        self._app = app
        self._places = asyncio.Semaphore(at_most)
        self._patience_seconds = patience_seconds

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """One request (ASGI 3.0, HTTP)."""
        try:
            async with asyncio.timeout(self._patience_seconds):
                await self._places.acquire()
        except TimeoutError:
            await _refuse(send)
            return
        place = _Place(self._places)

        async def send_and_leave(message: Message) -> None:
            if message["type"] == "http.response.start":
                place.leave()
            await send(message)

        try:
            await self._app(scope, receive, send_and_leave)
        finally:
            place.leave()


class _Place:
    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places: asyncio.Semaphore | None = places

    def leave(self) -> None:
        places, self._places = self._places, None
        if places is not None:
            places.release()


async def _refuse(send: Send) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(_BUSY)).encode()),
        (b"retry-after", b"5"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": _BUSY})
