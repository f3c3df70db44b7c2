"""Enrolments in the admin: whatever changes goes through the services, so nothing breaks."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, npgettext

from academy.accounts.models import User
from academy.platform.administration.figures import Figure, counted, list_link, register_card
from academy.platform.administration.pages import ModelAdmin, ReadOnly
from academy.platform.errors import AcademyError
from learning.enrolments import services
from learning.enrolments.dates import State, open_now, state_now, usable_moment
from learning.enrolments.models import (
    Cohort,
    DripOverride,
    DripRule,
    Enrolment,
    EnrolmentKey,
    EnrolmentList,
    EnrolmentListLine,
)
from learning.enrolments.services.keys import MAX_USES, MIN_KEY_CHARACTERS, key_folded
from learning.releases.models import Release

PERSON_SEARCH = ("person__username", "person__email", "person__display_name")


class DatedForm(forms.ModelForm[Any]):
    """Dates that no calendar of ours has are refused beside their field."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("starts_at", "ends_at", "expires_at"):
            try:
                usable_moment(cleaned.get(name), attr=name)
            except AcademyError as error:
                self.add_error(name, str(error))
        return cleaned

    def refuse_foreign(self, cleaned: Mapping[str, Any], *names: str) -> None:
        """A cohort or release of another course is refused beside its field."""
        course = cleaned.get("course") or getattr(self.instance, "course", None)
        for name in names:
            row = cleaned.get(name)
            if row is not None and course is not None and row.course_id != course.pk:
                self.add_error(name, _("This belongs to another course."))


class EnrolmentForm(DatedForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.refuse_foreign(cleaned, "cohort", "release")
        return cleaned


class KeyForm(DatedForm):
    key = forms.CharField(
        label=_("key"),
        required=False,
        max_length=64,
        help_text=_("Empty: one is drawn by lot."),
    )
    max_uses = forms.IntegerField(
        label=_("at most"), required=False, min_value=1, max_value=MAX_USES
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.refuse_foreign(cleaned, "cohort")
        word = key_folded(cleaned.get("key") or "")
        if word and len(word) < MIN_KEY_CHARACTERS:
            self.add_error("key", _("This key is too short to be kept secret."))
        return cleaned


class StateFilter(admin.SimpleListFilter):
    """What an enrolment is at this moment, as its column says it."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(State.choices)

    def queryset(self, request: HttpRequest, rows: Any) -> Any:
        return rows.filter(state_now=self.value()) if self.value() in State.values else rows


def enrolments_counted() -> list[Figure]:
    """Enrolments in which somebody may learn at this moment."""
    count = Enrolment.objects.filter(open_now()).count()
    text = npgettext("desk", "open enrolment", "open enrolments", count)
    return [counted(count, text, list_link(Enrolment, state=State.OPEN))]


register_card("enrolments", enrolments_counted, title=_("Learning now"), icon="school", rank=30)


@admin.register(Enrolment)
class EnrolmentAdmin(ModelAdmin[Enrolment]):
    """Rows are for good: deleting one would delete what the learner did."""

    rank = 30
    form = EnrolmentForm
    list_display = (
        "person", "course", "state", "source", "cohort", "release", "started_at", "expires_at"
    )  # fmt: skip
    list_filter = (StateFilter, "source", "is_barred", "started_at", "course")
    list_select_related = ("person", "course", "cohort", "release")
    search_fields = (*PERSON_SEARCH, "course__title", "course__slug", "cohort__name")
    date_hierarchy = "started_at"
    ordering = ("-started_at", "-pk")
    show_full_result_count = False
    autocomplete_fields = ("person", "course", "cohort")
    actions = ("withdraw", "suspend", "resume")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enrolment]:
        return super().get_queryset(request).annotate(state_now=state_now())

    @admin.display(description=_("state"))
    def state(self, enrolment: Any) -> str:
        return str(State(enrolment.state_now).label)

    def get_fields(self, request: HttpRequest, obj: Enrolment | None = None) -> Any:
        chosen = ("course", "person", "cohort", "expires_at")
        return chosen if obj is None else (*chosen, "release", *self._told(obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Enrolment | None = None) -> Any:
        return () if obj is None else ("course", "person", *self._told(obj))

    def _told(self, _enrolment: Enrolment) -> tuple[str, ...]:
        return ("status", "is_barred", "source", "enrolled_by", "started_at", "changed_at")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "release":
            match = request.resolver_match
            number = match.kwargs.get("object_id") if match else None
            rows = Enrolment.objects.filter(pk=number or 0)
            kwargs["queryset"] = Release.objects.filter(course_id__in=rows.values("course_id"))
            # Who has begun on a release is moved to another one, never off all of them.
            kwargs["required"] = rows.exclude(release=None).exists()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Enrolment, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        operator = _operator(request)
        if not change:
            made = services.enrolment_by_staff(
                course=obj.course,
                person=obj.person,
                acting_user=operator,
                cohort=obj.cohort,
                expires_at=obj.expires_at,
            )
            obj.pk = made.pk
            return
        services.enrolment_reschedule(
            enrolment=obj,
            expires_at=obj.expires_at,
            cohort=obj.cohort,
            acting_user=operator,
            fields=form.changed_data,
        )
        if obj.release is not None and "release" in form.changed_data:
            services.enrolment_move(enrolment=obj, release=obj.release, acting_user=operator)

    @admin.action(description=_("Put out of the course"), permissions=["change"])
    def withdraw(self, request: HttpRequest, rows: QuerySet[Enrolment]) -> None:
        self._each(request, rows, services.enrolment_withdraw)

    @admin.action(description=_("Suspend"), permissions=["change"])
    def suspend(self, request: HttpRequest, rows: QuerySet[Enrolment]) -> None:
        self._each(request, rows, services.enrolment_suspend)

    @admin.action(description=_("Resume"), permissions=["change"])
    def resume(self, request: HttpRequest, rows: QuerySet[Enrolment]) -> None:
        self._each(request, rows, services.enrolment_resume)

    def _each(
        self, request: HttpRequest, rows: QuerySet[Enrolment], act: Callable[..., Any]
    ) -> None:
        done = 0
        for row in rows:
            try:
                act(enrolment=row, acting_user=_operator(request))
                done += 1
            except AcademyError as error:
                self.message_user(request, f"{row}: {error}", messages.WARNING)
        text = ngettext("%(n)d enrolment is changed.", "%(n)d enrolments are changed.", done)
        self.message_user(request, text % {"n": done})


@admin.register(Cohort)
class CohortAdmin(ModelAdmin[Cohort]):
    rank = 40
    form = DatedForm
    list_display = ("name", "course", "starts_at", "ends_at", "created_at")
    list_filter = ("starts_at", "ends_at", "course")
    list_select_related = ("course",)
    search_fields = ("name", "course__title", "course__slug")
    autocomplete_fields = ("course",)
    gone_with = (DripOverride,)

    def get_readonly_fields(self, request: HttpRequest, obj: Cohort | None = None) -> Any:
        return () if obj is None else ("course",)

    def save_model(self, request: HttpRequest, obj: Cohort, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        written = [
            name for name in services.COHORT_FIELDS if not change or name in form.changed_data
        ]
        services.cohort_save(cohort=obj, acting_user=_operator(request), fields=written)

    def delete_model(self, request: HttpRequest, obj: Cohort) -> None:
        services.cohort_delete(cohort=obj, acting_user=_operator(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Cohort]) -> None:
        for cohort in queryset:
            self.delete_model(request, cohort)


@admin.register(EnrolmentKey)
class EnrolmentKeyAdmin(ModelAdmin[EnrolmentKey]):
    """Made once, then only used and revoked."""

    rank = 45
    form = KeyForm
    fields = ("course", "key", "cohort", "max_uses", "expires_at")
    list_display = ("key", "course", "cohort", "uses", "max_uses", "expires_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "expires_at", "course")
    list_select_related = ("course", "cohort")
    search_fields = ("key", "course__title", "course__slug")
    autocomplete_fields = ("course", "cohort")
    actions = ("revoke",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: EnrolmentKey, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        made = services.key_make(
            course=obj.course,
            acting_user=_operator(request),
            key=obj.key,
            cohort=obj.cohort,
            max_uses=obj.max_uses,
            expires_at=obj.expires_at,
        )
        obj.pk, obj.key = made.pk, made.key

    @admin.action(description=_("Revoke the chosen keys"), permissions=["view"])
    def revoke(self, request: HttpRequest, keys: QuerySet[EnrolmentKey]) -> None:
        for key in keys:
            services.key_revoke(key=key, acting_user=_operator(request))
        text = ngettext("%(n)d key is revoked.", "%(n)d keys are revoked.", len(keys))
        self.message_user(request, text % {"n": len(keys)})


@admin.register(DripRule)
class DripRuleAdmin(ReadOnly):
    """Rules are set together, for a whole lesson, where circles are seen: on the class's page."""

    list_display = ("lesson", "kind", "days", "opens_at", "after")
    list_filter = ("kind", "lesson__course")
    list_select_related = ("lesson", "after")
    search_fields = ("lesson__title", "lesson__course__title")


@admin.register(DripOverride)
class DripOverrideAdmin(ReadOnly):
    list_display = ("lesson", "enrolment", "cohort", "opens_at")
    list_filter = ("lesson__course",)
    list_select_related = ("lesson", "enrolment__person", "enrolment__course", "cohort")
    search_fields = ("lesson__title", "cohort__name", "enrolment__person__username")


@admin.register(EnrolmentList)
class EnrolmentListAdmin(ReadOnly):
    rank = 75
    list_display = ("id", "course", "sent_by", "line_count", "sent_at", "done_at")
    list_filter = (("done_at", admin.EmptyFieldListFilter), "sent_at", "course")
    list_select_related = ("course", "sent_by")
    search_fields = ("=id", "course__title", "sent_by__username")
    exclude = ("text",)


@admin.register(EnrolmentListLine)
class EnrolmentListLineAdmin(ReadOnly):
    list_display = ("list", "number", "who", "cohort_name", "outcome", "code")
    list_filter = ("outcome", "code")
    list_select_related = ("list",)
    search_fields = ("=list__id", "who")


def _operator(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
