"""Headers that every answer carries, whoever made it."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from academy.platform.http.answers import MACHINE_PREFIXES

_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    "X-Frame-Options": settings.X_FRAME_OPTIONS,
    "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
}
_POLICY: Final = "Content-Security-Policy"
_NO_PAGE: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_NEVER_KEPT: Final = ("/jobs/", "/accounts/")
_DEBUG_PAGES: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.INTERNAL_SERVER_ERROR})


class HeadersMiddleware:
    """Fills in what nobody inside has said; stands outside all that may answer early."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        """Answer with all the headers."""
        if self.is_async:
            return self._answer_async(request)
        return _headed(request, self.get_response(request))

    async def _answer_async(self, request: HttpRequest) -> HttpResponse:
        return _headed(request, await self.get_response(request))


def _headed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    # Django's own debug pages style themselves inline.
    if not (settings.DEBUG and response.status_code in _DEBUG_PAGES):
        response.headers.setdefault(_POLICY, _NO_PAGE)
    if request.path_info.startswith(MACHINE_PREFIXES):
        patch_vary_headers(response, ["Authorization"])
    keeping = _keeping(request)
    if keeping:
        response.headers.setdefault("Cache-Control", keeping)
    return response


def _keeping(request: HttpRequest) -> str:
    """Who may keep the answer, where the view has not said so."""
    if request.path_info.startswith(_NEVER_KEPT):
        return "no-store"
    is_somebodys = (
        settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers
    )
    return "private, no-cache" if is_somebodys else ""
