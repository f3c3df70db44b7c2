"""Courses, their pictures and who was let in, in Django's plain admin."""

from pathlib import PurePosixPath
from typing import Any, Final, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import display_for_value
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import npgettext

from academy.accounts.models import User
from academy.platform.administration.figures import Figure, counted, list_link, register_card
from academy.platform.administration.pages import ModelAdmin, ReadOnly, TabularInline
from academy.platform.documents.text import clean_line
from academy.platform.errors import AcademyError
from academy.platform.realtime.publishing import publish_on_commit
from academy.templatetags.look import money
from learning.courses.asking import publishing, taking_back
from learning.courses.models import (
    Course,
    CourseAddress,
    CourseChange,
    CourseFigure,
    CourseGrant,
    CourseStaff,
    Section,
    Status,
)
from learning.courses.paths import course_path
from learning.courses.services import course_save
from learning.courses.services.courses import description_html, slug_require
from learning.courses.services.editing import owner_require, owner_set
from learning.courses.services.figures import MAX_FIGURE_BYTES, figure_keep, figure_name
from learning.enrolments.models import (
    DripOverride,
    DripRule,
    EnrolmentList,
    EnrolmentListLine,
)
from learning.lessons.models import LessonRendition, LessonRevision
from learning.lessons.services import course_lock, lessons_follow

_ID_DIGITS: Final = 18
_STORED: Final = ("digest", "content_type", "size", "width", "height")


class CourseForm(forms.ModelForm[Course]):
    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"])
        try:
            if "slug" in self.changed_data:
                slug_require(slug, course_id=self.instance.pk)
        except AcademyError as error:
            raise forms.ValidationError(str(error), code=error.code) from error
        return slug

    def clean_description(self) -> str:
        description = str(self.cleaned_data["description"])
        try:
            description_html(description)
        except AcademyError as error:
            raise forms.ValidationError(str(error)) from error
        return description

    def clean_owner(self) -> User | None:
        owner = cast("User | None", self.cleaned_data["owner"])
        if owner is not None and "owner" in self.changed_data:
            try:
                owner_require(owner)
            except AcademyError as error:
                raise forms.ValidationError(str(error)) from error
        return owner

    def clean_cover(self) -> CourseFigure | None:
        cover = cast("CourseFigure | None", self.cleaned_data["cover"])
        if cover is not None and cover.course_id != self.instance.pk:
            raise forms.ValidationError(_("This belongs to another course."))
        return cover


class SectionForm(forms.ModelForm[Section]):
    def clean_title(self) -> str:
        title = clean_line(str(self.cleaned_data["title"]))
        if not title:
            raise forms.ValidationError(_("A section has a title."))
        return title


class FigureForm(forms.ModelForm[CourseFigure]):
    """A picture is checked and stored while the form is checked; its row follows with the form."""

    name = forms.CharField(
        required=False, max_length=200, help_text=_("As lessons write it, e.g. fig/tree.svg")
    )
    upload = forms.FileField(label=_("picture"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        upload = cast("UploadedFile | None", cleaned.get("upload"))
        if upload is None:
            if not self.instance.digest:
                self.add_error("upload", _("Choose a picture."))
            return cleaned
        name = cleaned.get("name") or f"fig/{PurePosixPath(upload.name or '').name}"
        # One byte more than allowed is enough to be refused, and nobody fills the memory.
        data = upload.read(MAX_FIGURE_BYTES + 1)
        try:
            stored = figure_keep(name=figure_name(name), data=data)
        except AcademyError as error:
            self.add_error("upload", str(error))
            return cleaned
        for field in _STORED:
            setattr(self.instance, field, getattr(stored, field))
        cleaned["name"] = stored.name
        self.goes_with = ("name", *_STORED)
        return cleaned


class SectionInline(TabularInline[Section, Course]):
    model = Section
    form = SectionForm
    extra = 0


class StaffInline(TabularInline[CourseStaff, Course]):
    model = CourseStaff
    extra = 0
    autocomplete_fields = ("person",)
    fields = ("person", "role", "added_by")
    readonly_fields = ("added_by",)


class GrantInline(TabularInline[CourseGrant, Course]):
    model = CourseGrant
    extra = 0
    autocomplete_fields = ("person",)
    fields = ("person", "granted_by", "since")
    readonly_fields = ("granted_by", "since")

    @admin.display(description=_("since"))
    def since(self, grant: CourseGrant) -> str:
        # The database sets it: until then there is an expression, not a time.
        at = grant.at if grant.pk else None
        return str(display_for_value(at, self.get_empty_value_display()))


class FigureInline(TabularInline[CourseFigure, Course]):
    model = CourseFigure
    form = FigureForm
    extra = 0
    fields = ("name", "upload", "content_type", "size", "width", "height")
    readonly_fields = ("content_type", "size", "width", "height")


def courses_counted() -> list[Figure]:
    """Courses that are open, and those that only their staff see."""
    found = Course.objects.aggregate(
        published=Count("pk", filter=Q(status=Status.PUBLISHED)),
        drafts=Count("pk", filter=Q(status=Status.DRAFT)),
    )
    published, drafts = found["published"], found["drafts"]
    return [
        counted(
            published,
            npgettext("courses", "published", "published", published),
            list_link(Course, status__exact=Status.PUBLISHED),
        ),
        counted(
            drafts,
            npgettext("courses", "draft", "drafts", drafts),
            list_link(Course, status__exact=Status.DRAFT),
        ),
    ]


register_card("courses", courses_counted, title=_("Courses"), icon="menu_book", rank=20)


@admin.register(Course)
class CourseAdmin(ModelAdmin[Course]):
    rank = 10
    at_once = None
    form = CourseForm
    list_display = (
        "title", "slug", "status", "newest_release", "visibility", "cost", "level",
        "language", "owner", "lesson_count", "updated_at",
    )  # fmt: skip
    list_filter = ("status", "visibility", "release_policy", "level", "language")
    list_select_related = ("owner", "newest_release")
    search_fields = ("title", "slug", "summary", "owner__username", "owner__display_name")
    autocomplete_fields = ("owner",)
    prepopulated_fields = {"slug": ("title",)}
    # Publishing and taking back are done where they show what they do.
    readonly_fields = ("status", "newest_release", "created_at", "updated_at")
    inlines = (SectionInline, FigureInline, StaffInline, GrantInline)
    actions = ("publish", "withdraw")
    gone_with = (
        CourseAddress, LessonRevision, LessonRendition, DripRule, DripOverride, EnrolmentList,
        EnrolmentListLine,
    )  # fmt: skip

    def get_exclude(self, request: HttpRequest, obj: Course | None = None) -> Any:
        return None if obj else self.readonly_fields

    def get_readonly_fields(self, request: HttpRequest, obj: Course | None = None) -> Any:
        return super().get_readonly_fields(request, obj) if obj else ()

    @admin.action(description=_("Publish what is written as a release"))
    def publish(self, request: HttpRequest, queryset: QuerySet[Course]) -> HttpResponse | None:
        return publishing(
            request,
            list(queryset),
            acting_user=cast(User, request.user),
            context=self.admin_site.each_context(request),
        )

    @admin.action(description=_("Take back: only its staff see it"))
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Course]) -> HttpResponse | None:
        return taking_back(
            request,
            list(queryset),
            acting_user=cast(User, request.user),
            context=self.admin_site.each_context(request),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Course]:
        return super().get_queryset(request).annotate(lesson_total=Count("lessons"))

    @admin.display(description=_("price"), ordering="price")
    def cost(self, course: Course) -> str:
        return money(course.price, course.currency)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "cover":
            match = request.resolver_match
            number = match.kwargs.get("object_id") if match else None
            kwargs["queryset"] = CourseFigure.objects.filter(course=_number(number))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=_("lessons"), ordering="lesson_total")
    def lesson_count(self, course: Any) -> int:
        return int(course.lesson_total)

    def view_on_site(self, obj: Course) -> str:
        return course_path(obj.slug)

    def save_model(self, request: HttpRequest, obj: Course, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        owner = obj.owner
        is_handed_over = change and owner is not None and "owner" in form.changed_data
        # Whatever else somebody wrote since the form's row was read is to stay.
        changed = set(form.changed_data) - ({"owner"} if is_handed_over else set())
        course_save(course=obj, fields=changed)
        if is_handed_over and owner is not None:
            owner_set(course=obj, person=owner, acting_user=cast(User, request.user))
            obj.owner = owner

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        for formset in formsets:
            if formset.model is CourseGrant:
                _sign(formset, request, "granted_by")
            if formset.model is CourseStaff:
                _sign(formset, request, "added_by")
        super().save_related(request, form, formsets, change)
        for formset in formsets:
            if formset.model is CourseStaff:
                _look_again(formset)
        names = {
            name
            for formset in formsets
            if formset.model is CourseFigure
            for row in formset.forms
            if row.has_changed()
            for name in (row.initial.get("name"), row.instance.name)
            if name
        }
        lessons_follow(course_id=form.instance.pk, names=names)


def _look_again(formset: Any) -> None:
    """Open sockets of those whose post was changed look at once whether they still may."""
    for form in formset.forms:
        if form.has_changed() and form.instance.person_id:
            publish_on_commit(f"person:{form.instance.person_id}")


def _number(key: str | None) -> int:
    """A row's number; 0, which no row has, for what is none."""
    return int(key) if key and key.isascii() and key.isdigit() and len(key) <= _ID_DIGITS else 0


def _sign(formset: Any, request: HttpRequest, field: str) -> None:
    for form in formset.forms:
        if form.instance.pk is None:
            setattr(form.instance, field, request.user)


@admin.register(Section)
class SectionAdmin(ModelAdmin[Section]):
    rank = 80
    form = SectionForm
    list_display = ("title", "course", "position")
    list_filter = ("course",)
    list_select_related = ("course",)
    search_fields = ("title", "course__title")
    autocomplete_fields = ("course",)

    def get_readonly_fields(self, request: HttpRequest, obj: Section | None = None) -> Any:
        # Its lessons would stay behind, under a section of another course.
        return ("course",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Section, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        course_lock(obj.course_id)
        if not change:
            super().save_model(request, obj, form, change)
            return
        # Whatever else somebody wrote since the form's row was read is to stay.
        changed = {name: form.cleaned_data[name] for name in form.changed_data}
        if changed:
            Section.objects.filter(pk=obj.pk).update(**changed)


@admin.register(CourseAddress)
class CourseAddressAdmin(ReadOnly):
    """Read only: an address that was given out leads to its course for good."""

    list_display = ("slug", "course")
    list_filter = ("course",)
    list_select_related = ("course",)
    search_fields = ("slug", "course__slug", "course__title")
    ordering = ("slug",)


@admin.register(CourseChange)
class CourseChangeAdmin(ReadOnly):
    """Read only: open pages follow these rows by their numbers."""

    list_display = ("id", "course_slug", "course", "kind", "at")
    list_filter = ("kind", "at")
    list_select_related = ("course",)
    search_fields = ("=id", "course_slug", "course__title")
    ordering = ("-pk",)
    show_full_result_count = False


@admin.register(CourseGrant)
class CourseGrantAdmin(ModelAdmin[CourseGrant]):
    rank = 70
    list_display = ("person", "course", "granted_by", "at")
    list_select_related = ("person", "course", "granted_by")
    list_filter = ("course",)
    search_fields = ("person__username", "person__email", "person__display_name", "course__title")
    autocomplete_fields = ("person", "course")
    readonly_fields = ("granted_by", "at")

    def get_readonly_fields(self, request: HttpRequest, obj: CourseGrant | None = None) -> Any:
        return super().get_readonly_fields(request, obj) if obj else ()

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: CourseGrant, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        if not change:
            obj.granted_by_id = request.user.pk
        super().save_model(request, obj, form, change)
