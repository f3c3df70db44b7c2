"""Lessons in Django's plain admin."""

from typing import Any, Final

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from learning.courses.models import Status
from learning.courses.paths import lesson_path
from learning.lessons.models import Lesson, LessonAddress, LessonRendition
from learning.lessons.services import lesson_save, lessons_delete, lessons_set_status


class LessonForm(forms.ModelForm[Lesson]):
    class Meta:
        widgets = {
            "body": forms.Textarea(attrs={"rows": 32, "cols": 100, "dir": "auto"}),
            "summary": forms.Textarea(attrs={"rows": 2, "cols": 100, "dir": "auto"}),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        section, course = cleaned.get("section"), cleaned.get("course")
        if section and course and section.course_id != course.pk:
            self.add_error("section", _("This section belongs to another course."))
        return cleaned


class AddressInline(admin.TabularInline[LessonAddress, Lesson]):
    model = LessonAddress
    extra = 0
    can_delete = True
    readonly_fields = ("course", "slug")
    verbose_name_plural = _("old addresses")

    def has_add_permission(self, request: HttpRequest, obj: Lesson | None = None) -> bool:
        return False


@admin.register(Lesson)
class LessonAdmin(admin.ModelAdmin[Lesson]):
    form = LessonForm
    written: Final = (
        "course", "section", "position", "title", "slug", "summary", "language", "access",
        "status", "body",
    )  # fmt: skip
    readonly_fields = ("pages", "source_name", "content_hash", "created_at", "updated_at")
    list_display = ("title", "course", "position", "access", "status", "pages", "updated_at")
    list_filter = ("status", "access", "course")
    list_select_related = ("course", "rendition")
    search_fields = ("title", "slug", "summary", "course__title")
    autocomplete_fields = ("course", "section")
    prepopulated_fields = {"slug": ("title",)}
    inlines = (AddressInline,)
    actions = ("publish", "take_back")
    ordering = ("course", "position")

    def get_fields(self, request: HttpRequest, obj: Lesson | None = None) -> Any:
        return (*self.written, *self.get_readonly_fields(request, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Lesson | None = None) -> Any:
        return super().get_readonly_fields(request, obj) if obj else ()

    @admin.display(description=_("pages"))
    def pages(self, lesson: Lesson) -> str:
        rendition: LessonRendition | None = getattr(lesson, "rendition", None)
        if rendition is None or rendition.content_hash != lesson.content_hash:
            return str(_("being made"))
        return rendition.problem or str(_("current"))

    def view_on_site(self, obj: Lesson) -> str:
        return lesson_path(obj.permalink)

    def save_model(self, request: HttpRequest, obj: Lesson, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        lesson_save(lesson=obj)

    def delete_model(self, request: HttpRequest, obj: Lesson) -> None:
        lessons_delete(lessons=Lesson.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Lesson]) -> None:
        lessons_delete(lessons=queryset)

    @admin.action(description=_("Publish"))
    def publish(self, request: HttpRequest, queryset: QuerySet[Lesson]) -> None:
        lessons_set_status(lessons=queryset, status=Status.PUBLISHED)

    @admin.action(description=_("Take back to draft"))
    def take_back(self, request: HttpRequest, queryset: QuerySet[Lesson]) -> None:
        lessons_set_status(lessons=queryset, status=Status.DRAFT)
