"""Where people wanted to be before they were asked who they are."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def own_place(request: HttpRequest, wanted: str) -> str:
    """`wanted`, if it leads to a page of this site; else empty."""
    is_own = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_own else ""
