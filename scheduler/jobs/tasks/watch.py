"""The thread beside a running job: lease, cancel, limits, and progress that waits to be stored."""

import contextlib
import logging
import os
import resource
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection

from academy.platform.realtime import publishing
from scheduler.jobs.errors import JobCancelledError, JobLostError, TimeLimitError
from scheduler.jobs.kinds import JobKind
from scheduler.jobs.services import (
    Run,
    job_cancelled,
    job_failed,
    job_lease_extend,
    job_progress,
    run_is_cancelled,
)

_log = logging.getLogger(__name__)
_TICK_SECONDS: Final = 0.2
# Past the hard limit the lease holds for so long: this thread ends the run, and says why, before
# beat could take it for a crash.
_ENDING_SECONDS: Final = 2.0
_PAGE_BYTES: Final = resource.getpagesize()


class Watch:
    """Keeps a run's lease and tells the run when to stop.

    In a process lane it also ends the process when the run does not stop by itself: cancelled
    for 10 s without a checkpoint, beyond its hard time limit, or beyond its memory.
    """

    def __init__(self, *, run: Run, kind: JobKind) -> None:
        self._run = run
        self._kind = kind
        self._began = time.monotonic()
        self._leased_until = self._began + settings.LEASE_SECONDS
        self._cancelled_at: float | None = None
        self._lost = False
        self._lock = threading.Lock()
        self._waiting: tuple[int, str] | None = None
        self._stored: tuple[int, str] = (0, "")
        self._stored_at = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="job-watch", daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join(timeout=10)

    def checkpoint(self) -> None:
        """Raises when the run must stop.

        Raises:
            JobCancelledError: somebody cancelled.
            JobLostError: the lease is gone.
            TimeLimitError: the soft time limit has passed.
        """
        if self._cancelled_at is not None:
            raise JobCancelledError
        if self._lost:
            raise JobLostError
        if self._age() > self._kind.soft_time_limit_seconds:
            raise TimeLimitError

    def report(self, *, percent: int, step: str) -> None:
        """The newest progress is stored now, or by the watching thread when it is time."""
        with self._lock:
            newest = (max(percent, (self._waiting or self._stored)[0]), step)
            self._waiting = newest if newest != self._stored else None
            if time.monotonic() - self._stored_at < settings.PROGRESS_SECONDS:
                return
        self._store_progress()

    def _age(self) -> float:
        return time.monotonic() - self._began

    def _watch(self) -> None:
        polled = extended = self._began
        try:
            while not self._done.wait(_TICK_SECONDS):
                self._enforce()
                now = time.monotonic()
                if now - self._stored_at >= settings.PROGRESS_SECONDS:
                    self._guarded(self._store_progress)
                if now - polled >= settings.CANCEL_POLL_SECONDS:
                    polled = now
                    self._guarded(self._look_for_cancel)
                if now - extended >= settings.HEARTBEAT_SECONDS:
                    extended = now
                    self._guarded(self._extend)
                if now > self._leased_until:
                    self._lost = True
        finally:
            connection.close()

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except DatabaseError as error:
            _log.warning("job %s: the database answered %s", self._run.job_id, error)

    def _store_progress(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, None
            if waiting is None:
                return
            self._stored, self._stored_at = waiting, time.monotonic()
        if not job_progress(run=self._run, percent=waiting[0], step=waiting[1]):
            self._lost = True

    def _look_for_cancel(self) -> None:
        cancelled = run_is_cancelled(run=self._run)
        if cancelled is None:
            self._lost = not self._done.is_set()
        elif cancelled and self._cancelled_at is None:
            self._cancelled_at = time.monotonic()

    def _extend(self) -> None:
        left = self._kind.hard_time_limit_seconds - self._age()
        if not self._kind.on_threads:
            left += _ENDING_SECONDS
        seconds = min(settings.LEASE_SECONDS, left)
        if seconds > 0 and job_lease_extend(run=self._run, lease_seconds=seconds):
            self._leased_until = time.monotonic() + seconds

    def _enforce(self) -> None:
        if self._kind.on_threads:
            return
        now = time.monotonic()
        if (
            self._cancelled_at is not None
            and now - self._cancelled_at > settings.HARD_CANCEL_SECONDS
        ):
            self._end_process(lambda: job_cancelled(run=self._run))
        if self._age() > self._kind.hard_time_limit_seconds:
            self._end_process(lambda: job_failed(run=self._run, code="time_limit"))
        limit = self._kind.memory_limit_bytes
        if limit is not None and resident_bytes() > limit:
            self._end_process(lambda: job_failed(run=self._run, code="memory_limit"))

    def _end_process(self, record: Callable[[], bool]) -> None:
        """The outcome is recorded and this process ends: nothing else stops code that hangs."""
        with contextlib.suppress(DatabaseError):
            record()
        publishing.flush(timeout_seconds=0.3)
        os._exit(70)


def resident_bytes() -> int:
    """Memory of this process that is in RAM now (`statm`, proc(5))."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - five times a second
        return int(file.read().split()[1]) * _PAGE_BYTES
