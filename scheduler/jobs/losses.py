"""Reading what went wrong below a worker: lanes that nobody serves, processes that lost their job."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from django.db.models import Case, Q, Value, When
from django.db.models.functions import Now

from scheduler.jobs.kinds import kinds
from scheduler.jobs.models import WAITING, Job, Status

_FINISHING_SECONDS: Final = 5.0


def lanes_are_stalled(lanes: Sequence[str], *, seconds: float) -> bool:
    """Whether a job of these lanes has been due for so long while none of them runs."""
    horizon = Now() - timedelta(seconds=seconds)
    known = [kind.name for kind in kinds() if kind.lane in lanes]
    waiting = Job.objects.filter(
        status__in=WAITING, kind__in=known, run_at__lt=horizon, cancel_requested_at=None
    )
    running = Job.objects.filter(status=Status.RUNNING, lane__in=lanes)
    return waiting.exists() and not running.exists()


def processes_that_lost_their_job(processes: Mapping[int, str], *, worker: str) -> list[int]:
    """Of pool processes (id -> job) those that claimed their job and no longer own it.

    One that has not claimed yet is none of them, nor one that has just finished: a run writes the
    terminal state itself, some moments before its process is free.
    """
    done = Now() - timedelta(seconds=_FINISHING_SECONDS)
    rows = Job.objects.filter(pk__in=processes.values()).annotate(
        over=Case(
            When(Q(lease_until__lt=Now()) | Q(finished_at__lt=done), then=Value(value=True)),
            default=Value(value=False),
        )
    )
    found = {str(job.pk): job for job in rows.only("pk", "status", "worker")}
    lost = []
    for pid, job_id in processes.items():
        job = found.get(job_id)
        if job is None or job.worker != f"{worker}:{pid}":
            continue
        if job.status in WAITING or job.over:
            lost.append(pid)
    return lost
