"""Releases in the admin: read only, for a release is what it was."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from academy.platform.administration.pages import ModelAdmin, TabularInline
from learning.releases.models import Release, ReleaseLesson


class EntryInline(TabularInline[ReleaseLesson, Release]):
    model = ReleaseLesson
    extra = 0
    fields = ("position", "section_title", "lesson", "revision", "is_required", "completion")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Release)
class ReleaseAdmin(ModelAdmin[Release]):
    list_display = (
        "course", "number", "title", "lesson_count", "required_count", "author", "published_at"
    )  # fmt: skip
    list_filter = ("published_at", "language", "course")
    list_select_related = ("course", "author")
    search_fields = ("title", "note", "course__title", "course__slug")
    date_hierarchy = "published_at"
    ordering = ("-published_at",)
    inlines = (EntryInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
