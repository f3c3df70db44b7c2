from django.urls import path

from learning.courses import views

app_name = "courses"
urlpatterns = [
    path("", views.catalogue, name="catalogue"),
    path("courses/", views.shelf_above, name="above"),
    path("courses/<slug:course>/", views.course, name="course"),
]
