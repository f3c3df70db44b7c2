from django.http import HttpResponse
from django.urls import path
from django.utils import timezone


def zone(request):
    return HttpResponse(timezone.get_current_timezone_name())


async def zone_async(request):
    return zone(request)


urlpatterns = [path("zone/", zone), path("zone-async/", zone_async)]
