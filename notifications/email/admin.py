from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from notifications.email.models import OutgoingMail


@admin.register(OutgoingMail)
class OutgoingMailAdmin(admin.ModelAdmin[OutgoingMail]):
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

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
