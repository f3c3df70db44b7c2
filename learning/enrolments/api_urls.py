from django.urls import path

from learning.enrolments.api import classes, lists, mine, opening

app_name = "api-enrolments"
urlpatterns = [
    path("enrolments/", mine.MyEnrolmentsApi.as_view(), name="mine"),
    path("enrolments/<id:enrolment>/", mine.EnrolmentApi.as_view(), name="detail"),
    path("enrolments/<id:enrolment>/withdraw/", mine.WithdrawApi.as_view(), name="withdraw"),
    path("courses/<slug:course>/enrol/", mine.CourseEnrolApi.as_view(), name="enrol"),
    path("courses/<slug:course>/enrolments/", classes.ClassEnrolmentsApi.as_view(), name="class"),
    path("courses/<slug:course>/cohorts/", classes.CohortsApi.as_view(), name="cohorts"),
    path("courses/<slug:course>/cohorts/<id:cohort>/", classes.CohortApi.as_view(), name="cohort"),
    path("courses/<slug:course>/keys/", classes.KeysApi.as_view(), name="keys"),
    path(
        "courses/<slug:course>/keys/<id:key>/revoke/",
        classes.KeyRevokeApi.as_view(),
        name="key-revoke",
    ),
    path("courses/<slug:course>/enrolment-lists/", lists.ListsApi.as_view(), name="lists"),
    path(
        "courses/<slug:course>/enrolment-lists/<uuid:list_id>/",
        lists.ListApi.as_view(),
        name="list",
    ),
    path(
        "courses/<slug:course>/enrolment-lists/<uuid:list_id>/lines/",
        lists.ListLinesApi.as_view(),
        name="list-lines",
    ),
    path(
        "courses/<slug:course>/enrolment-lists/<uuid:list_id>/report/",
        lists.ListSheetApi.as_view(),
        name="list-report",
    ),
    path(
        "lessons/<slug:course>/<slug:slug>/opening/", opening.OpeningApi.as_view(), name="opening"
    ),
    path(
        "lessons/<slug:course>/<slug:slug>/opening/overrides/",
        opening.OverridesApi.as_view(),
        name="overrides",
    ),
    path(
        "lessons/<slug:course>/<slug:slug>/opening/overrides/<id:override>/",
        opening.OverrideApi.as_view(),
        name="override",
    ),
]
