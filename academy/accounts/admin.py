from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from academy.accounts.models import TokenFamily, User
from academy.accounts.services import family_revoke


class PersonCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("username", "email", "display_name", "role")


class PersonChangeForm(UserChangeForm[User]):
    class Meta:
        model = User
        fields = "__all__"


@admin.register(User)
class PersonAdmin(UserAdmin[User]):
    form = PersonChangeForm
    add_form = PersonCreationForm
    list_display = ("username", "display_name", "email", "role", "language", "is_active")
    list_filter = ("role", "is_active", "language")
    search_fields = ("username", "display_name", "email")
    ordering = ("username",)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("display_name", "email", "language", "time_zone")}),
        (_("Rights"), {"fields": ("role", "is_active", "groups", "user_permissions")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": (
                    "username",
                    "email",
                    "display_name",
                    "role",
                    "usable_password",
                    "password1",
                    "password2",
                ),
            },
        ),
    )
    readonly_fields = ("last_login", "date_joined")


@admin.register(TokenFamily)
class TokenFamilyAdmin(admin.ModelAdmin[TokenFamily]):
    """Read only: sign-ins begin and go on by themselves; an operator can only end them."""

    list_display = ("person", "created_at", "expires_at", "revoked_at")
    list_select_related = ("person",)
    list_filter = ("revoked_at",)
    search_fields = ("person__username", "person__email")
    ordering = ("-created_at",)
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description=_("Revoke the chosen sign-ins"), permissions=["view"])
    def revoke(self, request: HttpRequest, families: QuerySet[TokenFamily]) -> None:
        revoked = sum(family_revoke(family_id=family.pk) for family in families)
        text = ngettext("%(count)d sign-in is revoked.", "%(count)d sign-ins are revoked.", revoked)
        self.message_user(request, text % {"count": revoked}, messages.SUCCESS)
