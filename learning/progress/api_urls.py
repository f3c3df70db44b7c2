from django.urls import path

from learning.progress import api

app_name = "api-progress"
urlpatterns = [
    path("progress/", api.MyProgressApi.as_view(), name="mine"),
    path("progress/<slug:course>/", api.CourseProgressApi.as_view(), name="course"),
    path("progress/<slug:course>/events/", api.EventsApi.as_view(), name="events"),
    path("courses/<slug:course>/progress/", api.ClassProgressApi.as_view(), name="class"),
    path(
        "courses/<slug:course>/progress/<id:enrolment>/",
        api.LearnerProgressApi.as_view(),
        name="learner",
    ),
]
