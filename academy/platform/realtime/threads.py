"""The database for sockets and streams: few threads, none of them the event loop's."""

from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, ParamSpec, TypeVar

from channels.db import DatabaseSyncToAsync

P = ParamSpec("P")
R = TypeVar("R")
# One reader that waits for a locked database must not hold up the others.
_readers: Final = ThreadPoolExecutor(max_workers=4, thread_name_prefix="live")
# Who waits for a lock in order to write holds up other writers, and no reader.
_writers: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="live-write")


def in_thread(function: Callable[P, R]) -> Callable[P, Coroutine[Any, Any, R]]:
    """`function` as a coroutine function; its database connection ends with the call.

    Unlike `database_sync_to_async`, it does not run on the thread of the request or the consumer
    that happens to call it: the hub outlives the request that started it.
    """
    return DatabaseSyncToAsync(function, thread_sensitive=False, executor=_readers)


def in_writing_thread(function: Callable[P, R]) -> Callable[P, Coroutine[Any, Any, R]]:
    """The same, for what writes."""
    return DatabaseSyncToAsync(function, thread_sensitive=False, executor=_writers)
