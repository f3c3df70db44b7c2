"""Background work of files of classes."""

from functools import partial

from django.utils.translation import gettext_noop

from exports.classes.formats import CONTENT_TYPE
from exports.classes.paths import class_download_path
from exports.classes.selectors import CLASS_KIND
from exports.classes.services import class_export_record, class_export_resubmit
from exports.classes.table import class_table_make
from scheduler.jobs.kinds import MIB
from scheduler.jobs.tasks import JobContext, JobResult, job


@job(
    CLASS_KIND,
    lane="default",
    label=gettext_noop("Class as a table"),
    soft_time_limit_seconds=120,
    hard_time_limit_seconds=150,
    max_attempts=3,
    memory_limit_bytes=700 * MIB,
    resubmit=class_export_resubmit,
)
def write_class_table(
    context: JobContext, *, course_id: int, format: str, language: str
) -> JobResult:
    """The class is a file that can be downloaded."""
    made = class_table_make(
        course_id=course_id, format=format, language=language, report=context.report
    )
    return JobResult(
        download_url=class_download_path(made.id),
        file_size=made.stored.size,
        content_type=CONTENT_TYPE,
        # In the finishing transaction: a job that was cancelled leaves no row.
        commit=partial(class_export_record, made=made),
    )
