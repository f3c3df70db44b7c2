"""Forgotten passwords."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from academy.accounts.backends import count_mail
from academy.accounts.errors import LinkSpentError, PasswordWeakError
from academy.accounts.forms import AddressForm, NewPasswordForm
from academy.accounts.services import password_reset, password_reset_ask
from academy.accounts.services.passwords import person_of_reset
from academy.accounts.views.pages import page, refused
from academy.platform.errors import AcademyError


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest) -> HttpResponse:
    form = AddressForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return page(request, "reset", form=form)
    address = form.cleaned_data["email"]
    try:
        count_mail(request, address)
        password_reset_ask(address=address, language=get_language() or settings.LANGUAGE_CODE)
    except AcademyError as error:
        return refused(request, "reset", error, form=form)
    return redirect("accounts:reset-sent")


@require_GET
def reset_sent(request: HttpRequest) -> HttpResponse:
    """The same words for everybody."""
    return page(request, "reset_sent", mailbox=settings.MAILBOX)


@sensitive_post_parameters("password", "token")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: HttpRequest) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    uid, token = given.get("person", ""), given.get("token", "")
    form = NewPasswordForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "uid": uid, "token": token}
    try:
        person_of_reset(uid=uid, token=token)
        if request.method != "POST" or not form.is_valid():
            return page(request, "new_password", **context)
        password_reset(uid=uid, token=token, password=form.cleaned_data["password"])
    except LinkSpentError:
        return page(request, "link_spent", status=410, what="reset")
    except PasswordWeakError as error:
        form.add_error("password", str(error))
        return page(request, "new_password", **context)
    messages.success(request, _("The new password holds. Sign in with it."))
    return HttpResponseRedirect(resolve_url(settings.LOGIN_URL), status=303)
