"""How long a job will take, from how long its like took."""

import statistics
import threading
import time
from datetime import datetime
from typing import Final

from django.db.models import F

from scheduler.jobs.models import Job, Status

_SAMPLE: Final = 40
_FRESH_SECONDS: Final = 5.0
_lock: Final = threading.Lock()
_known: Final[dict[str, tuple[float, dict[str, float], float | None]]] = {}


def remaining_seconds(job: Job, *, now: datetime, position: int | None) -> float | None:
    """Seconds until `job` ends; None when its kind has no history or the guess has run out."""
    if job.status not in {Status.QUEUED, Status.RUNNING}:
        return None
    by_subject, typical = _history(job.kind)
    whole = by_subject.get(job.subject, typical)
    if whole is None:
        return None
    if job.status == Status.QUEUED:
        ahead = (position or 1) - 1
        return round(ahead * (typical or whole) + whole, 1)
    if job.started_at is None:
        return None
    left = whole - (now - job.started_at).total_seconds()
    return round(left, 1) if left > 0 else None


def _history(kind: str) -> tuple[dict[str, float], float | None]:
    """Seconds that the newest successes took: the last of each subject, and the median.

    Kept for some seconds in the process: it is read with every status document.
    """
    with _lock:
        read_at, by_subject, typical = _known.get(kind, (-_FRESH_SECONDS, {}, None))
    if time.monotonic() - read_at < _FRESH_SECONDS:
        return by_subject, typical
    rows = (
        Job.objects.filter(kind=kind, status=Status.SUCCEEDED, started_at__isnull=False)
        .order_by(F("finished_at").desc())
        .values_list("subject", "started_at", "finished_at")[:_SAMPLE]
    )
    durations = [
        (subject, (end - start).total_seconds()) for subject, start, end in rows if start and end
    ]
    by_subject = dict(reversed(durations))
    typical = statistics.median(seconds for _, seconds in durations) if durations else None
    with _lock:
        _known[kind] = (time.monotonic(), by_subject, typical)
    return by_subject, typical
