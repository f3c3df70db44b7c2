"""Progress in the admin: to be looked at, never changed there."""

from django.contrib import admin

from academy.platform.administration.pages import ReadOnly
from learning.progress.models import CourseProgress, LessonProgress, ProgressEvent

_PERSON_SEARCH = (
    "enrolment__person__username",
    "enrolment__person__email",
    "enrolment__person__display_name",
)


@admin.register(ProgressEvent)
class ProgressEventAdmin(ReadOnly):
    list_display = ("enrolment", "lesson", "kind", "occurred_at", "at", "by")
    list_filter = ("kind", "enrolment__course")
    list_select_related = ("enrolment__person", "enrolment__course", "lesson", "by")
    search_fields = (*_PERSON_SEARCH, "lesson__title", "event_id")
    date_hierarchy = "at"


@admin.register(LessonProgress)
class LessonProgressAdmin(ReadOnly):
    list_display = ("enrolment", "lesson", "state", "completed_at", "checkpoint_at", "seconds")
    list_filter = ("state", "enrolment__course")
    list_select_related = ("enrolment__person", "enrolment__course", "lesson")
    search_fields = (*_PERSON_SEARCH, "lesson__title")


@admin.register(CourseProgress)
class CourseProgressAdmin(ReadOnly):
    rank = 60
    list_display = (
        "enrolment", "percent", "completed_count", "required_count", "last_lesson",
        "last_active_at", "completed_at", "release",
    )  # fmt: skip
    list_filter = ("enrolment__course",)
    list_select_related = ("enrolment__person", "enrolment__course", "last_lesson", "release")
    search_fields = _PERSON_SEARCH
    ordering = ("-changed_at",)
