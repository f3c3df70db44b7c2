"""`/api/me/`."""

from django.urls import path

from academy.accounts.api import me

app_name = "me-api"
urlpatterns = [
    path("", me.MeApi.as_view(), name="me"),
    path("delete/", me.MeDeleteApi.as_view(), name="delete"),
]
