"""Writing mails: queued with what asked for them, sent or kept by a job, gone after a while."""

import logging
import uuid
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models.functions import Now

from academy.accounts.services import has_spent_link
from notifications.email import smtp
from notifications.email.errors import (
    MailForgottenError,
    MailOutdatedError,
    MailRefusedError,
    MailServerMissingError,
    MailTooLargeError,
    MailUnderWayError,
)
from notifications.email.models import OutgoingMail, State
from notifications.email.selectors import MAIL_KIND, flight_of, is_under_way, mail_to_send
from scheduler.jobs.services import job_submit

_log = logging.getLogger(__name__)
_MOST_BYTES: Final = 10 * 2**20
_SUBJECT_CHARACTERS: Final = 998
_REPLY_CHARACTERS: Final = 200


@transaction.atomic
def mail_queue(*, message: EmailMessage) -> OutgoingMail | None:
    """The mail is a row of the caller's transaction, and a job will send it; None: to nobody.

    The job knows the mail's id alone: addresses and links stay out of jobs and logs.

    Raises:
        MailTooLargeError: it has more than 10 MB.
        BadHeaderError: an address or the subject has a line break in it.
        LaneFullError: too many mails wait.
    """
    recipients = message.recipients()
    if not recipients:
        return None
    mail_id = uuid.uuid4()
    # Django would ask the network for this machine's name.
    message.extra_headers.setdefault("Message-ID", f"<{mail_id}@{_site_name()}>")
    content = message.message().as_bytes(linesep="\r\n")
    if len(content) > _MOST_BYTES:
        raise MailTooLargeError
    mail = OutgoingMail.objects.create(
        id=mail_id,
        sender=message.from_email,
        recipients=recipients,
        subject=str(message.subject)[:_SUBJECT_CHARACTERS],
        text=str(message.body),
        content=content,
    )
    _submit(mail)
    return mail


def mail_resend_require(*, mail: OutgoingMail) -> None:
    """The mail can be sent again. Two queries, and one for each link that opens an account.

    Raises:
        MailForgottenError: it was sent or refused, and its text is gone.
        MailUnderWayError: a job is going to send it.
        MailServerMissingError: it was kept for want of a mail server, and there is none still.
        MailOutdatedError: a link in it is spent.
    """
    if not mail.content:
        raise MailForgottenError
    if is_under_way(mail):
        raise MailUnderWayError
    if not settings.MAIL_URL:
        raise MailServerMissingError
    if has_spent_link(mail.text):
        raise MailOutdatedError


@transaction.atomic
def mail_resend(*, mail_id: uuid.UUID) -> bool:
    """A new job sends the mail under its old `Message-ID`; False: it is gone.

    Raises:
        ConflictError: as `mail_resend_require` has it.
        LaneFullError: too many mails wait.
    """
    mail = OutgoingMail.objects.select_for_update(of=("self",)).filter(pk=mail_id).first()
    if mail is None:
        return False
    mail_resend_require(mail=mail)
    OutgoingMail.objects.filter(pk=mail.pk).update(state=State.QUEUED, reply="", ended_at=None)
    _submit(mail)
    return True


def _submit(mail: OutgoingMail) -> None:
    job_submit(
        kind=MAIL_KIND,
        params={"mail_id": str(mail.pk)},
        person_id=None,
        dedup_key=flight_of(mail.pk),
    )


def mail_deliver(*, mail_id: str) -> State | None:
    """The mail server has taken the mail, or there is none; None: the mail waits no more.

    Record the outcome by `mail_ended` in the transaction that finishes the job. A worker that is
    lost between the two sends the mail again, under the same `Message-ID`.

    Raises:
        MailUnsentError: no connection, no answer in time, or "come back later" (4xx).
        MailRefusedError: this mail is refused for good (5xx); that is recorded.
    """
    mail = mail_to_send(mail_id=mail_id)
    if mail is None:
        return None
    if not settings.MAIL_URL:
        if not settings.MAILBOX:
            _log.warning("mail %s reaches nobody: ACADEMY_MAIL_URL names no mail server", mail_id)
        return State.KEPT
    try:
        smtp.send(sender=mail.sender, recipients=list(mail.recipients), content=bytes(mail.content))
    except MailRefusedError as error:
        mail_ended(mail_id=mail_id, state=State.FAILED, reply=str(error))
        raise
    return State.SENT


def mail_ended(*, mail_id: str, state: State, reply: str = "") -> None:
    """A mail that waited has this state; what was sent or refused is no longer readable."""
    changes = {} if state == State.KEPT else {"text": "", "content": b""}
    OutgoingMail.objects.filter(pk=mail_id, state=State.QUEUED).update(
        state=state, reply=reply[:_REPLY_CHARACTERS], ended_at=Now(), **changes
    )


def mails_withdraw(*, address: str) -> int:
    """No mail to this address is left, sent or not; returns how many there were."""
    wanted = address.lower()
    # Few mails are younger than a week, and JSON is searched alike by no two databases.
    ids = [
        mail_id
        for mail_id, recipients in OutgoingMail.objects.values_list("pk", "recipients").iterator()
        if any(recipient.lower() == wanted for recipient in recipients)
    ]
    return OutgoingMail.objects.filter(pk__in=ids).delete()[0]


def mails_expire() -> int:
    """Mails older than `MAIL_KEEP_SECONDS` are gone, whatever became of them; their number."""
    old = Now() - timedelta(seconds=settings.MAIL_KEEP_SECONDS)
    return OutgoingMail.objects.filter(created_at__lt=old).delete()[0]


def _site_name() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"
