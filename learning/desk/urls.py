from django.urls import path

from learning.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("start/", views.start, name="start"),
]
