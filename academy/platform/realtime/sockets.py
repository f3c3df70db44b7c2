"""The socket that shows a topic: a snapshot first, then newer frames, bounded both ways."""

import asyncio
import contextlib
import json
import logging
import time
from collections import deque
from typing import Any, ClassVar, Final

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import Error as DatabaseTrouble

from academy.platform.realtime.hub import Frame, Subscription, hub
from academy.platform.realtime.places import leave_place, take_place

SIGNED_OUT: Final = 4401
FORBIDDEN: Final = 4403
TOO_MANY: Final = 4429
TRY_AGAIN_LATER: Final = 1013
_MESSAGES_PER_SECOND: Final = 20
_log: Final = logging.getLogger("academy.realtime")


class TopicConsumer(AsyncWebsocketConsumer):
    """Shows one topic to one person.

    Subclasses say who may follow what (`admit`), whether that still holds (`still_admitted`) and
    how a frame looks to the person (`shown`). Nothing of the ORM runs on the event loop.
    """

    snapshot_type: ClassVar[str] = "snapshot"
    update_type: ClassVar[str] = "status_update"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pump: asyncio.Task[None] | None = None
        self._subscription: Subscription | None = None
        self._place: int | None = None
        self._arrivals: deque[float] = deque(maxlen=_MESSAGES_PER_SECOND + 1)

    async def admit(self) -> str:
        """The topic to follow.

        Raises:
            ClosedError: the person may not.
        """
        raise NotImplementedError

    def person_id(self) -> int:
        """Whoever was admitted; `AT_MOST` sockets and streams of theirs are open at once."""
        raise NotImplementedError

    async def still_admitted(self) -> int | None:
        """None while the person may go on; else the code to close with."""
        raise NotImplementedError

    async def first(self, topic: str) -> Frame | None:
        """The snapshot; None when the topic is gone or none of the person's."""
        raise NotImplementedError

    def shown(self, frame: Frame) -> Frame:
        """The frame as this person sees it."""
        return frame

    async def connect(self) -> None:
        """Admits the person and shows the snapshot, or closes with the reason."""
        try:
            topic = await self.admit()
            if not take_place(self.person_id()):
                await self._refuse(TOO_MANY)
                return
            self._place = self.person_id()
            await self._open(topic)
        except ClosedError as refusal:
            await self._refuse(refusal.code)
        except DatabaseTrouble as error:
            _log.warning("a socket waits: the database answered %s", type(error).__name__)
            await self._refuse(TRY_AGAIN_LATER)

    async def _refuse(self, code: int | None) -> None:
        if code is not None:
            await self.accept()
        await self.close(code=code)
        self._release()

    async def _open(self, topic: str) -> None:
        # Subscribed before the snapshot is read: what changes in between is not missed.
        self._subscription = hub().subscribe(topic)
        frame = await self.first(topic)
        await self.accept()
        if frame is None:
            await self.close(code=FORBIDDEN)
            return
        self._subscription.start_from(frame)
        await self._show(self.snapshot_type, self.shown(frame))
        self._pump = asyncio.create_task(self._run(last=self.shown(frame).last))

    async def disconnect(self, code: int) -> None:
        """Nothing of the socket is left in the hub."""
        self._release()
        if self._pump is not None:
            self._pump.cancel()
            self._pump = None

    def _release(self) -> None:
        if self._subscription is not None:
            self._subscription.close()
            self._subscription = None
        if self._place is not None:
            leave_place(self._place)
            self._place = None

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """What the client sends is ignored, and too much of it closes the socket."""
        now = time.monotonic()
        self._arrivals.append(now)
        if len(self._arrivals) > _MESSAGES_PER_SECOND and now - self._arrivals[0] < 1:
            await self.close(code=TOO_MANY)
            await self.disconnect(TOO_MANY)
            raise StopConsumer

    async def _run(self, *, last: bool) -> None:
        with contextlib.suppress(RuntimeError):  # the peer closed while we were sending
            try:
                while not last:
                    last = await self._one()
            except DatabaseTrouble as error:
                _log.warning("a socket ends: the database answered %s", type(error).__name__)
                await self.close(code=TRY_AGAIN_LATER)
                return
            await self.close(code=1000)

    async def _one(self) -> bool:
        assert self._subscription is not None
        frame = await self._subscription.next(timeout_seconds=self._recheck_seconds())
        if self._recheck_seconds() <= 0.0:
            self._checked_at = time.monotonic()
            code = await self.still_admitted()
            if code is not None:
                await self.close(code=code)
                return True
        if frame is None:
            return False
        shown = self.shown(frame)
        await self._show(self.update_type, shown)
        return shown.last

    def _recheck_seconds(self) -> float:
        self._checked_at = getattr(self, "_checked_at", time.monotonic())
        return max(0.0, self._checked_at + settings.SOCKET_RECHECK_SECONDS - time.monotonic())

    async def _show(self, kind: str, frame: Frame) -> None:
        body = {"type": kind, "seq": frame.seq, "data": frame.data}
        await self.send(text_data=json.dumps(body, ensure_ascii=False, default=str))


class ClosedError(Exception):
    """A socket is refused: with a close code after the handshake, or 403 before it (None)."""

    def __init__(self, code: int | None) -> None:
        super().__init__(code)
        self.code = code
