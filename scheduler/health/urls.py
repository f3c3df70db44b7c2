from django.urls import path

from scheduler.health.api import HealthApi

app_name = "health"
urlpatterns = [path("health/", HealthApi.as_view(), name="health")]
