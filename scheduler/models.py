"""The rooms' models, where Django looks for them."""

from scheduler.idempotency.models import IdempotencyKey
from scheduler.jobs.models import Job, JobLogLine, JobWatch, Process

__all__ = ["IdempotencyKey", "Job", "JobLogLine", "JobWatch", "Process"]
