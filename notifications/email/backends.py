"""Django's mail, as jobs."""

from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from notifications.email.services import mail_queue


class QueuedBackend(BaseEmailBackend):
    """`EmailMessage.send` makes a row and a job in the caller's transaction, and waits for nobody."""

    def __init__(self, fail_silently: bool = False, **kwargs: Any) -> None:  # noqa: FBT001, FBT002 - Django's signature
        super().__init__(fail_silently=fail_silently, **kwargs)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """All of them are queued, or none; returns how many."""
        with transaction.atomic():
            return sum(mail_queue(message=message) is not None for message in email_messages)
