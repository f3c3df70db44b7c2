"""Background work of progress."""

from django.utils.translation import gettext_noop

from learning.progress.services import COURSE_PROGRESS_KIND, course_progress_refresh
from scheduler.jobs.tasks import JobContext, job


@job(
    COURSE_PROGRESS_KIND,
    lane="interactive",
    label=gettext_noop("Percentages of a course"),
    soft_time_limit_seconds=120,
    hard_time_limit_seconds=150,
    max_attempts=3,
    cancellable=False,
)
def follow_release(context: JobContext, *, course_id: int) -> None:
    """Every learner's percentage is that of the release they read. Safe to run twice."""
    context.checkpoint()
    changed = course_progress_refresh(course_id=course_id)
    context.log(f"{changed} learners stand elsewhere now")
