"""Background work of courses."""

from django.conf import settings
from django.utils.translation import gettext_noop

from learning.courses.services.changes import course_changes_collect
from learning.courses.services.figures import figures_collect
from scheduler.jobs.tasks import JobContext, job


@job(
    "learning.figure_cleanup",
    lane="maintenance",
    label=gettext_noop("Clean-up of figures"),
    soft_time_limit_seconds=300,
    hard_time_limit_seconds=330,
    cancellable=False,
    every_seconds=settings.CLEANUP_SECONDS,
)
def clean_up(context: JobContext) -> None:
    """Pictures that no course refers to are gone, and old changes of the catalogue."""
    context.checkpoint()
    removed = figures_collect(older_than_seconds=settings.FILE_GRACE_SECONDS)
    changes = course_changes_collect()
    context.log(f"{removed} files removed")
    if changes:
        context.log(f"{changes} old changes removed")
