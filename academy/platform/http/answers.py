"""Refusals outside the REST framework: JSON for programs, pages for people."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from academy.platform.errors import AcademyError

MACHINE_PREFIXES: Final = ("/api/", "/async-monitoring/")


def speaks_json(request: HttpRequest) -> bool:
    """True where the client is a program: errors there are JSON."""
    if not request.path_info.startswith(MACHINE_PREFIXES):
        return False
    return not request.path_info.startswith("/async-monitoring/admin/") or (
        request.get_preferred_type(["text/html", "application/json"]) != "text/html"
    )


def error_body(*, status_code: int, code: str, detail: str, attr: str | None = None) -> Any:
    """The one shape of an error, drf-standardized-errors'."""
    kind = "server_error" if status_code >= 500 else "client_error"
    if status_code == 400 and attr:
        kind = "validation_error"
    return {"type": kind, "errors": [{"code": code, "detail": detail, "attr": attr}]}


def error_answer(request: HttpRequest, error: AcademyError) -> HttpResponse:
    """The answer that tells of `error`, in the client's language: JSON or a page."""
    status_code = error.http_status
    answer: HttpResponse
    if speaks_json(request):
        body = error_body(
            status_code=status_code, code=error.code, detail=str(error), attr=error.attr
        )
        answer = JsonResponse(body, status=status_code, json_dumps_params={"ensure_ascii": False})
    else:
        context = {
            "error": error,
            "status": status_code,
            "retry_after_seconds": error.retry_after_seconds,
        }
        answer = render(request, "refusal.html", context, status=status_code)
    if error.retry_after_seconds is not None:
        answer["Retry-After"] = str(max(1, error.retry_after_seconds))
    if status_code == 401 and speaks_json(request):
        answer["WWW-Authenticate"] = "Bearer"
    return answer
