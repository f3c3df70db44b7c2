from django.http import HttpResponse
from django.urls import path
from django.utils import timezone, translation


def zone(request):
    return HttpResponse(timezone.get_current_timezone_name())


async def zone_async(request):
    return zone(request)


def language(request):
    return HttpResponse(translation.get_language())


urlpatterns = [
    path("zone/", zone),
    path("zone-async/", zone_async),
    path("language/", language),
]
