"""Each request has an id and leaves one line."""

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.utils.encoding import escape_uri_path

from academy.platform.observability.correlation import accepted_or_new, bind_correlation_id

_log: Final = structlog.get_logger("academy.access")
_SHOWN_CHARACTERS: Final = 500
# Asked every second, and the answer itself says what is wrong.
_SILENT: Final = "/async-monitoring/health/"
# Asked by every page: told only when something is wrong.
_QUIET: Final = "/static/"
_SECRET: Final = ("ticket", "token", "password", "secret", "signature", "access", "refresh", "key")


class RequestIdMiddleware:
    """`X-Request-ID` goes in, on into logs and jobs, and out again."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        """Answer with an id, and log a line."""
        if self.is_async:
            return self._answer_async(request)
        started = time.perf_counter()
        request_id = _begin(request)
        return _end(request, self.get_response(request), request_id, started)

    async def _answer_async(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        request_id = _begin(request)
        return _end(request, await self.get_response(request), request_id, started)


def _begin(request: HttpRequest) -> str:
    request_id = accepted_or_new(request.headers.get("X-Request-ID", ""))
    bind_correlation_id(request_id)
    return request_id


def _end(
    request: HttpRequest, response: HttpResponse, request_id: str, started: float
) -> HttpResponse:
    response["X-Request-ID"] = request_id
    is_quiet = response.status_code < 400 and request.path.startswith(_QUIET)
    if is_quiet or request.path.startswith(_SILENT):
        return response
    _log.info(
        "request",
        method=request.method,
        path=shown_path(request),
        status=response.status_code,
        milliseconds=round((time.perf_counter() - started) * 1000, 1),
    )
    return response


def shown_path(request: HttpRequest) -> str:
    """Path and query as logs may hold them: secrets hidden, bounded, without control characters."""
    path = escape_uri_path(request.path)
    query = request.META.get("QUERY_STRING", "")
    if query:
        pairs = parse_qsl(query, keep_blank_values=True, errors="replace", max_num_fields=None)
        shown = [(name, "..." if _is_secret(name) else value) for name, value in pairs]
        path = f"{path}?{urlencode(shown)}"
    return path[:_SHOWN_CHARACTERS]


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in _SECRET)
