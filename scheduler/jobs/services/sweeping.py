"""What beat does: finds lost hints and lost leases, and asks for periodic jobs.

Needs the database alone. Two at once are harmless: each write is conditional on what was read.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from academy.platform.errors import UnavailableError
from academy.platform.queueing.hints import Hint, hint_now, hints_waiting
from academy.platform.realtime.publishing import publish
from scheduler.idempotency.errors import KeyInFlightError
from scheduler.idempotency.services import (
    StoredAnswer,
    key_answer_store,
    key_claim,
)
from scheduler.jobs.kinds import LANES, kinds
from scheduler.jobs.models import WAITING, Job, Process, Status
from scheduler.jobs.services.asking import job_submit

_log = logging.getLogger(__name__)
# A process that was upgraded last may know kinds that this one does not know yet.
_UNKNOWN_KIND_SECONDS: Final = 600.0
_GONE_SECONDS: Final = 3600.0
# Hints that pile up before busy workers cost them the time that the work needs: a lane's lists
# are filled up to so many sweeps' worth and no further.
_SWEEPS_WAITING: Final = 2
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one reconciliation did, in numbers of jobs."""

    hinted: int = 0
    crashed: int = 0
    died: int = 0


def jobs_reconcile() -> Sweep:
    """Due jobs without a recent hint were hinted again; expired leases counted as crashes."""
    crashed, died = _recover_expired()
    _refuse_unknown_kinds()
    return Sweep(hinted=_hint_again(), crashed=crashed, died=died)


def _recover_expired() -> tuple[int, int]:
    crashed = died = 0
    expired = Job.objects.filter(status=Status.RUNNING, lease_until__lt=Now())
    for job in expired.only("pk", "fence", "crash_count", "kind", "worker"):
        outcome = _recover(job)
        crashed += outcome is not None
        died += outcome == Status.DEAD
    return crashed, died


def _recover(job: Job) -> Status | None:
    """What became of a job whose lease expired; None when somebody was faster."""
    mine = Q(pk=job.pk, fence=job.fence, status=Status.RUNNING, lease_until__lt=Now())
    lost = {"lease_until": None, "crash_count": F("crash_count") + 1, "seq": F("seq") + 1}
    rows = Job.objects.filter(mine)
    if rows.filter(cancel_requested_at__isnull=False).update(
        status=Status.CANCELLED, finished_at=Now(), **lost
    ):
        outcome = Status.CANCELLED
    elif job.crash_count + 1 >= settings.CRASH_LIMIT and rows.update(
        status=Status.DEAD, finished_at=Now(), error_code="crashed", error_detail="", **lost
    ):
        outcome = Status.DEAD
    elif job.crash_count + 1 < settings.CRASH_LIMIT and rows.filter(
        cancel_requested_at=None
    ).update(status=Status.RETRYING, run_at=Now(), hinted_at=None, progress=0, step="", **lost):
        outcome = Status.RETRYING
    else:
        return None
    _log.warning("job %s (%s) lost its worker %s: %s", job.pk, job.kind, job.worker, outcome)
    publish(job.topic)
    return outcome


def _hint_again() -> int:
    stale = Q(hinted_at=None) | Q(hinted_at__lt=Now() - timedelta(seconds=settings.HINT_SECONDS))
    due = Job.objects.filter(
        stale,
        status__in=WAITING,
        run_at__lte=Now(),
        cancel_requested_at=None,
        kind__in=[kind.name for kind in kinds()],
    ).order_by("priority", "run_at")
    waiting = hints_waiting(LANES)
    room: dict[str, int] = {
        lane: _SWEEPS_WAITING * settings.HINTS_PER_SWEEP - waiting.get(lane, 0) for lane in LANES
    }
    jobs: list[Job] = []
    open_lanes = [lane for lane in LANES if room[lane] > 0]
    first = due.filter(lane__in=open_lanes).only("pk", "kind", "lane", "priority")
    for job in first[: settings.HINTS_PER_SWEEP]:
        if room[job.lane] > 0:
            room[job.lane] -= 1
            jobs.append(job)
    Job.objects.filter(pk__in=[job.pk for job in jobs], status__in=WAITING).update(hinted_at=Now())
    for job in jobs:
        hint_now(Hint(job_id=str(job.pk), task=job.kind, lane=job.lane, priority=job.priority))
    return len(jobs)


def _refuse_unknown_kinds() -> None:
    horizon = Now() - timedelta(seconds=_UNKNOWN_KIND_SECONDS)
    Job.objects.filter(status__in=WAITING, run_at__lt=horizon).exclude(
        kind__in=[kind.name for kind in kinds()]
    ).update(status=Status.FAILED, error_code="unknown_kind", finished_at=Now(), seq=F("seq") + 1)


def periodic_jobs_submit() -> int:
    """Each kind with a period has been asked for once in its current period, however many beats.

    Periods are counted from 1970 by the database's clock. Returns how many were asked for.
    """
    return sum(
        _submit_once(kind.name, every_seconds=kind.every_seconds)
        for kind in kinds()
        if kind.every_seconds is not None
    )


def _submit_once(kind: str, *, every_seconds: float) -> bool:
    now = Process.objects.annotate(now=Now()).values_list("now", flat=True).first()
    if now is None:
        return False
    slot = int((now - _EPOCH).total_seconds() // every_seconds)
    try:
        with transaction.atomic():
            claim = key_claim(scope="system", key=f"{kind}:{slot}", fingerprint="")
            if isinstance(claim, StoredAnswer):
                return False
            job = job_submit(kind=kind, params={}, person_id=None, dedup_key=kind).job
            key_answer_store(claim=claim, status_code=202, body=str(job.pk), headers={})
    except (KeyInFlightError, UnavailableError):
        # Another beat is at it, or the lane is full: the next sweep looks again.
        return False
    return True


def process_seen(*, name: str, role: str, lanes: Sequence[str], pid: int) -> None:
    """The process is known to be alive now; those unseen for an hour are forgotten."""
    changed = Process.objects.filter(pk=name).update(
        seen_at=Now(), pid=pid, lanes=list(lanes), role=role
    )
    if not changed:
        Process.objects.create(name=name, role=role, lanes=list(lanes), pid=pid)
        gone = Now() - timedelta(seconds=_GONE_SECONDS)
        Process.objects.filter(seen_at__lt=gone).delete()


def process_gone(*, name: str) -> None:
    """The process ended in good order."""
    Process.objects.filter(pk=name).delete()
