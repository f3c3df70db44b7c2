from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from exports.classes.models import ClassExport


@admin.register(ClassExport)
class ClassExportAdmin(admin.ModelAdmin[ClassExport]):
    """Read only: a file is what its class was."""

    list_display = ("course", "format", "row_count", "size", "generated_at")
    list_filter = ("format", "generated_at")
    search_fields = ("=id", "course__title", "course__slug")
    list_select_related = ("course", "artifact")
    ordering = ("-generated_at",)
    show_full_result_count = False

    @admin.display(description="bytes", ordering="artifact__size")
    def size(self, export: ClassExport) -> int:
        return export.artifact.size

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
