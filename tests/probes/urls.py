from django.urls import include, path

from academy import urls
from tests.probes import learning, views

handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500
urlpatterns = [
    path("probes/submit/", views.submit),
    path("probes/people/", views.people),
    path("probes/empty/", views.empty),
    path("probes/course/", learning.course),
    path("probes/enrol/", learning.enrol),
    path("probes/leave/", learning.leave),
    path("probes/staff/", learning.staff),
    path("probes/edit/", learning.edit),
    path("probes/withdraw/", learning.withdraw),
    path("", include(urls.urlpatterns)),
]
