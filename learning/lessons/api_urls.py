from django.urls import path

from learning.lessons import api

app_name = "api-lessons"
urlpatterns = [
    path("lessons/", api.LessonListApi.as_view(), name="list"),
    path("lessons/<slug:course>/<slug:slug>/", api.LessonApi.as_view(), name="detail"),
    path("lessons/<slug:course>/<slug:slug>/draft/", api.LessonDraftApi.as_view(), name="draft"),
    path("courses/<slug:course>/lessons/", api.CourseLessonsApi.as_view(), name="of-course"),
    path("courses/<slug:course>/contents/", api.CourseContentsApi.as_view(), name="contents"),
]
