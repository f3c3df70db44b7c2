"""Routes of files of classes; included before the lessons', whose permalinks look alike."""

from django.urls import path

from exports.classes import api, views

app_name = "class-exports"
urlpatterns = [
    path("api/courses/<slug:course>/class/export/", api.ClassExportApi.as_view(), name="api"),
    path(
        "api/exports/classes/<uuid:export_id>/download/",
        api.ClassExportDownloadApi.as_view(),
        name="download",
    ),
    path("courses/<slug:course>/class/csv/", views.class_export, name="form"),
]
