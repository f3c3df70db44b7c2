"""A bounded queue in the process and one thread that empties it.

Whoever offers never waits: a full queue drops what is offered, and so does the time right after
an error. Only hints go this way; whoever depends on one reads the row instead.
"""

import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")
_log = logging.getLogger(__name__)
_REST_SECONDS: Final = 1.0


class Sender(Generic[T]):
    """Delivers items by `deliver` on a thread of its own, one in each process."""

    def __init__(
        self,
        *,
        name: str,
        deliver: Callable[[T], None],
        errors: tuple[type[Exception], ...],
        capacity: int = 10_000,
    ) -> None:
        self._name = name
        self._deliver = deliver
        self._errors = errors
        self._capacity = capacity
        self._lock = threading.Lock()
        self._pid = 0
        self._thread: threading.Thread | None = None
        self._queue: queue.Queue[T] = queue.Queue(capacity)
        self._resting_until = 0.0

    def offer(self, item: T) -> bool:
        """The item waits to be sent, or was dropped (False). Never blocks."""
        if not self._runs():
            self._start()
        try:
            self._queue.put_nowait(item)
        except queue.Full:
            return False
        return True

    def flush(self, *, timeout_seconds: float) -> None:
        """What was offered is sent or dropped, or the time is over."""
        deadline = time.monotonic() + timeout_seconds
        while self._pid == os.getpid() and time.monotonic() < deadline:
            if not self._queue.unfinished_tasks:
                return
            time.sleep(0.005)

    def _runs(self) -> bool:
        # An error that nobody foresaw ends the thread; that must not silence the process.
        return self._pid == os.getpid() and self._thread is not None and self._thread.is_alive()

    def _start(self) -> None:
        with self._lock:
            if self._runs():
                return
            # A child that was forked has the parent's queue but not its thread.
            self._queue = queue.Queue(self._capacity)
            self._resting_until = 0.0
            self._pid = os.getpid()
            self._thread = threading.Thread(
                target=self._run, args=(self._queue,), name=self._name, daemon=True
            )
            self._thread.start()

    def _run(self, items: "queue.Queue[T]") -> None:
        while True:
            item = items.get()
            try:
                self._send(item)
            finally:
                items.task_done()

    def _send(self, item: T) -> None:
        if time.monotonic() < self._resting_until:
            return
        try:
            self._deliver(item)
        except self._errors as error:
            self._resting_until = time.monotonic() + _REST_SECONDS
            _log.info("%s: not sent (%s); resting", self._name, type(error).__name__)
