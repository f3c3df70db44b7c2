"""Lessons in Django's plain admin."""

from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from academy.platform.administration.pages import ModelAdmin, ReadOnly, TabularInline
from academy.platform.errors import AcademyError
from learning.courses.models import Status
from learning.courses.paths import lesson_path
from learning.enrolments.models import DripOverride, DripRule
from learning.lessons.models import (
    Lesson,
    LessonAddress,
    LessonFigure,
    LessonRendition,
    LessonRevision,
)
from learning.lessons.services import (
    RESERVED_SLUGS,
    lesson_save,
    lessons_delete,
    lessons_set_status,
)
from learning.lessons.videos import require_video_address
from learning.progress.rules import expression_require
from learning.releases.models import ReleaseLesson


class LessonForm(forms.ModelForm[Lesson]):
    video_url = forms.URLField(
        label=_("video"),
        required=False,
        max_length=500,
        assume_scheme="https",
        validators=[require_video_address],
    )

    class Meta:
        widgets = {
            "body": forms.Textarea(attrs={"rows": 32, "cols": 100, "dir": "auto"}),
            "summary": forms.Textarea(attrs={"rows": 2, "cols": 100, "dir": "auto"}),
        }

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"])
        if slug in RESERVED_SLUGS and slug != self.instance.slug:
            raise forms.ValidationError(_("A page of the course has this address."))
        return slug

    def clean_completion(self) -> object:
        completion = self.cleaned_data["completion"] or {}
        try:
            expression_require(completion)
        except AcademyError as error:
            raise forms.ValidationError(str(error), code=error.code) from error
        return completion

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        course = cleaned.get("course") or getattr(self.instance, "course", None)
        section = cleaned.get("section")
        if section and course and section.course_id != course.pk:
            self.add_error("section", _("This section belongs to another course."))
        return cleaned


class AddressInline(TabularInline[LessonAddress, Lesson]):
    model = LessonAddress
    extra = 0
    can_delete = True
    readonly_fields = ("course", "slug")
    verbose_name_plural = _("old addresses")

    def has_add_permission(self, request: HttpRequest, obj: Lesson | None = None) -> bool:
        return False


@admin.register(Lesson)
class LessonAdmin(ModelAdmin[Lesson]):
    rank = 20
    form = LessonForm
    written: Final = (
        "course", "section", "position", "title", "slug", "summary", "language", "access",
        "video_url", "is_required", "completion", "status", "body",
    )  # fmt: skip
    told: Final = ("pages", "source_name", "content_hash", "created_at", "updated_at")
    list_display = ("title", "course", "position", "access", "status", "pages", "updated_at")
    list_filter = ("status", "access", "course")
    list_select_related = ("course", "draft_revision__rendition")
    search_fields = ("title", "slug", "summary", "course__title")
    autocomplete_fields = ("course", "section")
    prepopulated_fields = {"slug": ("title",)}
    inlines = (AddressInline,)
    actions = ("publish", "take_back")
    gone_with = (LessonRevision, LessonRendition, LessonFigure, DripRule, DripOverride)
    ordering = ("course", "position")

    def get_fields(self, request: HttpRequest, obj: Lesson | None = None) -> Any:
        return (*self.written, *(self.told if obj else ()))

    def get_readonly_fields(self, request: HttpRequest, obj: Lesson | None = None) -> Any:
        # In another course, releases and progress of this one would have a lesson that is not theirs.
        return ("course", *self.told) if obj else ()

    @admin.display(description=_("pages"))
    def pages(self, lesson: Lesson) -> str:
        rendition: LessonRendition | None = getattr(lesson.draft_revision, "rendition", None)
        if rendition is None:
            return str(_("being made"))
        return rendition.problem or str(_("current"))

    def view_on_site(self, obj: Lesson) -> str:
        return lesson_path(obj.permalink)

    def save_model(self, request: HttpRequest, obj: Lesson, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        # Whatever else somebody wrote since the form's row was read is to stay.
        lesson_save(lesson=obj, fields=form.changed_data)

    def has_delete_permission(self, request: HttpRequest, obj: Lesson | None = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        # One of a release leaves the next one; the row stays for those who read the earlier ones.
        return allowed and not (obj and ReleaseLesson.objects.filter(lesson=obj).exists())

    def delete_model(self, request: HttpRequest, obj: Lesson) -> None:
        lessons_delete(lessons=Lesson.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Lesson]) -> None:
        try:
            lessons_delete(lessons=queryset)
        except AcademyError as error:
            self.message_user(request, str(error), messages.ERROR)

    @admin.action(description=_("Put into the next release"))
    def publish(self, request: HttpRequest, queryset: QuerySet[Lesson]) -> None:
        changed = lessons_set_status(lessons=queryset, status=Status.PUBLISHED)
        text = ngettext(
            "%(n)d more lesson will be in the next release.",
            "%(n)d more lessons will be in the next release.",
            changed,
        )
        self.message_user(request, text % {"n": changed})

    @admin.action(description=_("Leave out of the next release"))
    def take_back(self, request: HttpRequest, queryset: QuerySet[Lesson]) -> None:
        changed = lessons_set_status(lessons=queryset, status=Status.DRAFT)
        text = ngettext(
            "%(n)d lesson will no longer be in the next release.",
            "%(n)d lessons will no longer be in the next release.",
            changed,
        )
        self.message_user(request, text % {"n": changed})


@admin.register(LessonRevision)
class LessonRevisionAdmin(ReadOnly):
    """Read only: a revision is what a lesson said once."""

    list_display = ("title", "lesson", "language", "access", "content_hash", "created_at")
    list_filter = ("access", "language", "created_at")
    list_select_related = ("lesson",)
    exclude = ("body",)
    readonly_fields = ("text",)
    search_fields = ("title", "content_hash", "lesson__slug", "course_slug")
    show_full_result_count = False


class OfRevision(ReadOnly):
    """What was made of a revision, with the course that it was of."""

    @admin.display(description=_("course"), ordering="revision__course_slug")
    def course(self, made: LessonRendition | LessonFigure) -> str:
        return made.revision.course_slug


@admin.register(LessonRendition)
class LessonRenditionAdmin(OfRevision):
    """Read only: made of the revision, and made anew when it is not current."""

    list_display = (
        "revision", "course", "renderer_version", "word_count", "minutes", "problem_code", "made_at"
    )  # fmt: skip
    list_filter = ("problem_code", "renderer_version", "made_at")
    list_select_related = ("revision",)
    search_fields = ("revision__title", "revision__course_slug", "problem_code", "problem")
    ordering = ("-made_at",)
    show_full_result_count = False


@admin.register(LessonFigure)
class LessonFigureAdmin(OfRevision):
    """Read only: what a revision shows is what it showed."""

    list_display = ("name", "revision", "course", "content_type", "in_preview", "digest")
    list_filter = ("content_type", "in_preview")
    list_select_related = ("revision",)
    search_fields = ("name", "digest", "revision__title", "revision__course_slug")
    ordering = ("-pk",)
    show_full_result_count = False
