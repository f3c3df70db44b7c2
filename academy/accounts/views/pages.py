"""What all account pages do alike."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.http import urlencode

from academy.accounts.backends import count_code, count_try
from academy.accounts.models import User
from academy.accounts.places import own_place
from academy.accounts.selectors import has_second_factor
from academy.accounts.services import person_confirm
from academy.platform.errors import AcademyError

# How errors call their fields, and how our forms do.
_FIELDS = {"otp": "code", "password": "own_password"}


def person_of(request: HttpRequest) -> User:
    """The signed-in person; `login_required` has seen to it that there is one."""
    assert isinstance(request.user, User)
    return request.user


def next_wanted(request: HttpRequest) -> str:
    """Where `next` leads, if that is on this site; else empty."""
    return own_place(request, request.POST.get("next") or request.GET.get("next") or "")


def checked_next(request: HttpRequest) -> str:
    """Where `next` leads, if that is on this site; else the usual page."""
    return next_wanted(request) or resolve_url(settings.LOGIN_REDIRECT_URL or "/")


def with_next(place: str, wanted: str) -> str:
    """The account page `place`, which leads on to `wanted`; empty leads nowhere."""
    path = resolve_url(place)
    return f"{path}?{urlencode({'next': wanted})}" if wanted else path


def page(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """The account page `template`."""
    return render(request, f"accounts/{template}.html", context, status=status)


def refused(
    request: HttpRequest, template: str, error: AcademyError, **context: Any
) -> HttpResponse:
    """The page again, with what was wrong: beside the field where the form has it."""
    form: forms.Form = context["form"]
    field = _FIELDS.get(error.attr or "", error.attr)
    form.add_error(field if field in form.fields else None, str(error))
    # A mistake in a form is a page, as Django's own are; limits and conflicts have their status.
    status = error.http_status if error.http_status in {409, 429, 503} else 200
    answer = page(request, template, status=status, **context)
    if error.retry_after_seconds is not None:
        answer["Retry-After"] = str(max(1, error.retry_after_seconds))
    return answer


def confirmed(request: HttpRequest, form: forms.Form) -> User:
    """The signed-in person, after the form's password and, where it asks, its code were right.

    Raises:
        TooManyError: it was tried too often.
        AcademyError: as `person_confirm`.
    """
    person = person_of(request)
    code = form.cleaned_data.get("code")
    count_try(request, person)
    if code is not None and has_second_factor(person):
        count_code(request, person)
    person_confirm(person=person, password=form.cleaned_data["own_password"], code=code)
    return person


def to_account(part: str = "") -> HttpResponseRedirect:
    """On to the account page, by GET."""
    return HttpResponseRedirect(f"{resolve_url('accounts:me')}{part}", status=303)
