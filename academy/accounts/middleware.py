"""Pages speak the person's language and tell their time."""

import zoneinfo
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from academy.accounts.afterwards import hang_on
from academy.accounts.models import User


class PersonMiddleware:
    """Language and time zone of the signed-in person hold for the rest of the request.

    What was put off until after the answer hangs on the answer.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        if self.is_async:
            return self._answer_async(request)
        # Without the cookie nobody is signed in, and asking would cost a query.
        person = request.user if _has_session(request) else None
        with timezone.override(_zone_of(person)):
            _speak_to(request, person)
            response: HttpResponse = self.get_response(request)
        hang_on(request, response)
        return response

    async def _answer_async(self, request: HttpRequest) -> HttpResponse:
        person: Any = None
        if _has_session(request):
            person = await request.auser()
            request.user = person
        with timezone.override(_zone_of(person)):
            _speak_to(request, person)
            response: HttpResponse = await self.get_response(request)
        hang_on(request, response)
        return response


def _has_session(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def _zone_of(person: Any) -> zoneinfo.ZoneInfo | None:
    if not isinstance(person, User):
        return None
    try:
        return zoneinfo.ZoneInfo(person.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return None


def _speak_to(request: HttpRequest, person: Any) -> None:
    if not isinstance(person, User):
        return
    # A language that the academy has no texts in leaves the browser's choice.
    with suppress(LookupError):
        translation.activate(translation.get_supported_language_variant(person.language))
        request.LANGUAGE_CODE = translation.get_language()
