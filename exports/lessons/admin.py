from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from academy.accounts.models import User
from academy.platform.administration.pages import ReadOnly
from academy.platform.errors import AcademyError
from exports.lessons.models import FigurePicture, LessonExport
from exports.lessons.paths import download_path
from exports.lessons.services import lesson_export_renew


@admin.register(LessonExport)
class LessonExportAdmin(ReadOnly):
    """Read only: a document is what its lesson makes it."""

    rank = 10
    list_display = (
        "lesson",
        "format",
        "is_draft",
        "size",
        "page_count",
        "generated_at",
        "state",
        "file",
    )
    list_filter = (
        "format",
        "is_draft",
        "generated_at",
        ("replaced_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("=id", "lesson__title", "lesson__slug", "lesson__course__title")
    list_select_related = ("lesson__course", "artifact")
    date_hierarchy = "generated_at"
    ordering = ("-generated_at",)
    show_full_result_count = False
    actions = ("make_anew",)

    @admin.display(description=_("bytes"), ordering="artifact__size")
    def size(self, export: LessonExport) -> int:
        return export.artifact.size

    @admin.display(description=_("current"), boolean=True, ordering="replaced_at")
    def state(self, export: LessonExport) -> bool:
        return export.replaced_at is None

    @admin.display(description=_("file"))
    def file(self, export: LessonExport) -> SafeString:
        return format_html('<a href="{}">{}</a>', download_path(export.pk), _("Download"))

    @admin.action(description=_("Make anew"), permissions=["view"])
    def make_anew(self, request: HttpRequest, exports: QuerySet[LessonExport]) -> None:
        assert isinstance(request.user, User)
        asked = 0
        for export in exports.select_related("lesson__course", "revision"):
            try:
                lesson_export_renew(export=export, acting_user=request.user)
                asked += 1
            except AcademyError as error:
                self.message_user(request, f"{export.lesson}: {error}", messages.WARNING)
        text = ngettext("%(n)d document is being made.", "%(n)d documents are being made.", asked)
        self.message_user(request, text % {"n": asked})


@admin.register(FigurePicture)
class FigurePictureAdmin(ReadOnly):
    """Read only: drawn once of a figure, and named by its content."""

    list_display = ("source_digest", "recipe", "digest", "created_at")
    list_filter = ("recipe", "created_at")
    search_fields = ("source_digest", "digest", "recipe")
    ordering = ("-created_at",)
    show_full_result_count = False
