"""Reading mails."""

import uuid
from typing import Final

from django.db.models import QuerySet

from notifications.email.models import OutgoingMail, State
from scheduler.jobs.models import UNFINISHED, Job

MAIL_KIND: Final = "notifications.email"
_NO_CONTENT = ("content",)


def flight_of(mail_id: uuid.UUID | str) -> str:
    """What keeps two jobs from sending one mail at once."""
    return f"mail:{mail_id}"


def mail_to_send(*, mail_id: uuid.UUID | str) -> OutgoingMail | None:
    """The mail, if it still waits; None when it was sent, or is gone with its person."""
    return OutgoingMail.objects.filter(pk=mail_id, state=State.QUEUED).first()


def mails_stranded() -> list[uuid.UUID]:
    """Mails that wait while no job is going to send them: it was cancelled, or gave up."""
    waiting = list(OutgoingMail.objects.filter(state=State.QUEUED).values_list("pk", flat=True))
    jobs = Job.objects.filter(
        kind=MAIL_KIND, status__in=UNFINISHED, cancel_requested_at=None
    ).values_list("dedup_key", flat=True)
    under_way = set(jobs)
    return [mail_id for mail_id in waiting if flight_of(mail_id) not in under_way]


def is_under_way(mail: OutgoingMail) -> bool:
    """Whether a job is going to send the mail."""
    jobs = Job.objects.filter(dedup_key=flight_of(mail.pk), status__in=UNFINISHED)
    return mail.state == State.QUEUED and jobs.filter(cancel_requested_at=None).exists()


def mails_shown() -> QuerySet[OutgoingMail]:
    """All mails that can still be read, newest first, without their bytes."""
    return OutgoingMail.objects.exclude(text="").defer(*_NO_CONTENT).order_by("-created_at", "-pk")
