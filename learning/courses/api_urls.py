from django.urls import path

from learning.courses import api

app_name = "api-courses"
urlpatterns = [
    path("courses/", api.CourseListApi.as_view(), name="list"),
    path("courses/<slug:course>/", api.CourseApi.as_view(), name="detail"),
]
