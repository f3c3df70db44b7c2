from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from exports.people.models import PersonPortrait


@admin.register(PersonPortrait)
class PersonPortraitAdmin(admin.ModelAdmin[PersonPortrait]):
    """Read only: that a file was made is an operator's business, what is in it is not."""

    list_display = ("person", "generated_at")
    list_select_related = ("person",)
    search_fields = ("person__username", "person__email")
    fields = ("person", "generated_at")
    ordering = ("-generated_at",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
