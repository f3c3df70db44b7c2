from django.contrib import admin

from academy.platform.administration.pages import ReadOnly
from exports.artifacts.models import Artifact


@admin.register(Artifact)
class ArtifactAdmin(ReadOnly):
    """Read only: rows and files go together, by age, when nothing refers to them."""

    list_display = ("digest", "content_type", "size", "created_at")
    list_filter = ("content_type", "created_at")
    search_fields = ("=id", "digest", "inputs_hash")
    ordering = ("-created_at",)
    show_full_result_count = False
