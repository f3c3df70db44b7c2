from django.urls import path

from learning.releases import views

app_name = "releases"
urlpatterns = [
    path("courses/<slug:course>/publish/", views.publish, name="publish"),
    path("courses/<slug:course>/releases/", views.history, name="history"),
    path("courses/<slug:course>/releases/<id:number>/", views.release, name="release"),
]
