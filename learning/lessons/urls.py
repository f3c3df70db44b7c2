from django.urls import path

from learning.lessons import views

app_name = "lessons"
urlpatterns = [
    path("courses/<slug:course>/figures/<path:name>", views.figure, name="figure"),
    path("courses/<slug:course>/<slug:slug>/", views.lesson, name="lesson"),
]
