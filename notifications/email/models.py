"""Mails on their way."""

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    SENT = "sent", _("Sent")
    KEPT = "kept", _("Kept for the mailbox page")
    FAILED = "failed", _("Refused by the mail server")


class OutgoingMail(models.Model):
    """One mail, committed with the change that asked for it.

        queued ----> sent | kept | failed
          ^                  |
          +------------------+  (an operator sends it again)

    `content` is the whole message (RFC 5322) and `text` its readable part: both are secret, since
    they carry links that open accounts, and both are empty once the mail is sent. `kept`: there is
    no mail server. The `Message-ID` is made of the id, so a mail that is sent twice shows it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sender = models.CharField(_("from"), max_length=320)
    recipients = models.JSONField(_("to"))
    subject = models.CharField(_("subject"), max_length=998)
    text = models.TextField(blank=True)
    content = models.BinaryField(blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    reply = models.CharField(_("the server's answer"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("written"), db_default=Now())
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        indexes = (
            models.Index(fields=["created_at"], name="mails_by_age"),
            models.Index(fields=["state", "-created_at"], name="mails_by_state"),
        )

    def __str__(self) -> str:
        return self.subject
