"""All routes of exports: one namespace, because Django reverses a name in the first of two."""

from django.urls import include, path

from exports.lessons import views

app_name = "exports"
urlpatterns = [
    path("api/", include("exports.lessons.api_urls")),
    path("courses/<slug:course>/<slug:lesson>/export/", views.lesson_export, name="lesson-export"),
]
