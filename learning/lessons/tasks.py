"""Background work of lessons."""

from django.utils.translation import gettext_noop

from learning.lessons.services import RENDITION_KIND, lesson_render
from scheduler.jobs.kinds import MIB
from scheduler.jobs.tasks import JobContext, job


@job(
    RENDITION_KIND,
    lane="interactive",
    label=gettext_noop("Pages of a lesson"),
    soft_time_limit_seconds=60,
    hard_time_limit_seconds=75,
    max_attempts=3,
    memory_limit_bytes=700 * MIB,
    cancellable=False,
)
def render(context: JobContext, *, lesson_id: int) -> None:
    """The lesson's pages show its current text."""
    context.checkpoint()
    lesson_render(lesson_id=lesson_id)
