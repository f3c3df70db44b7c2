from django.urls import path

from learning.enrolments import views

app_name = "enrolments"
urlpatterns = [
    path("enrol/", views.enrol_with_key, name="with-key"),
    path("courses/<slug:course>/enrol/", views.enrol, name="enrol"),
    path("courses/<slug:course>/leave/", views.leave, name="leave"),
]
