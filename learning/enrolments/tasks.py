"""Background work of enrolments."""

from django.conf import settings
from django.utils.translation import gettext_noop

from learning.enrolments.services import list_enrol, lists_expire
from learning.enrolments.services.lists import LIST_KIND
from scheduler.jobs.tasks import JobContext, job


@job(
    LIST_KIND,
    lane="default",
    label=gettext_noop("Enrolling a list of people"),
    soft_time_limit_seconds=900,
    hard_time_limit_seconds=930,
)
def enrol_list(context: JobContext, *, list_id: str) -> None:
    """Every line of the list has its outcome."""
    count = list_enrol(list_id=list_id, report=context.report)
    context.log(f"{count} lines worked through")


@job(
    "learning.enrolment_list_cleanup",
    lane="maintenance",
    label=gettext_noop("Clean-up of lists of people"),
    soft_time_limit_seconds=300,
    hard_time_limit_seconds=330,
    cancellable=False,
    every_seconds=settings.CLEANUP_SECONDS,
)
def clean_up(context: JobContext) -> None:
    """Lists of long ago are gone, and the addresses on them."""
    context.checkpoint()
    context.log(f"{lists_expire()} rows removed")
