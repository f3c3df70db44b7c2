"""Django's last words: JSON where programs ask, pages where people do."""

import sys
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from academy.platform.http.answers import error_answer, error_body, speaks_json
from academy.platform.http.bodies import BodyTooLargeError
from academy.platform.http.exceptions import known_error


def handler400(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answers what cannot be understood, and forms that are too large."""
    if isinstance(exception, RequestDataTooBig):
        return error_answer(request, BodyTooLargeError())
    detail = _("The request cannot be understood.")
    return _answer(request, status_code=400, code="bad_request", detail=detail)


def handler403(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answers what may not be done."""
    detail = _("You may not do this.")
    return _answer(request, status_code=403, code="permission_denied", detail=detail)


def handler404(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answers an address that nobody knows."""
    detail = _("There is nothing here.")
    return _answer(request, status_code=404, code="not_found", detail=detail)


def handler500(request: HttpRequest) -> HttpResponse:
    """Answers when something broke: 503 for the database's weather, else 500."""
    known = known_error(sys.exc_info()[1] or Exception())
    if known is not None:
        return error_answer(request, known)
    detail = _("Something broke on our side. It has been noted.")
    return _answer(request, status_code=500, code="error", detail=detail)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answers a form that did not come from our own page, or from one that is too old."""
    detail = _("This page was open for too long. Go back, reload it and try again.")
    return _answer(request, status_code=403, code="csrf_failed", detail=detail)


def _answer(request: HttpRequest, *, status_code: int, code: str, detail: str) -> HttpResponse:
    if speaks_json(request):
        body = error_body(status_code=status_code, code=code, detail=detail)
        return JsonResponse(body, status=status_code, json_dumps_params={"ensure_ascii": False})
    context: dict[str, Any] = {"status": status_code, "detail": detail, "code": code}
    return render(request, f"{status_code}.html", context, status=status_code)
