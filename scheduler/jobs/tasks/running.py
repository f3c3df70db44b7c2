"""One run of one job: claim, work, outcome."""

import logging
import os
import traceback
from collections.abc import Callable
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import DatabaseError, OperationalError, close_old_connections
from django.utils import translation

from academy.accounts.languages import spoken
from academy.platform.errors import AcademyError, TransientError
from academy.platform.observability.correlation import correlated
from academy.platform.realtime import publishing
from scheduler.jobs.errors import JobCancelledError, JobLostError, RunEndedError
from scheduler.jobs.kinds import JobKind
from scheduler.jobs.models import Job
from scheduler.jobs.services import (
    Run,
    job_cancelled,
    job_claim,
    job_failed,
    job_succeeded,
    job_try_again,
)
from scheduler.jobs.tasks.context import JobContext, JobResult
from scheduler.jobs.tasks.memory import limit_lift, memory_limit
from scheduler.jobs.tasks.watch import Watch

_log = logging.getLogger(__name__)
_OUT_OF_MEMORY_EXIT = 70


def execute(kind: JobKind, *, job_id: str, worker: str) -> None:
    """The job was run if it was to be had; its row says how it went. Never raises.

    A database that does not answer leaves the row as it is: the lease expires and beat hands the
    job to somebody else.
    """
    close_old_connections()
    try:
        job = job_claim(
            job_id=job_id,
            worker=f"{worker}:{os.getpid()}",
            lease_seconds=settings.LEASE_SECONDS,
        )
        if job is not None:
            with correlated(job.correlation_id):
                _run(kind, job)
    except DatabaseError as error:
        _log.warning("job %s: the database answered %s", job_id, error)
    finally:
        close_old_connections()


def _run(kind: JobKind, job: Job) -> None:
    run = Run(job_id=job.pk, fence=job.fence)
    # Decided here, outside the watch: whatever it says must not find the run half over.
    _work(kind, job, run)()


def _work(kind: JobKind, job: Job, run: Run) -> Callable[[], object]:
    """Runs the work; returns what is to be recorded."""
    try:
        with (
            Watch(run=run, kind=kind) as watch,
            memory_limit(None if kind.on_threads else kind.memory_limit_bytes),
            translation.override(spoken(job.owner.language if job.owner else "")),
        ):
            context = JobContext(run=run, attempt=job.attempt, watch=watch)
            result = kind.run(context, **job.params) or JobResult()
            # Inside the watch: storing the outcome is part of the work, lease and all.
            if job_succeeded(run=run, result=result.as_json(), commit=result.commit):
                return _nothing
            # Cancelled too late for a checkpoint, or lost: only the first changes the row.
            return lambda: job_cancelled(run=run)
    except MemoryError:
        limit_lift()
        _end_for_memory(run)
        return _nothing
    except RunEndedError as ended:
        return _stopped(run, ended)
    except SoftTimeLimitExceeded:
        return lambda: job_failed(run=run, code="time_limit")
    except (TransientError, OperationalError) as error:
        return _transient(run, error)
    except AcademyError as error:
        code, detail = error.code, str(error)
        return lambda: job_failed(run=run, code=code, detail=detail)
    except Exception as error:  # noqa: BLE001 - whatever a kind raises is an outcome, not a crash
        _log.exception("job %s (%s) failed", run.job_id, kind.name)
        trace = "".join(traceback.format_exception(error))
        return lambda: job_failed(run=run, code="unexpected", traceback=trace)


def _nothing() -> None:
    """The outcome stands already."""


def _stopped(run: Run, ended: RunEndedError) -> Callable[[], object]:
    if isinstance(ended, JobCancelledError):
        return lambda: job_cancelled(run=run)
    if isinstance(ended, JobLostError):
        _log.warning("job %s was lost to another worker; its work is thrown away", run.job_id)
    return _nothing


def _transient(run: Run, error: Exception) -> Callable[[], object]:
    arguments: dict[str, Any] = {
        "code": getattr(error, "code", "database_busy"),
        "detail": str(error) if isinstance(error, AcademyError) else "",
        "traceback": "".join(traceback.format_exception(error)),
        "retry_after_seconds": getattr(error, "retry_after_seconds", None),
    }
    return lambda: job_try_again(run=run, **arguments)


def _end_for_memory(run: Run) -> None:
    """Recorded, and the process ends: a heap that was full once is not to be trusted again."""
    try:
        job_failed(run=run, code="memory_limit")
        publishing.flush(timeout_seconds=0.3)
    finally:
        os._exit(_OUT_OF_MEMORY_EXIT)
