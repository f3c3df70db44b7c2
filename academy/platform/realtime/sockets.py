"""The socket that shows a topic: a snapshot first, then newer frames, bounded both ways.

What clients say is answered in the order in which they said it, by a task of its own: counting
what arrives never waits for a database. `docs/realtime.md` has the frames by example.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections import deque
from collections.abc import Collection, Iterable
from typing import Any, ClassVar, Final

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import Error as DatabaseTrouble

from academy.platform.realtime.hub import Frame, Subscription, hub
from academy.platform.realtime.messages import Message, MessageError, Reply, parsed
from academy.platform.realtime.places import leave_place, take_place

SIGNED_OUT: Final = 4401
FORBIDDEN: Final = 4403
TOO_MANY: Final = 4429
TRY_AGAIN_LATER: Final = 1013
BROKEN: Final = 1011
_MESSAGES_PER_SECOND: Final = 20
_UNANSWERED: Final = 2 * _MESSAGES_PER_SECOND
_log: Final = logging.getLogger("academy.realtime")


class TopicConsumer(AsyncWebsocketConsumer):
    """Shows one topic to one person.

    Subclasses say who may follow what (`admit`), whether that still holds (`still_admitted`) and
    how a frame looks to the person (`shown`). One that takes messages names their types in
    `accepts` and answers them (`answer`). Nothing of the ORM runs on the event loop.
    """

    snapshot_type: ClassVar[str] = "snapshot"
    update_type: ClassVar[str] = "status_update"
    accepts: ClassVar[Collection[str]] = ()
    # What is rare and may follow from lost rights: looked at before each frame.
    checks_each_frame: ClassVar[bool] = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pump: asyncio.Task[None] | None = None
        self._clerk: asyncio.Task[None] | None = None
        self._end: asyncio.Task[None] | None = None
        self._inbox: asyncio.Queue[str | bytes] = asyncio.Queue(maxsize=_UNANSWERED)
        self._seq = 0
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

    def updates(self, frame: Frame) -> Iterable[tuple[str, Frame]]:
        """What is sent for a newer frame: types, and frames of the topic's `seq` or below."""
        return [(self.update_type, self.shown(frame))]

    def also(self) -> Collection[str]:
        """Words that are about this topic too."""
        return ()

    def bells(self) -> Collection[str]:
        """Words, beside those about the person, after which their rights are looked at."""
        return ()

    async def answer(self, message: Message) -> Reply:
        """What is said to a message of a type that the socket accepts.

        Raises:
            MessageError: it is refused.
        """
        raise NotImplementedError

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
        bells = [f"person:{self.person_id()}", *self.bells()]
        self._subscription = hub().subscribe(topic, also=self.also(), bells=bells)
        frame = await self.first(topic)
        await self.accept()
        if frame is None:
            await self.close(code=FORBIDDEN)
            return
        self._subscription.start_from(frame)
        await self._show(self.snapshot_type, self.shown(frame))
        self._pump = asyncio.create_task(self._run(last=self.shown(frame).last))
        if self.accepts:
            self._clerk = asyncio.create_task(self._serve())
            self._clerk.add_done_callback(self._clerk_ended)

    async def disconnect(self, code: int) -> None:
        """Nothing of the socket is left in the hub."""
        self._release()
        for task in (self._pump, self._clerk):
            if task is not None:
                task.cancel()
        self._pump = self._clerk = None

    def _release(self) -> None:
        if self._subscription is not None:
            self._subscription.close()
            self._subscription = None
        if self._place is not None:
            leave_place(self._place)
            self._place = None

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Too much of what the client sends closes the socket; the rest is answered in turn.

        A socket that takes no messages ignores them.
        """
        now = time.monotonic()
        self._arrivals.append(now)
        is_too_fast = len(self._arrivals) > _MESSAGES_PER_SECOND and now - self._arrivals[0] < 1
        if is_too_fast or self._inbox.full():
            await self.close(code=TOO_MANY)
            await self.disconnect(TOO_MANY)
            raise StopConsumer
        if self.accepts:
            self._inbox.put_nowait(text_data if text_data is not None else bytes_data or b"")

    async def _serve(self) -> None:
        with contextlib.suppress(RuntimeError):  # the peer closed while we were sending
            while True:
                await self._one_message(await self._inbox.get())

    def _clerk_ended(self, clerk: "asyncio.Task[None]") -> None:
        """A message that broke its answer ends the socket: the client would wait for ever."""
        error = None if clerk.cancelled() else clerk.exception()
        if error is not None:
            _log.error("a message broke its socket", exc_info=error)
            self._end = asyncio.create_task(self.close(code=BROKEN))

    async def _one_message(self, body: str | bytes) -> None:
        try:
            reply = await self._answered(parsed(body, accepts=self.accepts))
        except MessageError as error:
            reply = Reply(seq=self._seq, id=error.message_id, error=error)
        await self._say(reply.kind, max(reply.seq, self._seq), reply.data)

    async def _answered(self, message: Message) -> Reply:
        try:
            return await self.answer(message)
        except MessageError as error:
            return Reply(seq=self._seq, id=message.id, error=error)
        except DatabaseTrouble as error:
            _log.warning("a message waits: the database answered %s", type(error).__name__)
            return Reply(seq=self._seq, id=message.id, error=MessageError.unavailable())

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
        if self._must_check(frame):
            self._checked_at = time.monotonic()
            code = await self.still_admitted()
            if code is not None:
                await self.close(code=code)
                return True
        if frame is None:
            return False
        last = False
        for kind, shown in self.updates(frame):
            await self._show(kind, shown)
            last = shown.last
        return last

    def _must_check(self, frame: Frame | None) -> bool:
        assert self._subscription is not None
        rang = self._subscription.rang()
        return (
            rang or self._recheck_seconds() <= 0.0 or (self.checks_each_frame and frame is not None)
        )

    def _recheck_seconds(self) -> float:
        self._checked_at = getattr(self, "_checked_at", time.monotonic())
        return max(0.0, self._checked_at + settings.SOCKET_RECHECK_SECONDS - time.monotonic())

    async def _show(self, kind: str, frame: Frame) -> None:
        self._seq = max(self._seq, frame.seq)
        await self._say(kind, frame.seq, frame.data)

    async def _say(self, kind: str, seq: int, data: Any) -> None:
        body = {"type": kind, "seq": seq, "data": data}
        await self.send(text_data=json.dumps(body, ensure_ascii=False, default=str))


class ClosedError(Exception):
    """A socket is refused: with a close code after the handshake, or 403 before it (None)."""

    def __init__(self, code: int | None) -> None:
        super().__init__(code)
        self.code = code
