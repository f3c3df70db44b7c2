from django.urls import include, path

from academy import urls
from tests.probes import views

handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500
urlpatterns = [
    path("probes/submit/", views.submit),
    path("probes/people/", views.people),
    path("probes/empty/", views.empty),
    path("", include(urls.urlpatterns)),
]
