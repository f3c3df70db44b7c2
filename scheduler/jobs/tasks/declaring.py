"""The decorator that makes a function a kind of job."""

import math
from collections.abc import Callable
from typing import Any, Final, TypeVar

from celery import Task, shared_task

from scheduler.jobs.kinds import JobKind, Lane, register
from scheduler.jobs.services import Submission
from scheduler.jobs.tasks.running import execute

F = TypeVar("F", bound=Callable[..., Any])
# Celery's own limit is the outermost guard: ours ends the child first and says why.
_GUARD_SECONDS: Final = 15


def job(
    name: str,
    *,
    lane: Lane,
    label: str,
    soft_time_limit_seconds: float,
    hard_time_limit_seconds: float | None = None,
    max_attempts: int = 3,
    priority: int = 0,
    memory_limit_bytes: int | None = None,
    cancellable: bool = True,
    every_seconds: float | None = None,
    resubmit: Callable[..., Submission] | None = None,
) -> Callable[[F], F]:
    """The function is the kind of job `name`, and a Celery task of that name runs it.

    It is called with a `JobContext` and the job's params by keyword, may be called again after a
    crash (so it must be safe to run twice), and returns a `JobResult` or None.
    """

    def declare(function: F) -> F:
        hard = hard_time_limit_seconds or soft_time_limit_seconds * 1.25
        kind = JobKind(
            name=name,
            lane=lane,
            label=label,
            soft_time_limit_seconds=soft_time_limit_seconds,
            hard_time_limit_seconds=hard,
            max_attempts=max_attempts,
            priority=priority,
            memory_limit_bytes=memory_limit_bytes,
            cancellable=cancellable,
            every_seconds=every_seconds,
            resubmit=resubmit,
            run=function,
        )
        register(kind)

        @shared_task(
            name=name,
            bind=True,
            ignore_result=True,
            acks_late=False,
            max_retries=0,
            soft_time_limit=math.ceil(soft_time_limit_seconds),
            time_limit=math.ceil(hard) + _GUARD_SECONDS,
        )
        def run(self: Task[..., None], *, job_id: str) -> None:
            execute(kind, job_id=job_id, worker=self.request.hostname or "")

        return function

    return declare
