"""Declaring kinds of jobs, and running them in workers."""

from scheduler.jobs.tasks.context import JobContext, JobResult
from scheduler.jobs.tasks.declaring import job

__all__ = ["JobContext", "JobResult", "job"]
