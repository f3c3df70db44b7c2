from django.urls import path

from learning.lessons import api

app_name = "api-lessons"
urlpatterns = [
    path("lessons/", api.LessonListApi.as_view(), name="list"),
    path("lessons/<slug:course>/<slug:slug>/", api.LessonApi.as_view(), name="detail"),
]
