"""Reading mails."""

import uuid

from django.db.models import QuerySet

from notifications.email.models import OutgoingMail, State

_NO_CONTENT = ("content",)


def mail_to_send(*, mail_id: uuid.UUID | str) -> OutgoingMail | None:
    """The mail, if it still waits; None when it was sent, or is gone with its person."""
    return OutgoingMail.objects.filter(pk=mail_id, state=State.QUEUED).first()


def mails_shown() -> QuerySet[OutgoingMail]:
    """All mails that can still be read, newest first, without their bytes."""
    return OutgoingMail.objects.exclude(text="").defer(*_NO_CONTENT).order_by("-created_at", "-pk")
