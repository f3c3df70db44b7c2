"""Saying that something changed: the topic and nothing more, for readers re-read the row."""

from functools import partial
from typing import Final

import redis
import redis.exceptions
from django.conf import settings
from django.db import transaction
from redis.backoff import NoBackoff
from redis.retry import Retry

from academy.platform.queueing.sender import Sender

CHANNEL: Final = "academy.changed"


class _Cache:
    def __init__(self) -> None:
        self._client: redis.Redis | None = None

    def deliver(self, topic: str) -> None:
        if self._client is None:
            self._client = redis.Redis.from_url(
                settings.CACHE_URL,
                socket_timeout=settings.REDIS_TIMEOUT_SECONDS,
                socket_connect_timeout=settings.REDIS_TIMEOUT_SECONDS,
                retry=Retry(NoBackoff(), 0),
            )
        try:
            self._client.publish(CHANNEL, topic)
        except redis.exceptions.RedisError:
            broken, self._client = self._client, None
            broken.close()
            raise


_sender: Final = Sender(
    name="changes", deliver=_Cache().deliver, errors=(redis.exceptions.RedisError, OSError)
)


def publish(topic: str) -> None:
    """Open pages that follow `topic` re-read it soon. Never blocks, may be lost."""
    _sender.offer(topic)


def publish_on_commit(topic: str) -> None:
    """The same, when the current transaction commits."""
    transaction.on_commit(partial(_sender.offer, topic))


def flush(*, timeout_seconds: float) -> None:
    """Wait for what this process has to say; for processes that end right after."""
    _sender.flush(timeout_seconds=timeout_seconds)
