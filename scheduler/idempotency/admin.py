from django.contrib import admin

from academy.platform.administration.pages import ReadOnly
from scheduler.idempotency.models import IdempotencyKey


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ReadOnly):
    """Read only: a key that an operator changed or deleted would break its promise."""

    list_display = ("scope", "key", "status_code", "created_at", "expires_at")
    list_filter = ("status_code", "created_at")
    search_fields = ("scope", "key")
    ordering = ("-created_at",)
    show_full_result_count = False
