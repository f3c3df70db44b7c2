"""One's own account: name, address, password, sign-ins, and leaving."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from academy.accounts.backends import count_mail
from academy.accounts.forms import (
    AddressChangeForm,
    ConfirmForm,
    PasswordChangeForm,
    ProfileForm,
)
from academy.accounts.leaving import obstacles_of
from academy.accounts.models import BrowserSignIn, TokenFamily
from academy.accounts.presence import remember_browser
from academy.accounts.selectors import (
    account_state,
    browser_sign_ins,
    has_second_factor,
    token_sign_ins,
)
from academy.accounts.services import (
    address_change_ask,
    address_change_withdraw,
    family_revoke,
    password_change,
    person_anonymise,
    profile_change,
    sign_ins_end,
)
from academy.accounts.views.pages import confirmed, page, person_of, refused, to_account
from academy.platform.errors import AcademyError
from academy.platform.http.limiting import require


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    form = ProfileForm(request.POST if request.method == "POST" else None, person=person)
    if request.method == "POST" and form.is_valid():
        require(request, "page")
        profile_change(person=person, values=form.cleaned_data)
        messages.success(request, _("Saved."))
        return to_account()
    return page(
        request,
        "me",
        form=form,
        person=person,
        state=account_state(person),
        browsers=browser_sign_ins(person),
        tokens=token_sign_ins(person),
        this_session=request.session.session_key,
    )


@sensitive_post_parameters("own_password")
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest) -> HttpResponse:
    form = AddressChangeForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return page(request, "address", form=form)
    wanted = form.cleaned_data["email"]
    try:
        person = confirmed(request, form)
        count_mail(request, wanted)
        address_change_ask(person=person, address=wanted)
    except AcademyError as error:
        return refused(request, "address", error, form=form)
    messages.info(request, _("We have written to %s. Open the link in that mail.") % wanted)
    return to_account()


@require_POST
@login_required
def address_withdraw(request: HttpRequest) -> HttpResponse:
    require(request, "page")
    address_change_withdraw(person=person_of(request))
    return to_account()


@sensitive_post_parameters("own_password", "password")
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    form = PasswordChangeForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return page(request, "password", form=form)
    try:
        person = confirmed(request, form)
    except AcademyError as error:
        return refused(request, "password", error, form=form)
    try:
        here = request.session.session_key or ""
        password_change(person=person, password=form.cleaned_data["password"], session_key=here)
    except AcademyError as error:
        form.add_error("password", str(error))
        return page(request, "password", form=form)
    update_session_auth_hash(request, person)
    # The session has a new key.
    remember_browser(request, person_id=person.pk)
    messages.success(request, _("The new password holds. All other devices are signed out."))
    return to_account()


@require_POST
@login_required
def sign_in_end(request: HttpRequest) -> HttpResponse:
    """One sign-in ends, or all the others."""
    require(request, "page")
    person = person_of(request)
    which = request.POST.get("which", "")
    if which == "others":
        sign_ins_end(person_id=person.pk, except_session=request.session.session_key or "")
    elif (family_id := _uuid(which)) is not None:
        for family in TokenFamily.objects.filter(pk=family_id, person=person):
            family_revoke(family_id=family.pk)
    else:
        # By its number: a session's key is a credential, and stands on no page.
        for row in BrowserSignIn.objects.filter(person=person, pk=_number(which)):
            Session.objects.filter(session_key=row.session_key).delete()
            row.delete()
    return to_account("#sign-ins")


@sensitive_post_parameters("own_password")
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    given = request.POST if request.method == "POST" else None
    form = ConfirmForm(given, second_factor=has_second_factor(person))
    context: dict[str, Any] = {"form": form, "needs": obstacles_of(person.pk)}
    if request.method != "POST" or not form.is_valid():
        return page(request, "leave", **context)
    try:
        person_anonymise(person_id=confirmed(request, form).pk)
    except AcademyError as error:
        return refused(request, "leave", error, **context)
    logout(request)
    return HttpResponseRedirect(resolve_url("accounts:left"), status=303)


@require_GET
def left(request: HttpRequest) -> HttpResponse:
    return page(request, "left")


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
