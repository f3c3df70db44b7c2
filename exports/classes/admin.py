from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from academy.platform.administration.pages import ReadOnly
from exports.classes.models import ClassExport


@admin.register(ClassExport)
class ClassExportAdmin(ReadOnly):
    """Read only: a file is what its class was."""

    rank = 20
    list_display = ("course", "format", "row_count", "size", "generated_at")
    list_filter = ("format", "generated_at")
    search_fields = ("=id", "course__title", "course__slug")
    list_select_related = ("course", "artifact")
    ordering = ("-generated_at",)
    show_full_result_count = False

    @admin.display(description=_("bytes"), ordering="artifact__size")
    def size(self, export: ClassExport) -> int:
        return export.artifact.size
