"""The second factor: switching it on and off, and its recovery codes."""

import base64
import io
from typing import Final

import qrcode
from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from qrcode.image.svg import SvgPathFillImage

from academy.accounts.backends import count_code
from academy.accounts.forms import ConfirmForm, FactorOnForm
from academy.accounts.models import User
from academy.accounts.selectors import has_second_factor
from academy.accounts.services import factor_codes_renew, factor_switch_off, factor_switch_on
from academy.accounts.views.pages import confirmed, page, person_of, refused, to_account
from academy.platform.errors import AcademyError

_SECRET: Final = "second_factor_secret"  # noqa: S105 - where it stands in the session


@sensitive_post_parameters("own_password")
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def switch_on(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    if has_second_factor(person):
        return to_account("#second-factor")
    secret = request.session.setdefault(_SECRET, generate_totp_secret())
    form = FactorOnForm(request.POST or None)
    context = {"form": form, "secret": secret, "picture": _picture(person, secret)}
    if request.method != "POST" or not form.is_valid():
        return page(request, "factor_on", **context)
    try:
        count_code(request, person)
        # The code is checked against the new secret below, not against one that is in use.
        code = form.cleaned_data.pop("code")
        confirmed(request, form)
        codes = factor_switch_on(person=person, secret=secret, code=code)
    except AcademyError as error:
        form.cleaned_data.setdefault("code", "")
        return refused(request, "factor_on", error, **context)
    del request.session[_SECRET]
    return page(request, "factor_codes", codes=codes, is_new=True)


@sensitive_post_parameters("own_password")
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def switch_off(request: HttpRequest) -> HttpResponse:
    if not has_second_factor(person_of(request)):
        return to_account("#second-factor")
    form = ConfirmForm(request.POST or None, second_factor=True)
    if request.method != "POST" or not form.is_valid():
        return page(request, "factor_off", form=form)
    try:
        factor_switch_off(person=confirmed(request, form))
    except AcademyError as error:
        return refused(request, "factor_off", error, form=form)
    messages.success(request, _("The second factor is off: your password alone signs you in."))
    return to_account("#second-factor")


@sensitive_post_parameters("own_password")
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def codes(request: HttpRequest) -> HttpResponse:
    """Recovery codes are shown once: here, when they are made."""
    if not has_second_factor(person_of(request)):
        return to_account("#second-factor")
    form = ConfirmForm(request.POST or None, second_factor=True)
    if request.method != "POST" or not form.is_valid():
        return page(request, "factor_renew", form=form)
    try:
        fresh = factor_codes_renew(person=confirmed(request, form))
    except AcademyError as error:
        return refused(request, "factor_renew", error, form=form)
    return page(request, "factor_codes", codes=fresh, is_new=False)


def _picture(person: User, secret: str) -> str:
    """A QR code as a `data:` address, which the content policy allows for images alone."""
    url = get_adapter().build_totp_url(person, secret)
    drawn = io.BytesIO()
    # With its own white ground: scanners want it, in the dark too.
    qrcode.make(url, image_factory=SvgPathFillImage).save(drawn)
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn.getvalue()).decode()}"
