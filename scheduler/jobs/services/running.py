"""What a worker writes: claim, lease, progress, outcome. Each write proves that the run owns the job."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from academy.accounts.models import User
from academy.platform.queueing.hints import Hint, hint_now
from academy.platform.realtime.publishing import publish
from scheduler.jobs.models import WAITING, Job, JobLogLine, JobWatch, Status

_TRACEBACK_CHARACTERS: Final = 20_000
_NEXT_IN_LINE: Final = 3


@dataclass(frozen=True, slots=True)
class Run:
    """One claim of one job; `fence` is the proof of it."""

    job_id: uuid.UUID
    fence: int

    @property
    def topic(self) -> str:
        """The topic that open pages follow."""
        return f"task:{self.job_id}"

    def rows(self) -> QuerySet[Job]:
        """The job's row while this run owns it; otherwise nothing."""
        return Job.objects.filter(pk=self.job_id, fence=self.fence, status=Status.RUNNING)


def job_claim(*, job_id: uuid.UUID | str, worker: str, lease_seconds: float) -> Job | None:
    """The job is this worker's until the lease ends; None when it is not to be had.

    None also when everyone who watches it has as many jobs running as one person may have: the
    hint is dropped, and the next job of theirs that ends gives another.
    """
    claimable = Job.objects.filter(
        pk=job_id, status__in=WAITING, run_at__lte=Now(), cancel_requested_at=None
    )
    # Most hints that find nothing come late: they must not cost a write lock.
    if not claimable.exists():
        return None
    with transaction.atomic():
        if _all_watchers_are_busy(job_id):
            return None
        claimed = claimable.update(
            status=Status.RUNNING,
            fence=F("fence") + 1,
            attempt=F("attempt") + 1,
            seq=F("seq") + 1,
            progress=0,
            step="",
            worker=worker,
            started_at=Now(),
            lease_until=Now() + timedelta(seconds=lease_seconds),
        )
        if not claimed:
            return None
        job = Job.objects.select_related("owner").get(pk=job_id)
    publish(job.topic)
    return job


def job_lease_extend(*, run: Run, lease_seconds: float) -> bool:
    """The lease ends so many seconds from now; False when the run no longer owns the job."""
    until = Now() + timedelta(seconds=lease_seconds)
    return bool(run.rows().update(lease_until=until))


def run_is_cancelled(*, run: Run) -> bool | None:
    """Whether a cancel was asked for; None when the run no longer owns the job."""
    asked = list(run.rows().values_list("cancel_requested_at", flat=True))
    return asked[0] is not None if asked else None


def job_progress(*, run: Run, percent: int, step: str) -> bool:
    """Percentage and step stand on the row, then open pages hear of it."""
    changed = run.rows().update(progress=percent, step=step[:200], seq=F("seq") + 1)
    if changed:
        publish(run.topic)
    return bool(changed)


def job_log(*, run: Run, attempt: int, text: str) -> None:
    """The line is kept; beyond the newest 200 of the job the oldest go."""
    JobLogLine.objects.create(job_id=run.job_id, attempt=attempt, text=text[:1000])
    lines = JobLogLine.objects.filter(job_id=run.job_id)
    kept = list(lines.order_by("-pk").values_list("pk", flat=True)[: settings.JOB_LOG_LINES])
    if len(kept) >= settings.JOB_LOG_LINES:
        lines.filter(pk__lt=kept[-1]).delete()


def job_succeeded(
    *, run: Run, result: dict[str, Any], commit: Callable[[], None] | None = None
) -> bool:
    """Job, result and whatever `commit` writes stand together, or nothing does (False).

    False: the job was cancelled or belongs to another run; the caller throws its work away.
    """
    with transaction.atomic():
        finished = (
            run.rows()
            .filter(cancel_requested_at=None)
            .update(
                status=Status.SUCCEEDED,
                progress=100,
                step="",
                result=result,
                error_code="",
                error_detail="",
                traceback="",
                finished_at=Now(),
                lease_until=None,
                seq=F("seq") + 1,
            )
        )
        if not finished:
            return False
        if commit is not None:
            commit()
    _tell(run)
    return True


def job_failed(*, run: Run, code: str, detail: str = "", traceback: str = "") -> bool:
    """The job failed for good; cancelled, if that was asked for before."""
    return _ended(run, Status.FAILED, code=code, detail=detail, traceback=traceback)


def job_cancelled(*, run: Run) -> bool:
    """The run stopped because somebody cancelled; False when nobody did, or it is not ours."""
    cancelled = (
        run.rows()
        .filter(cancel_requested_at__isnull=False)
        .update(
            status=Status.CANCELLED,
            finished_at=Now(),
            lease_until=None,
            seq=F("seq") + 1,
        )
    )
    _tell(run)
    return bool(cancelled)


def job_try_again(
    *,
    run: Run,
    code: str,
    detail: str = "",
    traceback: str = "",
    retry_after_seconds: float | None = None,
) -> bool:
    """A transient failure: the job waits for its next attempt, or failed for good after the last.

    The wait doubles with each attempt, with jitter (between a half and the whole of it), and is
    never shorter than `retry_after_seconds`.
    """
    job = run.rows().first()
    if job is None:
        return False
    tried = job.attempt - job.crash_count
    if job.cancel_requested_at is not None or tried >= job.max_attempts:
        return job_failed(run=run, code=code, detail=detail, traceback=traceback)
    longest = min(settings.RETRY_MAX_SECONDS, settings.RETRY_BASE_SECONDS * 2 ** (tried - 1))
    wait = max(longest * random.uniform(0.5, 1.0), retry_after_seconds or 0.0)  # noqa: S311 - jitter is no secret
    waits = (
        run.rows()
        .filter(cancel_requested_at=None)
        .update(
            status=Status.RETRYING,
            run_at=Now() + timedelta(seconds=wait),
            lease_until=None,
            hinted_at=None,
            error_code=code,
            error_detail=detail,
            traceback=traceback[-_TRACEBACK_CHARACTERS:],
            seq=F("seq") + 1,
        )
    )
    if not waits:
        return job_cancelled(run=run)
    _tell(run)
    return True


def _ended(run: Run, status: Status, *, code: str, detail: str, traceback: str) -> bool:
    ended = (
        run.rows()
        .filter(cancel_requested_at=None)
        .update(
            status=status,
            error_code=code,
            error_detail=detail,
            traceback=traceback[-_TRACEBACK_CHARACTERS:],
            finished_at=Now(),
            lease_until=None,
            seq=F("seq") + 1,
        )
    )
    if not ended:
        return job_cancelled(run=run)
    _tell(run)
    return True


def _tell(run: Run) -> None:
    """Pages hear of the outcome; jobs that waited for a free place of a watcher get a hint."""
    publish(run.topic)
    watchers = JobWatch.objects.filter(job_id=run.job_id, withdrawn_at=None)
    people = list(watchers.values_list("person_id", flat=True)[:_NEXT_IN_LINE])
    waiting = Job.objects.filter(
        watches__person_id__in=people,
        watches__withdrawn_at=None,
        status__in=WAITING,
        cancel_requested_at=None,
        run_at__lte=Now(),
    )
    # A job that several of them watch is one job.
    waiting = waiting.order_by("priority", "run_at").distinct()
    for job in waiting[:_NEXT_IN_LINE]:
        hint_now(Hint(job_id=str(job.pk), task=job.kind, lane=job.lane, priority=job.priority))


def _all_watchers_are_busy(job_id: uuid.UUID | str) -> bool:
    people = JobWatch.objects.filter(job_id=job_id, withdrawn_at=None).values("person_id")
    # Locked in one order, so that two claims of one person's jobs see each other.
    watchers = list(
        User.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk__in=people)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    return bool(watchers) and all(
        JobWatch.objects.filter(
            person_id=person, withdrawn_at=None, job__status=Status.RUNNING
        ).count()
        >= settings.JOBS_RUNNING_PER_OWNER
        for person in watchers
    )
