"""Signing in and out in a browser."""

from typing import Any

from allauth.account.internal.flows.login import perform_login
from allauth.account.internal.flows.logout import logout
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from allauth.account.stages import LoginStageController
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from academy.accounts.backends import count_code
from academy.accounts.errors import BadCredentialsError, FactorWrongError
from academy.accounts.forms import CodeForm, SignInForm
from academy.accounts.models import User
from academy.accounts.services import factor_spend, language_begin, zone_begin
from academy.accounts.views.pages import checked_next, next_wanted, page, refused, with_next
from academy.platform.errors import AcademyError

_HASH = "password_hash"


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        if request.user.is_authenticated:
            return HttpResponseRedirect(checked_next(request))
        return _page(request, SignInForm())
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    try:
        person = _person_meant(request, form)
        zone_begin(person=person, zone=form.cleaned_data["time_zone"])
        language_begin(person=person, language=get_language() or settings.LANGUAGE_CODE)
        return _let_in(request, person)
    except AcademyError as error:
        return refused(request, "sign_in", error, **_context(request, form))


def _person_meant(request: HttpRequest, form: SignInForm) -> User:
    """The person whose password was typed, and who may be let in.

    Raises:
        TooManyError: it was tried too often.
        BadCredentialsError: it is nobody's.
    """
    typed = {name: form.cleaned_data[name] for name in ("username", "password")}
    person = authenticate(request, **typed)
    if not isinstance(person, User):
        raise BadCredentialsError
    return person


def _let_in(request: HttpRequest, person: User) -> HttpResponse:
    """On to where they wanted to be, or to the page that asks for their second factor."""
    # Addresses are confirmed before, and what operators made needs no confirmation.
    login = Login(user=person, email_verification="none", redirect_url=checked_next(request))
    login.state[_HASH] = person.get_session_auth_hash()
    answer: HttpResponse = perform_login(request, login)
    return answer


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """The second step; it stands in the session that the password came from, for 15 minutes."""
    stage: Any = None
    if not request.user.is_authenticated:
        stage = LoginStageController.enter(request, AuthenticateStage.key)
    if stage is None or not _still_good(stage.login):
        clear_login(request)
        return HttpResponseRedirect(resolve_url(settings.LOGIN_URL))
    form = CodeForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return page(request, "second_factor", form=form)
    try:
        count_code(request, stage.login.user)
        _spend(stage.login.user, form.cleaned_data["code"])
    except AcademyError as error:
        return refused(request, "second_factor", error, form=form)
    answer: HttpResponse = stage.exit()
    return answer


def _spend(person: User, code: str) -> None:
    if not factor_spend(person=person, code=code):
        raise FactorWrongError(attr="otp")


def _still_good(login: Any) -> bool:
    """The account is there, and its password is the one that was typed."""
    person = login.user
    return (
        isinstance(person, User)
        and person.is_active
        and person.get_session_auth_hash() == login.state.get(_HASH)
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponseRedirect(resolve_url(settings.LOGOUT_REDIRECT_URL or "/"))


def _context(request: HttpRequest, form: SignInForm) -> dict[str, Any]:
    wanted = next_wanted(request)
    return {"form": form, "next": wanted, "sign_up_url": with_next("accounts:sign-up", wanted)}


def _page(request: HttpRequest, form: SignInForm) -> HttpResponse:
    return page(request, "sign_in", **_context(request, form))
