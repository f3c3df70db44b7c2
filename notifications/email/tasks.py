"""Background work of mails."""

from functools import partial

from django.conf import settings
from django.utils.translation import gettext_noop

from notifications.email.errors import MailUnsentError
from notifications.email.selectors import MAIL_KIND
from notifications.email.services import mail_deliver, mail_ended, mails_expire
from notifications.email.smtp import TOTAL_STEPS
from scheduler.jobs.tasks import JobContext, JobResult, job

_FIRST_WAIT_SECONDS = 30
_LONGEST_WAIT_SECONDS = 3600
_LONGEST_RUN_SECONDS = settings.MAIL_TIMEOUT_SECONDS * (TOTAL_STEPS + 2)


@job(
    MAIL_KIND,
    lane="io",
    label=gettext_noop("Mail"),
    soft_time_limit_seconds=_LONGEST_RUN_SECONDS,
    # About five hours, since mail servers are sometimes away for some.
    max_attempts=12,
)
def deliver(context: JobContext, *, mail_id: str) -> JobResult:
    """The mail is sent, or kept where there is no mail server."""
    try:
        state = mail_deliver(mail_id=mail_id)
    except MailUnsentError as error:
        wait = min(_LONGEST_WAIT_SECONDS, _FIRST_WAIT_SECONDS * 2 ** (context.attempt - 1))
        raise MailUnsentError(str(error), retry_after_seconds=wait) from None
    if state is None:
        return JobResult()
    return JobResult(commit=partial(mail_ended, mail_id=mail_id, state=state))


@job(
    "notifications.expire",
    lane="maintenance",
    label=gettext_noop("Clean-up of mails"),
    soft_time_limit_seconds=120,
    cancellable=False,
    every_seconds=settings.CLEANUP_SECONDS,
)
def expire(context: JobContext) -> JobResult:
    """Mails that have served their time are gone."""
    removed = mails_expire()
    context.log(f"{removed} mails")
    return JobResult(extra={"mails": removed})
