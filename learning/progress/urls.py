from django.urls import path

from learning.progress import views

app_name = "progress"
urlpatterns = [
    path("courses/<slug:course>/<slug:slug>/progress/", views.tell, name="tell"),
]
