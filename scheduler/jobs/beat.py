"""Celery's beat, whose ticks reconcile jobs instead of sending messages."""

import logging
import os
import socket
import time
from typing import Any, Final

from celery.beat import Scheduler
from django.conf import settings
from django.db import DatabaseError, close_old_connections

from scheduler.jobs.services import (
    jobs_reconcile,
    periodic_jobs_submit,
    process_gone,
    process_seen,
)

_log = logging.getLogger(__name__)
_PERIODIC_SECONDS: Final = 10.0


class ReconcilingScheduler(Scheduler):
    """Needs the database and nothing else; keeps no file of its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._name = f"beat@{socket.gethostname()}:{os.getpid()}"
        self._periodic_at = 0.0
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Nothing: what is periodic is declared beside its task."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """One sweep; returns the seconds until the next."""
        started = time.monotonic()
        close_old_connections()
        try:
            self._sweep()
        except DatabaseError as error:
            _log.warning("beat: the database answered %s; trying again", error)
        finally:
            close_old_connections()
        return max(0.1, settings.RECONCILE_SECONDS - (time.monotonic() - started))

    def _sweep(self) -> None:
        process_seen(name=self._name, role="beat", lanes=[], pid=os.getpid())
        sweep = jobs_reconcile()
        if sweep.crashed:
            _log.warning("beat: %d jobs lost their worker, %d died", sweep.crashed, sweep.died)
        if time.monotonic() - self._periodic_at >= min(_PERIODIC_SECONDS, settings.CLEANUP_SECONDS):
            self._periodic_at = time.monotonic()
            periodic_jobs_submit()

    def close(self) -> None:
        """Beat ends in good order."""
        try:
            process_gone(name=self._name)
        except DatabaseError as error:
            _log.warning("beat: the database answered %s", error)
        super().close()
