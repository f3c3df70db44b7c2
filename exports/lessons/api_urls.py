from django.urls import path

from exports.lessons import api

urlpatterns = [
    path(
        "lessons/<slug:course>/<slug:lesson>/export/",
        api.LessonExportApi.as_view(),
        name="lesson-export-api",
    ),
    path(
        "lessons/<slug:course>/<slug:lesson>/export/status/",
        api.LessonExportStatusApi.as_view(),
        name="lesson-export-status",
    ),
    path("exports/<uuid:export_id>/download/", api.ExportDownloadApi.as_view(), name="download"),
]
