from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, cast

from allauth.account import admin as allauth_account  # noqa: F401 -- read before it is taken away
from allauth.account.models import EmailAddress
from allauth.mfa import admin as allauth_mfa  # noqa: F401 -- the same
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, npgettext, pgettext

from academy.accounts.desk import PersonChangeForm, PersonCreationForm
from academy.accounts.errors import OwnAccountError
from academy.accounts.models import (
    BrowserSignIn,
    CountedEvent,
    SocketTicket,
    TokenFamily,
    User,
)
from academy.accounts.presence import remember_browser
from academy.accounts.selectors import is_anonymised, unconfirmed_people
from academy.accounts.services import (
    factor_switch_off,
    family_revoke,
    person_activate,
    person_anonymise,
    person_deactivate,
    sign_ins_end,
)
from academy.platform.administration.figures import Figure, counted, list_link, register_card
from academy.platform.administration.groups import DeskGroup
from academy.platform.administration.pages import ModelAdmin, ReadOnly
from academy.platform.errors import AcademyError

# Each has a line on the page that asks, and a field in its form.
MAX_PEOPLE_AT_ONCE: Final = 200


# What somebody may do comes from their role and their courses, nowhere else.
admin.site.unregister(Group)


class ConfirmationFilter(admin.SimpleListFilter):
    """Who waits for the confirmation of a first address, and cannot sign in until then."""

    title = _("e-mail address")
    parameter_name = "address"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", pgettext("an address", "Not confirmed"))]

    def queryset(self, request: HttpRequest, people: QuerySet[User]) -> QuerySet[User]:
        if self.value() != "waiting":
            return people
        return people.filter(pk__in=unconfirmed_people().values("pk"))


def people_counted() -> list[Figure]:
    """Accounts that are in use, and those of them that wait for their confirmation."""
    active = {"is_active__exact": "1"}
    count = User.objects.filter(is_active=True).count()
    waiting = unconfirmed_people().filter(is_active=True).count()
    return [
        counted(count, npgettext("desk", "account", "accounts", count), list_link(User, **active)),
        counted(
            waiting,
            npgettext("desk", "address not confirmed", "addresses not confirmed", waiting),
            list_link(User, address="waiting", **active),
        ),
    ]


register_card("people", people_counted, title=_("People"), icon="group", rank=10)


@admin.register(User)
class PersonAdmin(UserAdmin[User], ModelAdmin[User]):
    rank = 10
    at_once = None
    form = PersonChangeForm
    add_form = PersonCreationForm
    list_display = (
        "username", "display_name", "address", "role", "language", "is_active",
        "date_joined", "last_login",
    )  # fmt: skip
    list_filter = ("role", "is_active", ConfirmationFilter, "language")
    # One that waits for its confirmation is in no row of the person yet.
    search_fields = ("username", "display_name", "email", "emailaddress__email")
    ordering = ("username",)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("display_name", "email", "language", "time_zone")}),
        (_("Rights"), {"fields": ("role", "is_active")}),
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
    filter_horizontal = ()
    actions = ("deactivate", "activate", "anonymise")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        waiting = EmailAddress.objects.filter(user_id=OuterRef("pk"), verified=False)
        newest = waiting.order_by("-pk").values("email")[:1]
        return super().get_queryset(request).annotate(waiting_address=Subquery(newest))

    @admin.display(description=_("e-mail address"), ordering="email")
    def address(self, person: Any) -> str:
        if person.email or not person.waiting_address:
            return str(person.email)
        return _("%(address)s (not confirmed)") % {"address": person.waiting_address}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # What the person did in courses would go with the row, and the courses' figures with it.
        return False

    def get_form(self, request: HttpRequest, obj: User | None = None, **kwargs: Any) -> Any:  # type: ignore[override]
        form: Any = super().get_form(request, obj, **kwargs)
        form.operator_id = request.user.pk
        return form

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002 - Django's name for it
        form_url: str = "",
    ) -> HttpResponse:
        before = request.session.session_key
        answer: HttpResponse = super().user_change_password(request, id, form_url)
        if request.session.session_key != before and isinstance(request.user, User):
            # Django gives the operator a new session, whosever password it is.
            remember_browser(request, person_id=request.user.pk)
        return answer

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            # Theirs no longer, and soon perhaps somebody else's.
            former = EmailAddress.objects.filter(user_id=obj.pk, verified=True)
            former.exclude(email__iexact=obj.email).delete()
        if change and "is_active" in form.changed_data and not obj.is_active:
            # Else all of them would be good again with the account.
            sign_ins_end(person_id=obj.pk)

    @admin.action(description=_("Deactivate: signed out, and kept out"), permissions=["change"])
    def deactivate(self, request: HttpRequest, people: QuerySet[User]) -> HttpResponse | None:
        chosen = list(people.filter(is_active=True)[: MAX_PEOPLE_AT_ONCE + 1])
        if len(chosen) > MAX_PEOPLE_AT_ONCE:
            text = _("Deactivate at most %d people at once.") % MAX_PEOPLE_AT_ONCE
            self.message_user(request, text, messages.ERROR)
            return None
        operator = cast(User, request.user)
        if operator in chosen:
            chosen.remove(operator)
            self.message_user(request, f"{operator}: {OwnAccountError()}", messages.WARNING)
        elif not chosen:
            self.message_user(request, _("None of them can sign in already."), messages.WARNING)
        if not chosen:
            return None
        if "confirmed" not in request.POST:
            context = {
                **self.admin_site.each_context(request),
                "title": _("Deactivate people"),
                "people": chosen,
            }
            return TemplateResponse(request, "admin/accounts/user/deactivate.html", context)
        act = partial(person_deactivate, acting_user=operator)
        done = self._each(request, chosen, act, told=str(_("Deactivated")))
        text = ngettext(
            "%(count)d account is deactivated.", "%(count)d accounts are deactivated.", done
        )
        self.message_user(request, text % {"count": done}, messages.SUCCESS)
        return None

    @admin.action(description=_("Activate: they can sign in again"), permissions=["change"])
    def activate(self, request: HttpRequest, people: QuerySet[User]) -> None:
        barred = people.filter(is_active=False)
        done = self._each(request, barred, person_activate, told=str(_("Activated")))
        text = ngettext(
            "%(count)d account is active again.", "%(count)d accounts are active again.", done
        )
        self.message_user(request, text % {"count": done}, messages.SUCCESS)

    def _each(
        self, request: HttpRequest, people: Iterable[User], act: Callable[..., bool], *, told: str
    ) -> int:
        done = 0
        for person in people:
            try:
                if act(person_id=person.pk):
                    self.log_change(request, person, told)
                    done += 1
            except AcademyError as error:
                self.message_user(request, f"{person}: {error}", messages.WARNING)
        return done

    @admin.action(description=_("Anonymise the chosen people for good"), permissions=["change"])
    def anonymise(self, request: HttpRequest, people: QuerySet[User]) -> HttpResponse | None:
        chosen = [person for person in people if not is_anonymised(person)]
        if "confirmed" not in request.POST:
            context = {
                **self.admin_site.each_context(request),
                "title": _("Anonymise people"),
                "people": chosen,
            }
            return TemplateResponse(request, "admin/accounts/user/anonymise.html", context)
        self._anonymise(request, chosen)
        return None

    def _anonymise(self, request: HttpRequest, people: Iterable[User]) -> None:
        gone = 0
        for person in people:
            try:
                person_anonymise(person_id=person.pk)
                person.refresh_from_db()
                self.log_change(request, person, _("Anonymised"))
                gone += 1
            except AcademyError as error:
                self.message_user(request, f"{person}: {error}", messages.WARNING)
        text = ngettext("%(count)d account is gone.", "%(count)d accounts are gone.", gone)
        self.message_user(request, text % {"count": gone}, messages.SUCCESS)


@admin.register(TokenFamily)
class TokenFamilyAdmin(ReadOnly):
    """Read only: sign-ins begin and go on by themselves; an operator can only end them."""

    rank = 40
    list_display = ("person", "created_at", "expires_at", "revoked_at")
    list_select_related = ("person",)
    list_filter = ("revoked_at",)
    search_fields = ("person__username", "person__email")
    ordering = ("-created_at",)
    actions = ("revoke",)

    @admin.action(description=_("Revoke the chosen sign-ins"), permissions=["view"])
    def revoke(self, request: HttpRequest, families: QuerySet[TokenFamily]) -> None:
        revoked = 0
        for family in families:
            if family_revoke(family_id=family.pk):
                self.log_change(request, family, _("Revoked"))
                revoked += 1
        text = ngettext("%(count)d sign-in is revoked.", "%(count)d sign-ins are revoked.", revoked)
        self.message_user(request, text % {"count": revoked}, messages.SUCCESS)


# allauth's own pages would let operators edit what only a confirmation or an app may change.
admin.site.unregister([EmailAddress, Authenticator])


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnly):
    """Read only: an address is confirmed by its owner; an operator gives one on the person's page."""

    group = DeskGroup.PEOPLE
    rank = 20
    list_display = ("email", "user", "verified", "primary")
    list_select_related = ("user",)
    list_filter = ("verified",)
    search_fields = ("email", "user__username")
    ordering = ("email",)


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnly):
    """Read only and without secrets; whoever lost phone and codes is let in by switching it off."""

    group = DeskGroup.PEOPLE
    rank = 30

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        # allauth names its rows in English only.
        self.opts.verbose_name = _("second factor")
        self.opts.verbose_name_plural = _("second factors")

    list_display = ("user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)
    list_filter = ("type",)
    search_fields = ("user__username", "user__email")
    fields = ("user", "type", "created_at", "last_used_at")
    ordering = ("user",)
    actions = ("switch_off",)

    @admin.action(
        description=_("Switch the second factor of these people off"), permissions=["view"]
    )
    def switch_off(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        people = User.objects.filter(pk__in=rows.values("user_id"))
        for person in people:
            factor_switch_off(person=person)
            self.log_change(request, person, _("Second factor switched off"))
        text = ngettext(
            "%(count)d person signs in with the password alone.",
            "%(count)d people sign in with the password alone.",
            len(people),
        )
        self.message_user(request, text % {"count": len(people)}, messages.SUCCESS)


@admin.register(BrowserSignIn)
class BrowserSignInAdmin(ReadOnly):
    """Read only, and without the key, which is as good as a password."""

    rank = 45
    list_display = ("person", "browser", "began_at")
    list_select_related = ("person",)
    search_fields = ("person__username", "person__email")
    fields = ("person", "agent", "began_at")
    ordering = ("-began_at",)


@admin.register(SocketTicket)
class SocketTicketAdmin(ReadOnly):
    """Read only, and without what it stands for, which is as good as a password."""

    list_display = ("person", "expires_at")
    list_select_related = ("person",)
    list_filter = ("expires_at",)
    search_fields = ("person__username", "person__email")
    fields = ("person", "expires_at")
    ordering = ("-expires_at",)
    show_full_result_count = False


@admin.register(CountedEvent)
class CountedEventAdmin(ReadOnly):
    """Read only: what was counted under the limits while the cache instance was silent."""

    group = DeskGroup.WORK
    list_display = ("key", "at")
    list_filter = ("at",)
    search_fields = ("key",)
    ordering = ("-at",)
    show_full_result_count = False
