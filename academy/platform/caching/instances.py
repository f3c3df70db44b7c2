"""Raw clients of the two instances: they answer within the timeout or raise, and never retry."""

import os
import threading
from typing import Final

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

# What a silent or broken instance raises.
CacheErrors: Final = (redis.RedisError, OSError)
_lock: Final = threading.Lock()
_clients: dict[tuple[int, str, float], redis.Redis] = {}


def cache_client() -> redis.Redis:
    """The client of the cache instance; one pool for each process, also after a fork."""
    return _client(settings.CACHE_URL)


def queue_client() -> redis.Redis:
    """The client of the queue instance; one pool for each process, also after a fork."""
    return _client(settings.QUEUE_URL)


def _client(url: str) -> redis.Redis:
    timeout_seconds = float(settings.REDIS_TIMEOUT_SECONDS)
    # The process is part of the key: a child must not share its parent's connections.
    key = (os.getpid(), url, timeout_seconds)
    client = _clients.get(key)
    if client is None:
        with _lock:
            client = _clients.setdefault(key, _connected(url, timeout_seconds))
    return client


def _connected(url: str, timeout_seconds: float) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        # redis-py retries ten times by itself, which turns 0.2 s into 6 s.
        retry=Retry(NoBackoff(), 0),
        # CLIENT SETINFO and the maintenance handshake cost round trips on every connection.
        driver_info=None,
    )
