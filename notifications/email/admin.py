from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from academy.platform.administration.pages import ReadOnly
from notifications.email.models import OutgoingMail


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnly):
    """Read only and without their text: mails carry links that open other people's accounts."""

    list_display = ("subject", "to", "state", "reply", "created_at", "ended_at")
    list_filter = ("state", "created_at")
    search_fields = ("=id", "subject", "recipients")
    fields = ("id", "sender", "recipients", "subject", "state", "reply", "created_at", "ended_at")
    ordering = ("-created_at",)
    show_full_result_count = False

    @admin.display(description=_("to"))
    def to(self, mail: OutgoingMail) -> str:
        return ", ".join(mail.recipients)
