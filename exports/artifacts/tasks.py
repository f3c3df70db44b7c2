"""Background work of artifacts."""

from django.conf import settings
from django.utils.translation import gettext_noop

from exports.artifacts.services import artifacts_collect, artifacts_release
from scheduler.jobs.tasks import JobContext, JobResult, job


@job(
    "exports.collect",
    lane="maintenance",
    label=gettext_noop("Clean-up of documents"),
    soft_time_limit_seconds=300,
    hard_time_limit_seconds=330,
    cancellable=False,
    every_seconds=settings.CLEANUP_SECONDS,
)
def collect(context: JobContext) -> JobResult:
    """Documents that nothing refers to any more are gone, rows and files."""
    context.report(0, gettext_noop("Replaced documents"))
    released = artifacts_release()
    context.report(30, gettext_noop("Files"))
    rows, files = artifacts_collect(older_than_seconds=settings.FILE_GRACE_SECONDS)
    context.log(f"{released} replaced, {rows} rows and {files} files removed")
    return JobResult(extra={"released": released, "rows": rows, "files": files})
