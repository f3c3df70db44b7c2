"""Releases in the admin: read only, for a release is what it was."""

from django.contrib import admin

from academy.platform.administration.pages import ReadOnly, ReadOnlyLines
from learning.releases.models import Release, ReleaseLesson


class EntryInline(ReadOnlyLines):
    model = ReleaseLesson
    fields = ("position", "section_title", "lesson", "revision", "is_required", "completion")


@admin.register(Release)
class ReleaseAdmin(ReadOnly):
    rank = 50
    list_display = (
        "course", "number", "title", "lesson_count", "required_count", "author", "published_at"
    )  # fmt: skip
    list_filter = ("published_at", "language", "course")
    list_select_related = ("course", "author")
    search_fields = ("title", "note", "course__title", "course__slug")
    date_hierarchy = "published_at"
    ordering = ("-published_at",)
    inlines = (EntryInline,)
