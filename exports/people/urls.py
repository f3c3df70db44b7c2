from django.urls import path

from exports.people import api, views

app_name = "people"
urlpatterns = [
    path("accounts/me/export/", views.export, name="export"),
    path("api/me/export/", api.PortraitApi.as_view(), name="export-api"),
    path(
        "api/me/export/<uuid:portrait_id>/download/",
        api.PortraitDownloadApi.as_view(),
        name="download",
    ),
]
