"""Addresses that only these tests have."""

from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from django.urls import include, path
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from academy.platform.errors import (
    ConflictError,
    InvalidInputError,
    TooManyError,
    UnavailableError,
)
from academy.platform.http.limiting import require
from academy.platform.http.pagination import Pages, ordering_of
from academy.platform.http.resources import conditional
from academy.platform.http.throttling import ActionThrottle, PersonThrottle, StatusThrottle

handler400 = "academy.platform.http.views.handler400"
handler403 = "academy.platform.http.views.handler403"
handler404 = "academy.platform.http.views.handler404"
handler500 = "academy.platform.http.views.handler500"

ERRORS = {
    "conflict": lambda: ConflictError("It has ended."),
    "field": lambda: InvalidInputError("Too long.", attr="title"),
    "invalid": lambda: InvalidInputError("No."),
    "limit": lambda: TooManyError("Slowly.", retry_after_seconds=7),
    "busy": lambda: UnavailableError("Later.", retry_after_seconds=3),
    "missing": lambda: Http404("secret reason"),
    "forbidden": lambda: PermissionDenied("secret reason"),
    "suspicious": lambda: SuspiciousOperation("secret reason"),
    "value": lambda: DataError("integer out of range"),
    "overflow": lambda: OverflowError("Python int too large to convert to SQLite INTEGER"),
    "gone": lambda: InterfaceError("connection already closed"),
    "lost": lambda: OperationalError("server closed the connection unexpectedly"),
    "bug": lambda: ZeroDivisionError("secret reason"),
}


class Open(APIView):
    permission_classes = (AllowAny,)
    throttle_classes: Any = ()


class Echo(Open):
    def post(self, request):
        return Response({"got": request.data})


class Raising(Open):
    def get(self, request, name):
        error = ERRORS[name]()
        raise error


class Numbers(Open):
    def get(self, request):
        pages = Pages()
        page = pages.paginate_queryset(list(range(250)), request, view=self)
        order = ordering_of(
            request.query_params, allowed={"title": "title", "newest": "created_at"}, default="-pk"
        )
        response = pages.get_paginated_response(page)
        response.data["order"] = order
        return response


class Hourly(Open):
    throttle_classes = (PersonThrottle,)

    def get(self, request):
        return Response({})

    def post(self, request):
        return Response({})


class Status(Hourly):
    throttle_classes = (StatusThrottle,)


class Exporting(Hourly):
    throttle_classes = (PersonThrottle, ActionThrottle)
    rate_scope = "export"


class Same(Open):
    def get(self, request):
        return conditional(request, {"title": "入門"})


def raising_page(request, name):
    error = ERRORS[name]()
    raise error


def limited_page(request):
    require(request, "page")
    return HttpResponse("ok")


async def async_page(request):
    return HttpResponse("ok")


urlpatterns = [
    path("api/echo/", Echo.as_view()),
    path("api/raise/<name>/", Raising.as_view()),
    path("api/plain/<name>/", raising_page),
    path("api/numbers/", Numbers.as_view()),
    path("api/hourly/", Hourly.as_view()),
    path("api/status/", Status.as_view()),
    path("api/exporting/", Exporting.as_view()),
    path("api/same/", Same.as_view()),
    path("api/things/<id:thing_id>/", lambda request, thing_id: HttpResponse(str(thing_id))),
    path("page/raise/<name>/", raising_page),
    path("page/limited/", limited_page),
    path("page/async/", async_page),
    # The error pages link to the real ones.
    path("", include("academy.urls")),
]
