"""Background work of people's own data."""

from functools import partial

from django.utils.translation import gettext_noop

from exports.people.paths import portrait_path
from exports.people.selectors import PORTRAIT_KIND
from exports.people.services import CONTENT_TYPE, portrait_make, portrait_record
from scheduler.jobs.kinds import MIB
from scheduler.jobs.tasks import JobContext, JobResult, job


@job(
    PORTRAIT_KIND,
    lane="default",
    label=gettext_noop("Your data"),
    soft_time_limit_seconds=300,
    hard_time_limit_seconds=330,
    memory_limit_bytes=500 * MIB,
)
def make_portrait(context: JobContext, *, person_id: int) -> JobResult:
    """The person can download everything that is known of them."""
    made = portrait_make(person_id=person_id, report=context.report)
    return JobResult(
        download_url=portrait_path(made.id),
        file_size=made.stored.size,
        content_type=CONTENT_TYPE,
        commit=partial(portrait_record, made=made),
    )
