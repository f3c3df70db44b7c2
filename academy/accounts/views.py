"""Signing in and out in a browser."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from academy.platform.errors import TooManyError


class SignInForm(forms.Form):
    username = forms.CharField(
        label=gettext_lazy("User name or e-mail address"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    destination = checked_next(request)
    if request.method != "POST":
        if request.user.is_authenticated:
            return HttpResponseRedirect(destination)
        return _page(request, SignInForm())
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    try:
        person = authenticate(request, **form.cleaned_data)
    except TooManyError as error:
        form.add_error(None, str(error))
        return _refused(request, form, error)
    if person is None:
        form.add_error(None, _("Name and password do not belong together. Please try again."))
        return _page(request, form)
    login(request, person)
    return HttpResponseRedirect(destination)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponseRedirect(resolve_url(settings.LOGOUT_REDIRECT_URL or "/"))


def checked_next(request: HttpRequest) -> str:
    """Where `next` leads, if that is on this site; else the usual page."""
    wanted: Any = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return str(wanted)
    return resolve_url(settings.LOGIN_REDIRECT_URL or "/")


def _page(request: HttpRequest, form: SignInForm, *, status: int = 200) -> HttpResponse:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    context = {"form": form, "next": wanted}
    return render(request, "accounts/sign_in.html", context, status=status)


def _refused(request: HttpRequest, form: SignInForm, error: TooManyError) -> HttpResponse:
    response = _page(request, form, status=error.http_status)
    response["Retry-After"] = str(error.retry_after_seconds or 1)
    return response
