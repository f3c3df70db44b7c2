from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from academy.platform.administration.pages import ModelAdmin
from scheduler.idempotency.models import IdempotencyKey


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ModelAdmin[IdempotencyKey]):
    """Read only: a key that an operator changed would break its promise."""

    list_display = ("scope", "key", "status_code", "created_at", "expires_at")
    search_fields = ("scope", "key")
    ordering = ("-created_at",)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
