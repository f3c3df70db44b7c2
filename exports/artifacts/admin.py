from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from exports.artifacts.models import Artifact


@admin.register(Artifact)
class ArtifactAdmin(admin.ModelAdmin[Artifact]):
    """Read only: rows and files go together, by age, when nothing refers to them."""

    list_display = ("digest", "content_type", "size", "created_at")
    list_filter = ("content_type", "created_at")
    search_fields = ("=id", "digest", "inputs_hash")
    ordering = ("-created_at",)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
