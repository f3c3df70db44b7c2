"""What every page needs of accounts, also for those who are not signed in."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode

from academy.accounts.places import own_place


def ways_in(request: HttpRequest) -> dict[str, Any]:
    """`sign_up_open`: whether anybody may make an account.

    `languages_spoken`: what the pages can be read in, each by its own name.

    `come_back`: the query with which signing in and making an account lead back to this page, or
    to where a page of accounts itself leads; empty where they lead to the usual page.
    """
    return {
        "languages_spoken": settings.LANGUAGES,
        "sign_up_open": settings.SIGN_UP,
        "come_back": SimpleLazyObject(lambda: _come_back(request)),
    }


def _come_back(request: HttpRequest) -> str:
    match = request.resolver_match
    if match is not None and match.app_name == "accounts":
        place = own_place(request, request.GET.get("next", ""))
    else:
        full = request.get_full_path()
        place = "" if full in {"", "/"} else full
    return f"?{urlencode({'next': place})}" if place else ""
