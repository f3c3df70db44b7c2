"""What people do to jobs: ask, cancel, try again."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from academy.accounts.models import User
from academy.platform.errors import TooManyError, UnavailableError
from academy.platform.observability.correlation import correlation_id
from academy.platform.queueing.hints import Hint, hint_on_commit
from academy.platform.realtime.publishing import publish_on_commit
from scheduler.jobs.errors import (
    CannotCancelError,
    CannotRetryError,
    JobNotFoundError,
    LaneFullError,
    ParamsTooLargeError,
    QueueFullError,
)
from scheduler.jobs.kinds import JobKind, kind_known, kind_named
from scheduler.jobs.models import FINISHED, UNFINISHED, WAITING, Job, JobWatch, Status
from scheduler.jobs.selectors import LaneLoad, job_for, lane_load, person_load

_PARAMS_BYTES: Final = 16 * 1024
_LOWEST_PRIORITY: Final = 9
_FLIGHTS: Final = 5


@dataclass(frozen=True, slots=True)
class Submission:
    """The job that will do the work; `joined` when it was on its way already.

    `ahead` is how many jobs come before a new one; None for a joined one.
    """

    job: Job
    joined: bool
    ahead: int | None = None


@transaction.atomic
def job_submit(
    *,
    kind: str,
    params: Mapping[str, Any],
    person_id: int | None,
    subject: str = "",
    title: str = "",
    dedup_key: str = "",
    retry_of: uuid.UUID | None = None,
    is_consequence: bool = False,
) -> Submission:
    """The job is a row of the caller's transaction, and a worker hears of it on commit.

    An unfinished job with the same `dedup_key` is joined instead. `params` are ids and plain
    values, 16 KiB of JSON at most. `person_id` None: the system asks, without personal limits. What
    is the consequence of a change is never why the change is refused: no lane is full for it.

    Raises:
        UnknownKindError: no such kind.
        ParamsTooLargeError: the parameters are larger than 16 KiB.
        QueueFullError: the person has as many jobs waiting as one may have.
        LaneFullError: too many jobs wait in the lane, or one has waited too long.
    """
    declared = kind_named(kind)
    if len(json.dumps(params).encode()) > _PARAMS_BYTES:
        raise ParamsTooLargeError
    if person_id is not None:
        _lock_person(person_id)
    for _ in range(_FLIGHTS):
        waiting, unfinished = person_load(person_id=person_id) if person_id else (0, 0)
        priority = _priority(declared, unfinished=unfinished)
        load = lane_load(declared, priority=priority, late_seconds=settings.LANE_OLDEST_SECONDS)
        refusal = None if is_consequence else _refusal(load, waiting=waiting)
        if refusal is None:
            job = Job(
                kind=kind,
                lane=declared.lane,
                priority=priority,
                owner_id=person_id,
                subject=subject,
                title=title[:300],
                params=dict(params),
                dedup_key=dedup_key,
                max_attempts=declared.max_attempts,
                correlation_id=correlation_id() or "",
                retry_of_id=retry_of,
            )
            if _inserted(job):
                if person_id is not None:
                    JobWatch.objects.create(job=job, person_id=person_id)
                hint_on_commit(_hint(job))
                return Submission(job=job, joined=False, ahead=load.ahead)
        # Asked for after the insert: nearly all submissions are the first of their kind.
        flight = _in_flight(dedup_key)
        if flight is not None:
            return Submission(job=_join(flight, person_id=person_id), joined=True)
        if refusal is not None:
            raise refusal
    # Five flights ended between our look and our insert: as good as busy.
    raise LaneFullError(retry_after_seconds=1)


def job_cancel(*, job_id: uuid.UUID | str, acting_user: User | None) -> Job:
    """The person's watch is withdrawn; with nobody left the job is cancelled.

    A waiting job is cancelled at once, a running one at its next checkpoint (or is ended some
    seconds later); from the moment of this call it can no longer succeed. Operators cancel jobs
    of others altogether, and so does the shell (`acting_user` None).

    Raises:
        JobNotFoundError: none of the person's jobs has that id.
        CannotCancelError: it has ended, or its kind cannot be cancelled.
    """
    with transaction.atomic():
        job = _job_to_act_on(job_id, acting_user)
        job = Job.objects.select_for_update(no_key=True, of=("self",)).get(pk=job.pk)
        if job.status in FINISHED or job.cancel_requested_at is not None:
            raise CannotCancelError
        known = kind_known(job.kind)
        if known is not None and not known.cancellable:
            raise CannotCancelError
        if acting_user is not None and _others_still_watch(job, acting_user):
            publish_on_commit(job.topic)
            return job
        _cancel(job)
    job.refresh_from_db()
    return job


@transaction.atomic
def jobs_of_person_withdraw(*, person_id: int) -> int:
    """The person waits for no job any more; unfinished ones go on only for others who watch them.

    Whether its kind may be cancelled does not count: nobody is there to have what it makes.
    """
    watches = JobWatch.objects.filter(person_id=person_id, withdrawn_at=None)
    watched = Job.objects.filter(
        pk__in=watches.values("job_id"), status__in=UNFINISHED, cancel_requested_at=None
    )
    jobs = list(watched.select_for_update(no_key=True, of=("self",)))
    watches.update(withdrawn_at=Now())
    for job in jobs:
        if not JobWatch.objects.filter(job=job, withdrawn_at=None).exists():
            _cancel(job)
    return len(jobs)


def job_retry(*, job_id: uuid.UUID | str, acting_user: User | None) -> Submission:
    """A new job does the work of one that failed, was cancelled or died; `retry_of` names it.

    It is asked for in the name of `acting_user`, or of the owner where an operator or the shell
    (None) helps out. A kind that declares `resubmit` asks anew, with what is true now.

    Raises:
        JobNotFoundError: none of the person's jobs has that id.
        CannotRetryError: it has not ended, or it succeeded, or its kind is gone.
        QueueFullError, LaneFullError: as for any new job.
        AcademyError: the kind's `resubmit` refuses it, such as to somebody who lost access.
    """
    job = _job_to_act_on(job_id, acting_user)
    watch = JobWatch.objects.filter(job=job, person=acting_user).first()
    withdrawn = watch is not None and watch.withdrawn_at is not None
    if not withdrawn and (job.status not in FINISHED or job.status == Status.SUCCEEDED):
        raise CannotRetryError
    kind = kind_known(job.kind)
    if kind is None:
        raise CannotRetryError
    person_id = watch.person_id if watch is not None else job.owner_id
    if kind.resubmit is not None:
        asked: Submission = kind.resubmit(params=job.params, person_id=person_id, retry_of=job.pk)
        return asked
    return job_submit(
        kind=job.kind,
        params=job.params,
        person_id=person_id,
        subject=job.subject,
        title=job.title,
        dedup_key=job.dedup_key,
        retry_of=job.pk,
    )


def jobs_delete_old(*, older_than_seconds: float, at_most: int = 1000) -> int:
    """Jobs that ended so long ago are gone with their logs; the dead stay for the operator."""
    horizon = Now() - timedelta(seconds=older_than_seconds)
    ended = Job.objects.filter(
        status__in=[status for status in FINISHED if status != Status.DEAD],
        finished_at__lt=horizon,
    )
    ids = list(ended.values_list("pk", flat=True)[:at_most])
    Job.objects.filter(pk__in=ids).delete()
    return len(ids)


def _job_to_act_on(job_id: uuid.UUID | str, acting_user: User | None) -> Job:
    if acting_user is not None:
        return job_for(job_id=job_id, person=acting_user)
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        raise JobNotFoundError
    return job


def _others_still_watch(job: Job, person: User) -> bool:
    """The person's watch is withdrawn; True while the job goes on for somebody else."""
    watches = JobWatch.objects.filter(job=job)
    if not watches.filter(person=person).exists():
        return False
    if not watches.filter(person=person, withdrawn_at=None).update(withdrawn_at=Now()):
        raise CannotCancelError
    return watches.filter(withdrawn_at=None).exists()


def _lock_person(person_id: int) -> None:
    """Two submissions of one person are one after the other, so that limits are exact."""
    if not connection.features.has_select_for_update:
        return  # SQLite has one writer anyway
    list(
        User.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk=person_id)
        .values_list("pk")
    )


def _in_flight(dedup_key: str) -> Job | None:
    if not dedup_key:
        return None
    return (
        Job.objects.select_for_update(no_key=True, of=("self",))
        .filter(dedup_key=dedup_key, status__in=UNFINISHED, cancel_requested_at=None)
        .first()
    )


def _join(job: Job, *, person_id: int | None) -> Job:
    if person_id is None:
        return job
    watch = JobWatch.objects.filter(job=job, person_id=person_id).first()
    if watch is not None and watch.withdrawn_at is None:
        return job
    # Counted before joining: the joined job must not lower its own priority.
    waiting, unfinished = person_load(person_id=person_id)
    if waiting >= settings.JOBS_QUEUED_PER_OWNER:
        raise QueueFullError(retry_after_seconds=10)
    priority = _priority(kind_named(job.kind), unfinished=unfinished)
    if watch is None:
        JobWatch.objects.create(job=job, person_id=person_id)
    else:
        JobWatch.objects.filter(pk=watch.pk).update(withdrawn_at=None, asked_at=Now())
        # Above the seq that a withdrawn watcher was shown.
        Job.objects.filter(pk=job.pk).update(seq=F("seq") + 2)
    if job.status in WAITING and priority < job.priority:
        Job.objects.filter(pk=job.pk, status__in=WAITING).update(priority=priority)
        job.priority = priority
        hint_on_commit(_hint(job))
    job.refresh_from_db()
    publish_on_commit(job.topic)
    return job


def _refusal(load: LaneLoad, *, waiting: int) -> TooManyError | UnavailableError | None:
    """Why there can be no new job now; joining one may be possible all the same."""
    if waiting >= settings.JOBS_QUEUED_PER_OWNER:
        return QueueFullError(retry_after_seconds=10)
    # Jobs that fairness put back are never late: one person's backlog closes no lane to others.
    if load.waiting >= settings.LANE_DEPTH or load.late:
        return LaneFullError(retry_after_seconds=30)
    return None


def _priority(kind: JobKind, *, unfinished: int) -> int:
    """Fairness: the more unfinished jobs a person has, the later comes the next."""
    return min(_LOWEST_PRIORITY, kind.priority + unfinished)


def _inserted(job: Job) -> bool:
    try:
        with transaction.atomic():
            job.hinted_at = Now()
            job.save(force_insert=True)
    except IntegrityError:
        if not job.dedup_key:
            raise
        return False
    # The insert returned what the database set; this alone is still an expression.
    job.hinted_at = None
    return True


def _cancel(job: Job) -> None:
    waiting = Job.objects.filter(pk=job.pk, status__in=WAITING).update(
        status=Status.CANCELLED,
        cancel_requested_at=Now(),
        finished_at=Now(),
        seq=F("seq") + 1,
    )
    if not waiting:
        Job.objects.filter(pk=job.pk, status=Status.RUNNING, cancel_requested_at=None).update(
            cancel_requested_at=Now(), seq=F("seq") + 1
        )
    publish_on_commit(job.topic)


def _hint(job: Job) -> Hint:
    return Hint(job_id=str(job.pk), task=job.kind, lane=job.lane, priority=job.priority)
