"""One reader for all open sockets and streams of a process.

Subscribers name topics (`task:<id>`). A change that somebody published, and a sweep every few
seconds, mark topics as due; the hub then reads all due topics in one go on one thread and hands
each subscriber the newest frame. So a lost message costs at most one sweep, a thousand open
pages cost one query, and a slow reader holds one pending frame and no more. Where a topic's
loader also tells versions, a sweep reads those alone, and frames only of what has a newer one.
"""

import asyncio
import contextlib
import contextvars
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import redis.asyncio
import redis.exceptions
from django.conf import settings
from django.db import DatabaseError

from academy.platform.realtime.publishing import CHANNEL
from academy.platform.realtime.threads import in_thread

_log = logging.getLogger(__name__)
_GATHER_SECONDS: Final = 0.03
_RECONNECT_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Frame:
    """The state of a topic: `seq` never falls, `last` means that no other will follow.

    `private` is for the edge that carries the frame (who may no longer see it), never sent.
    """

    seq: int
    data: Mapping[str, Any]
    last: bool = False
    private: Any = None


Loader = Callable[[Sequence[str]], Mapping[str, Frame]]
Versions = Callable[[Sequence[str]], Mapping[str, int]]
_loaders: dict[str, Loader] = {}
_versions: dict[str, Versions] = {}


def register_loader(prefix: str, loader: Loader, *, versions: Versions | None = None) -> None:
    """Topics `prefix:<key>` are read by `loader(keys) -> frame by key`, on a thread.

    `versions(keys)` tells the `seq` that each frame would have, for less than the frame costs.
    """
    _loaders[prefix] = loader
    if versions is not None:
        _versions[prefix] = versions


class Subscription:
    """What one socket or stream waits for; holds the newest frame only.

    A change of one of `also` is one of the topic. A word about one of `bells` wakes the
    subscriber as well: somebody's rights may have changed.
    """

    def __init__(
        self, hub: "Hub", topic: str, *, also: Collection[str], bells: Collection[str]
    ) -> None:
        self.topic = topic
        self.also = frozenset(also)
        self.bells = frozenset(bells)
        self._rang = False
        self._hub = hub
        self._seen: Frame | None = None
        self._pending: Frame | None = None
        self._wake = asyncio.Event()

    def offer(self, frame: Frame) -> None:
        """`frame` replaces what is pending, unless it is older or tells nothing new."""
        newest = self._pending or self._seen
        if newest is not None and (frame.seq < newest.seq or newest.last):
            return
        if newest is not None and not _tells_more(frame, newest):
            return
        self._pending = frame
        self._wake.set()

    def start_from(self, frame: Frame) -> None:
        """`frame` was shown already (the snapshot): only what is newer comes."""
        self._seen = frame
        pending, self._pending = self._pending, None
        if pending is not None:
            # Read while the snapshot was: it may be the same, or older.
            self.offer(pending)

    def is_behind(self, seq: int) -> bool:
        """Whether a frame of that `seq` would be news."""
        newest = self._pending or self._seen
        return newest is None or (newest.seq < seq and not newest.last)

    def ring(self) -> None:
        """Whoever waits for the next frame wakes, with or without one."""
        self._rang = True
        self._wake.set()

    def rang(self) -> bool:
        """Whether the bell rang since this was asked last."""
        rang, self._rang = self._rang, False
        return rang

    async def next(self, *, timeout_seconds: float) -> Frame | None:
        """The next frame; None when there was none in time, or the bell rang."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                await self._wake.wait()
        self._wake.clear()
        frame, self._pending = self._pending, None
        self._seen = frame or self._seen
        return frame

    def close(self) -> None:
        """Nothing more is kept or read for this subscriber."""
        self._hub.drop(self)


def _tells_more(frame: Frame, than: Frame) -> bool:
    if frame.seq > than.seq or frame.private != than.private:
        return True
    ignored = {"checked_at", "task_age_seconds", "estimated_remaining_seconds"}
    return any(frame.data[key] != than.data.get(key) for key in frame.data if key not in ignored)


class Hub:
    """Lives on one event loop; runs while somebody subscribes."""

    def __init__(self) -> None:
        self._by_topic: dict[str, set[Subscription]] = {}
        # Words that are about topics or people of other names.
        self._by_word: dict[str, set[Subscription]] = {}
        self._due: set[str] = set()
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def subscribe(
        self, topic: str, *, also: Collection[str] = (), bells: Collection[str] = ()
    ) -> Subscription:
        """A subscription; whoever took it closes it."""
        subscription = Subscription(self, topic, also=also, bells=bells)
        self._by_topic.setdefault(topic, set()).add(subscription)
        for word in subscription.also | subscription.bells:
            self._by_word.setdefault(word, set()).add(subscription)
        if not self._tasks:
            loop = asyncio.get_running_loop()
            # An empty context: nothing of the request that comes first may live on here.
            self._tasks = [
                loop.create_task(run(), context=contextvars.Context())
                for run in (self._listen, self._sweep, self._deliver)
            ]
        return subscription

    def drop(self, subscription: Subscription) -> None:
        """The subscription gets nothing more; the last one stops the hub."""
        for word in subscription.also | subscription.bells:
            _discard(self._by_word, word, subscription)
        _discard(self._by_topic, subscription.topic, subscription)
        if not self._by_topic:
            for task in self._tasks:
                task.cancel()
            self._tasks = []

    async def _listen(self) -> None:
        while True:
            # A socket timeout would tear the quiet channel down every few seconds.
            client = redis.asyncio.Redis.from_url(
                settings.CACHE_URL, socket_timeout=None, socket_connect_timeout=2
            )
            try:
                async with client.pubsub() as channel:
                    await channel.subscribe(CHANNEL)
                    self._mark(self._by_topic)
                    async for message in channel.listen():
                        if message["type"] == "message":
                            self._heard(message["data"].decode("utf-8", "replace"))
            except (redis.exceptions.RedisError, OSError) as error:
                _log.debug("changes: %s; listening again soon", type(error).__name__)
            finally:
                await client.aclose()
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(settings.SWEEP_SECONDS)
            told = {topic for topic in self._by_topic if topic.partition(":")[0] in _versions}
            self._mark(self._by_topic.keys() - told)
            try:
                newest = await in_thread(read_versions)(told) if told else {}
            except DatabaseError as error:
                _log.warning("live pages wait: the database answered %s", type(error).__name__)
                continue
            self._mark([topic for topic, seq in newest.items() if self._is_news(topic, seq)])

    def _is_news(self, topic: str, seq: int) -> bool:
        return any(one.is_behind(seq) for one in self._by_topic.get(topic, ()))

    async def _deliver(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(_GATHER_SECONDS)
            self._wake.clear()
            topics, self._due = self._due, set()
            try:
                frames = await in_thread(read_topics)(topics)
            except DatabaseError as error:
                # The next sweep reads again what this one could not.
                _log.warning("live pages wait: the database answered %s", type(error).__name__)
                continue
            for topic, frame in frames.items():
                for subscription in list(self._by_topic.get(topic, ())):
                    subscription.offer(frame)

    def _heard(self, word: str) -> None:
        self._mark([word])
        for subscription in self._by_word.get(word, ()):
            self._mark([subscription.topic])
            if word in subscription.bells:
                subscription.ring()

    def _mark(self, topics: Collection[str]) -> None:
        fresh = [topic for topic in topics if topic in self._by_topic]
        if fresh:
            self._due.update(fresh)
            self._wake.set()


def _discard(table: dict[str, set[Subscription]], name: str, subscription: Subscription) -> None:
    found = table.get(name)
    if found is None:
        return
    found.discard(subscription)
    if not found:
        del table[name]


def read_topics(topics: Collection[str]) -> dict[str, Frame]:
    """The frame of each topic that exists: one call of each prefix's loader."""
    return {
        f"{prefix}:{key}": frame
        for prefix, wanted in _keys(topics, known=_loaders).items()
        for key, frame in _loaders[prefix](wanted).items()
    }


def read_versions(topics: Collection[str]) -> dict[str, int]:
    """The newest `seq` of each topic that exists: one call for each prefix."""
    return {
        f"{prefix}:{key}": seq
        for prefix, wanted in _keys(topics, known=_versions).items()
        for key, seq in _versions[prefix](wanted).items()
    }


def _keys(topics: Collection[str], *, known: Collection[str]) -> dict[str, list[str]]:
    keys: dict[str, list[str]] = {}
    for topic in topics:
        prefix, _, key = topic.partition(":")
        if prefix in known:
            keys.setdefault(prefix, []).append(key)
    return keys


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        for closed in [known for known in _hubs if known.is_closed()]:
            del _hubs[closed]
        _hubs[loop] = Hub()
    return _hubs[loop]
