"""The maintenance job: what has served its time goes."""

from django.conf import settings
from django.utils.translation import gettext_noop

from academy.accounts.services import spent_credentials_expire
from scheduler.idempotency.services import keys_expire
from scheduler.jobs.services import jobs_delete_old
from scheduler.jobs.tasks.context import JobContext, JobResult
from scheduler.jobs.tasks.declaring import job


@job(
    "scheduler.cleanup",
    lane="maintenance",
    label=gettext_noop("Cleaning up"),
    soft_time_limit_seconds=300,
    every_seconds=settings.CLEANUP_SECONDS,
)
def clean_up(context: JobContext) -> JobResult:
    context.report(0, gettext_noop("Expired keys and tokens"))
    keys = keys_expire()
    credentials = spent_credentials_expire()
    context.report(50, gettext_noop("Old jobs"))
    jobs = 0
    while removed := jobs_delete_old(older_than_seconds=settings.JOB_KEEP_SECONDS):
        jobs += removed
        context.checkpoint()
    context.log(f"{keys} idempotency keys, {credentials} credentials, {jobs} jobs")
    return JobResult(extra={"keys": keys, "credentials": credentials, "jobs": jobs})
