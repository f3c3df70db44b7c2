from django.urls import path

from learning.releases import api

app_name = "api-releases"
urlpatterns = [
    path("courses/<slug:course>/releases/", api.ReleasesApi.as_view(), name="list"),
    path("courses/<slug:course>/releases/<id:number>/", api.ReleaseApi.as_view(), name="detail"),
    path(
        "courses/<slug:course>/releases/<id:number>/changes/",
        api.ReleaseChangesApi.as_view(),
        name="release-changes",
    ),
    path("courses/<slug:course>/changes/", api.ChangesApi.as_view(), name="changes"),
    path("courses/<slug:course>/withdraw/", api.WithdrawApi.as_view(), name="withdraw"),
]
