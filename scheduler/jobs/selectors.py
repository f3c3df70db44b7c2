"""Reading jobs: who may see which, and the status document that every channel speaks."""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Now
from django.utils.translation import gettext

from academy.accounts.models import User
from academy.platform.steps import step_told
from scheduler.jobs import estimates
from scheduler.jobs.errors import ERROR_TEXTS, JobNotFoundError
from scheduler.jobs.kinds import JobKind, kind_known
from scheduler.jobs.models import (
    FINISHED,
    UNFINISHED,
    WAITING,
    Job,
    JobLogLine,
    JobWatch,
    Status,
)


class JobResultDocument(TypedDict):
    """What a successful job made; the size is in bytes."""

    download_url: str | None
    file_size: int | None
    content_type: str | None


class JobErrorDocument(TypedDict):
    """Why a job failed: a stable code, and words for people."""

    code: str
    detail: str


class StatusDocument(TypedDict):
    """What poll, bulk, stream and socket say of a job. Times are ISO 8601 in UTC."""

    task_id: str
    kind: str
    title: str
    lane: str
    status: str
    progress: int
    step: str
    queue_position: int | None
    attempt: int
    max_attempts: int
    retry_count: int
    next_attempt_at: str | None
    created_at: str
    started_at: str | None
    finished_at: str | None
    checked_at: str
    task_age_seconds: float
    estimated_remaining_seconds: float | None
    can_cancel: bool
    can_retry: bool
    cancel_requested_at: str | None
    seq: int
    result: JobResultDocument | None
    error: JobErrorDocument | None
    correlation_id: str
    retry_of: str | None


def jobs_visible_to(person: User | None) -> QuerySet[Job]:
    """The jobs that `person` watches; all of them for an operator; none without a person."""
    if person is None or not person.is_active:
        return Job.objects.none()
    if person.is_operator:
        return Job.objects.all()
    return jobs_of(person_id=person.pk)


def jobs_of(*, person_id: int) -> QuerySet[Job]:
    """The jobs that the person asked for or joined, also those withdrawn from."""
    # A subquery, not a join: pages count and order it, and nothing may come twice.
    return Job.objects.filter(pk__in=JobWatch.objects.filter(person_id=person_id).values("job_id"))


def job_for(*, job_id: uuid.UUID | str, person: User | None) -> Job:
    """The job, if `person` may see it.

    Raises:
        JobNotFoundError: there is none, or it is none of the person's: the two look alike.
    """
    job = jobs_visible_to(person).filter(pk=job_id).first()
    if job is None:
        raise JobNotFoundError
    return job


def unfinished_count(*, person_id: int) -> int:
    """How many unfinished jobs the person watches."""
    return JobWatch.objects.filter(
        person_id=person_id, withdrawn_at=None, job__status__in=UNFINISHED
    ).count()


def waiting_in(lane: str) -> QuerySet[Job]:
    """Jobs that could run now if a worker were free, in the order in which they will."""
    return _in_turn(Job.objects.filter(lane=lane))


def _in_turn(jobs: QuerySet[Job]) -> QuerySet[Job]:
    due = jobs.filter(status__in=WAITING, cancel_requested_at=None, run_at__lte=Now())
    return due.order_by("priority", "run_at", "id")


def oldest_waiting_seconds(lane: str, *, max_priority: int | None = None) -> float:
    """How long the longest waiting job of the lane has been due; 0 when none waits."""
    waiting = waiting_in(lane)
    if max_priority is not None:
        waiting = waiting.filter(priority__lte=max_priority)
    row = waiting.order_by("run_at").annotate(now=Now()).values_list("run_at", "now").first()
    return (row[1] - row[0]).total_seconds() if row else 0.0


def status_document(job: Job, *, person_id: int | None) -> StatusDocument:
    """The document of one job as that person sees it. Queries: at most four."""
    return status_documents([job.pk], person_id=person_id)[str(job.pk)]


def status_documents(
    job_ids: Sequence[uuid.UUID | str], *, person_id: int | None
) -> dict[str, StatusDocument]:
    """Documents by id; ids without a job are left out. Queries do not grow with the number."""
    found = documents_of(Job.objects.filter(pk__in=job_ids), person_id=person_id)
    return {str(job.pk): document for job, document in found}


def documents_of(jobs: QuerySet[Any], *, person_id: int | None) -> list[tuple[Any, StatusDocument]]:
    """The jobs in their order, each with its document.

    One query, and one more where some of them wait in line.
    """
    withdrawn = JobWatch.objects.filter(job=OuterRef("pk"), person_id=person_id)
    read = list(_read(jobs).annotate(withdrawn_at=Subquery(withdrawn.values("withdrawn_at"))))
    positions = queue_positions(read)
    return [
        (job, _document_for(job, position=positions.get(job.pk), person_id=person_id))
        for job in read
    ]


def _document_for(job: Any, *, position: int | None, person_id: int | None) -> StatusDocument:
    at = _iso(job.withdrawn_at)
    return for_person(
        _document(job, now=job.now, position=position),
        withdrawn={person_id: at} if at and person_id is not None else {},
        person_id=person_id,
    )


def _read(jobs: QuerySet[Any]) -> QuerySet[Any]:
    read: QuerySet[Any] = jobs.annotate(now=Now())
    return read.defer("traceback", "params")


def plain_documents(job_ids: Sequence[uuid.UUID | str]) -> dict[str, StatusDocument]:
    """Documents as somebody sees them who did not withdraw."""
    jobs = list(_read(Job.objects.filter(pk__in=job_ids)))
    positions = queue_positions(jobs)
    return {
        str(job.pk): _document(job, now=job.now, position=positions.get(job.pk)) for job in jobs
    }


def withdrawals(job_ids: Sequence[uuid.UUID | str]) -> dict[str, dict[int, str]]:
    """By job: who withdrew from it, and when (ISO 8601)."""
    found: dict[str, dict[int, str]] = {}
    rows = JobWatch.objects.filter(job_id__in=job_ids, withdrawn_at__isnull=False)
    for job_id, person_id, at in rows.values_list("job_id", "person_id", "withdrawn_at"):
        found.setdefault(str(job_id), {})[person_id] = _iso(at) or ""
    return found


def for_person(
    document: StatusDocument, *, withdrawn: Mapping[int, str], person_id: int | None
) -> StatusDocument:
    """For somebody who cancelled, the job is cancelled, even while it goes on for others."""
    if person_id is None or person_id not in withdrawn or document["status"] == Status.CANCELLED:
        return document
    return {
        **document,
        "status": Status.CANCELLED.value,
        # Ahead of whatever the row's own seq was when the watch was withdrawn.
        "seq": document["seq"] + 1,
        "finished_at": withdrawn[person_id],
        "queue_position": None,
        "estimated_remaining_seconds": None,
        "next_attempt_at": None,
        "can_cancel": False,
        "can_retry": True,
        "result": None,
        "error": None,
    }


def in_words(document: StatusDocument) -> StatusDocument:
    """A document that was made without a language, in the one of now."""
    known = kind_known(document["kind"])
    told = document.copy()
    # A title of its own may have the words of any message of ours.
    if known and document["title"] == known.label:
        told["title"] = gettext(known.label)
    told["step"] = step_told(document["step"])
    error = document["error"]
    if error:
        told["error"] = {"code": error["code"], "detail": gettext(error["detail"])}
    return told


def queue_positions(jobs: Sequence[Job]) -> dict[uuid.UUID, int]:
    """Place in line (1 = next) of those that wait: one query."""
    waiting = [job for job in jobs if job.status in WAITING and job.cancel_requested_at is None]
    if len(waiting) == 1:
        place = _place_of(waiting[0])
        return {} if place is None else {waiting[0].pk: place}
    wanted = {job.pk for job in waiting}
    counts: Counter[str] = Counter()
    places: dict[uuid.UUID, int] = {}
    for lane, pk in _order({job.lane for job in waiting}):
        counts[lane] += 1
        if pk in wanted:
            places[pk] = counts[lane]
    return places


def _order(lanes: Collection[str]) -> Iterable[tuple[str, uuid.UUID]]:
    return _in_turn(Job.objects.filter(lane__in=lanes)).values_list("lane", "pk")


def _place_of(job: Job) -> int | None:
    # Read back inside the query: SQLite compares times as text, and ours has other digits.
    due = Subquery(Job.objects.filter(pk=job.pk).values("run_at")[:1])
    before = Q(priority__lt=job.priority) | Q(priority=job.priority, run_at__lt=due)
    before |= Q(priority=job.priority, run_at=due, pk__lt=job.pk)
    found = waiting_in(job.lane).aggregate(
        ahead=Count("pk", filter=before), itself=Count("pk", filter=Q(pk=job.pk))
    )
    # Between two tries it is not in line yet.
    return int(found["ahead"]) + 1 if found["itself"] else None


def _document(job: Job, *, now: datetime, position: int | None) -> StatusDocument:
    finished = job.status in FINISHED
    known = kind_known(job.kind)
    return {
        "task_id": str(job.pk),
        "kind": job.kind,
        "title": job.title or (gettext(known.label) if known else job.kind),
        "lane": job.lane,
        "status": job.status,
        "progress": job.progress,
        "step": step_told(job.step),
        "queue_position": position,
        "attempt": job.attempt,
        "max_attempts": job.max_attempts,
        "retry_count": max(0, job.attempt - 1),
        "next_attempt_at": _iso(job.run_at) if job.status == Status.RETRYING else None,
        "created_at": _iso(job.created_at) or "",
        "started_at": _iso(job.started_at),
        "finished_at": _iso(job.finished_at),
        "checked_at": _iso(now) or "",
        "task_age_seconds": round((now - job.created_at).total_seconds(), 3),
        "estimated_remaining_seconds": estimates.remaining_seconds(job, now=now, position=position),
        "can_cancel": not finished
        and job.cancel_requested_at is None
        and (known is None or known.cancellable),
        "can_retry": known is not None and finished and job.status != Status.SUCCEEDED,
        "cancel_requested_at": _iso(job.cancel_requested_at),
        "seq": job.seq,
        "result": _result(job),
        "error": _error(job),
        "correlation_id": job.correlation_id,
        "retry_of": str(job.retry_of_id) if job.retry_of_id else None,
    }


def _result(job: Job) -> JobResultDocument | None:
    if job.status != Status.SUCCEEDED or not isinstance(job.result, dict):
        return None
    return {
        "download_url": job.result.get("download_url"),
        "file_size": job.result.get("file_size"),
        "content_type": job.result.get("content_type"),
    }


def _error(job: Job) -> JobErrorDocument | None:
    if not job.error_code or job.status == Status.SUCCEEDED:
        return None
    detail = job.error_detail or str(ERROR_TEXTS.get(job.error_code, job.error_code))
    return {"code": job.error_code, "detail": detail}


def _iso(moment: Any) -> str | None:
    if moment is None:
        return None
    return str(moment.isoformat(timespec="milliseconds")).replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class LaneLoad:
    """Jobs that wait in a lane: all, those that come before a new one, those that are late."""

    waiting: int
    ahead: int
    late: int


def lane_load(kind: JobKind, *, priority: int, late_seconds: float) -> LaneLoad:
    """What waits before a new job of that priority; late are jobs of the kind's full priority.

    One query over the waiting jobs, whose number the lane's limit bounds.
    """
    horizon = Now() - timedelta(seconds=late_seconds)
    found = Job.objects.filter(
        lane=kind.lane, status__in=WAITING, cancel_requested_at=None
    ).aggregate(
        waiting=Count("pk"),
        ahead=Count("pk", filter=Q(priority__lte=priority, run_at__lte=Now())),
        late=Count("pk", filter=Q(priority__lte=kind.priority, run_at__lt=horizon)),
    )
    return LaneLoad(**found)


def document_of_new(job: Job, *, ahead: int) -> StatusDocument:
    """The document of a job that this very transaction made, without a query."""
    return _document(job, now=job.created_at, position=ahead + 1)


def person_load(*, person_id: int) -> tuple[int, int]:
    """How many jobs of the person wait, and how many are unfinished altogether."""
    found = JobWatch.objects.filter(
        person_id=person_id, withdrawn_at=None, job__status__in=UNFINISHED
    ).aggregate(waiting=Count("pk", filter=Q(job__status__in=WAITING)), unfinished=Count("pk"))
    return found["waiting"], found["unfinished"]


def documents_visible_to(job_ids: Sequence[str], *, person: User) -> dict[str, StatusDocument]:
    """Documents of those jobs that the person may see, by the text that was asked with."""
    asked: dict[str, uuid.UUID] = {}
    for text in job_ids:
        try:
            asked[text] = uuid.UUID(text)
        except ValueError:
            continue
    visible = list(
        jobs_visible_to(person).filter(pk__in=asked.values()).values_list("pk", flat=True)
    )
    documents = status_documents(visible, person_id=person.pk)
    return {text: documents[str(pk)] for text, pk in asked.items() if str(pk) in documents}


def older_than(jobs: QuerySet[Job], *, seconds: float) -> QuerySet[Job]:
    """Of `jobs`, those asked for longer ago than that."""
    return jobs.filter(created_at__lt=Now() - timedelta(seconds=seconds))


def jobs_as_seen_by(*, person_id: int) -> QuerySet[Any]:
    """The person's jobs with `seen_status`: cancelled where the person withdrew."""
    withdrawn = JobWatch.objects.filter(
        job=OuterRef("pk"), person_id=person_id, withdrawn_at__isnull=False
    )
    return jobs_of(person_id=person_id).annotate(
        seen_status=Case(
            When(Exists(withdrawn), then=Value(Status.CANCELLED.value)), default=F("status")
        )
    )


def seen_as(jobs: QuerySet[Any], *, status: str) -> QuerySet[Any]:
    """Of `jobs_as_seen_by`, those in that state."""
    return jobs.filter(seen_status=status)


def counts_by_status(jobs: QuerySet[Any]) -> dict[str, int]:
    """How many of `jobs_as_seen_by` are in each state; states without any are 0."""
    found = dict(jobs.order_by().values_list("seen_status").annotate(number=Count("pk")))
    return {status: found.get(status, 0) for status in Status.values}


def log_lines(*, job_id: uuid.UUID | str) -> list[JobLogLine]:
    """What the job's runs logged, oldest first."""
    return list(JobLogLine.objects.filter(job_id=job_id).order_by("pk"))
