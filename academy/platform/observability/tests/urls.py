import structlog
from django.http import HttpResponse, JsonResponse
from django.urls import path

from academy.platform.observability.correlation import correlation_id


def seen(request):
    bound = structlog.contextvars.get_contextvars()
    return JsonResponse({"id": correlation_id(), "bound": bound.get("correlation_id")})


async def seen_async(request):
    return seen(request)


def crash(request):
    raise ZeroDivisionError


handler500 = "academy.platform.observability.tests.urls.broken"


def broken(request):
    return HttpResponse("broken", status=500)


urlpatterns = [
    path("seen/", seen),
    path("seen-async/", seen_async),
    path("crash/", crash),
]
