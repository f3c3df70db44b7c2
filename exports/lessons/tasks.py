"""Background work of exports."""

from functools import partial

from django.conf import settings
from django.utils.translation import gettext_noop

from exports.lessons.formats import format_named
from exports.lessons.paths import download_path
from exports.lessons.rendering import lesson_export_make
from exports.lessons.selectors import EXPORT_KIND, Exported
from exports.lessons.services import lesson_export_record, lesson_export_resubmit
from scheduler.jobs.tasks import JobContext, JobResult, job


@job(
    EXPORT_KIND,
    lane="interactive",
    label=gettext_noop("Lesson as a document"),
    soft_time_limit_seconds=120,
    hard_time_limit_seconds=150,
    max_attempts=3,
    memory_limit_bytes=settings.EXPORT_MEMORY_BYTES,
    resubmit=lesson_export_resubmit,
)
def render_lesson_document(
    context: JobContext, *, revision_id: int, format: str, is_draft: bool
) -> JobResult:
    """The revision has a fresh document in that format."""
    made = lesson_export_make(
        revision_id=revision_id, format=format, is_draft=is_draft, report=context.report
    )
    if isinstance(made, Exported):
        return JobResult(
            download_url=made.download_url,
            file_size=made.file_size,
            content_type=made.content_type,
        )
    return JobResult(
        download_url=download_path(made.id),
        file_size=made.stored.size,
        content_type=format_named(format).content_type,
        # In the finishing transaction: a job that was cancelled leaves no row.
        commit=partial(lesson_export_record, made=made),
    )
