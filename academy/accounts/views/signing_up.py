"""Making an account, and confirming its address."""

from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from academy.accounts.backends import count_mail
from academy.accounts.errors import LinkSpentError, SignUpClosedError
from academy.accounts.forms import SignUpForm
from academy.accounts.services import address_confirm, person_sign_up
from academy.accounts.views.pages import next_wanted, page, refused, to_account, with_next
from academy.platform.errors import AcademyError

_NEXT: Final = "sign_up_next"
_LONGEST_NEXT: Final = 2000


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    if not settings.SIGN_UP:
        raise SignUpClosedError
    if request.user.is_authenticated:
        wanted = next_wanted(request)
        return HttpResponseRedirect(wanted, status=303) if wanted else to_account()
    form = SignUpForm(request.POST or None)
    context = _context(request, form)
    if request.method != "POST" or not form.is_valid():
        return page(request, "sign_up", **context)
    given = form.cleaned_data
    try:
        count_mail(request, given["email"])
        person_sign_up(
            address=given["email"],
            password=given["password"],
            display_name=given["display_name"],
            language=get_language() or settings.LANGUAGE_CODE,
            time_zone=given["time_zone"] or settings.TIME_ZONE,
        )
    except AcademyError as error:
        return refused(request, "sign_up", error, **context)
    _keep(request, context["next"])
    return redirect("accounts:sign-up-sent")


@require_GET
def sign_up_sent(request: HttpRequest) -> HttpResponse:
    """The same words for everybody: who has the address learns the rest by mail."""
    sign_in_url = with_next(settings.LOGIN_URL, request.session.get(_NEXT, ""))
    return page(request, "sign_up_sent", mailbox=settings.MAILBOX, sign_in_url=sign_in_url)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """A button, since mail programs and their scanners open links by themselves."""
    key = request.POST.get("key") or request.GET.get("key") or ""
    if request.method != "POST":
        return page(request, "confirm", key=key)
    try:
        person = address_confirm(key=key)
    except LinkSpentError:
        return page(request, "link_spent", status=410, what="confirm")
    messages.success(request, _("Your e-mail address is confirmed: %s") % person.email)
    if request.user.is_authenticated:
        return to_account()
    wanted = request.session.pop(_NEXT, "")
    return HttpResponseRedirect(with_next(settings.LOGIN_URL, wanted), status=303)


def _context(request: HttpRequest, form: SignUpForm) -> dict[str, Any]:
    wanted = next_wanted(request)
    return {"form": form, "next": wanted, "sign_in_url": with_next(settings.LOGIN_URL, wanted)}


def _keep(request: HttpRequest, wanted: str) -> None:
    """Confirming in this browser leads on to `wanted`.

    It stands in the session and not in the mail, which carries nothing that a stranger typed.
    """
    if wanted and len(wanted) <= _LONGEST_NEXT:
        request.session[_NEXT] = wanted
    elif _NEXT in request.session:
        del request.session[_NEXT]
