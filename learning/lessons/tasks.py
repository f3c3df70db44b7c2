"""Background work of lessons."""

from django.conf import settings
from django.utils.translation import gettext_noop

from learning.lessons.services import (
    COURSE_RENDITIONS_KIND,
    RENDITION_KIND,
    renditions_refresh,
    revision_render,
    revisions_collect,
)
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
def render(context: JobContext, *, revision_id: int) -> None:
    """The revision has its pages."""
    context.checkpoint()
    revision_render(revision_id=revision_id)


@job(
    COURSE_RENDITIONS_KIND,
    lane="interactive",
    label=gettext_noop("Pages of a course"),
    soft_time_limit_seconds=60,
    hard_time_limit_seconds=75,
    max_attempts=3,
    cancellable=False,
)
def render_course(context: JobContext, *, course_id: int) -> None:
    """Everything of the course that is read has its pages, or a job that makes them."""
    context.checkpoint()
    renditions_refresh(course_id=course_id)


@job(
    "learning.revision_cleanup",
    lane="maintenance",
    label=gettext_noop("Clean-up of revisions"),
    soft_time_limit_seconds=300,
    hard_time_limit_seconds=330,
    cancellable=False,
    every_seconds=settings.CLEANUP_SECONDS,
)
def clean_up(context: JobContext) -> None:
    """Revisions that are neither a draft nor part of a release are gone."""
    context.checkpoint()
    removed = revisions_collect(older_than_seconds=settings.FILE_GRACE_SECONDS)
    context.log(f"{removed} revisions removed")
