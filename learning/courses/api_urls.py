from django.urls import path

from learning.courses import api, covers_api

app_name = "api-courses"
urlpatterns = [
    path("courses/", api.CourseListApi.as_view(), name="list"),
    path("courses/<slug:course>/", api.CourseApi.as_view(), name="detail"),
    path("courses/<slug:course>/cover/", covers_api.CourseCoverApi.as_view(), name="cover"),
    path("courses/<slug:course>/owner/", api.CourseOwnerApi.as_view(), name="owner"),
    path("courses/<slug:course>/staff/", api.CourseStaffApi.as_view(), name="staff"),
    path(
        "courses/<slug:course>/staff/<str:username>/",
        api.CourseStaffMemberApi.as_view(),
        name="staff-member",
    ),
]
