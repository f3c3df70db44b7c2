"""Every address of the academy."""

from importlib import import_module

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularSwaggerSplitView

from academy.platform.http.schema_view import SchemaView

admin.autodiscover()
# drf-spectacular finds what is imported, and only the web process describes the API.
import_module("academy.accounts.schema")

handler400 = "academy.platform.http.views.handler400"
handler403 = "academy.platform.http.views.handler403"
handler404 = "academy.platform.http.views.handler404"
handler500 = "academy.platform.http.views.handler500"


class Icon(RedirectView):
    """For browsers that ask before they read a page, and on pages that name no icon."""

    def get_redirect_url(self, *_args: object, **_kwargs: object) -> str:
        return static("academy/img/logo.svg")


urlpatterns = [
    path("favicon.ico", Icon.as_view()),
    # Before the lessons' own routes: `export/` must not be taken for part of a permalink.
    path("", include("exports.classes.urls")),
    path("", include("exports.lessons.urls")),
    # So must the class, which is no lesson called `class`.
    path("", include("learning.classes.urls")),
    path("", include("learning.enrolments.urls")),
    path("", include("learning.releases.urls")),
    path("", include("learning.courses.urls")),
    path("", include("learning.progress.urls")),
    path("", include("learning.lessons.urls")),
    path("learn/", include("learning.desk.urls")),
    path("", include("exports.people.urls")),
    path("accounts/", include("academy.accounts.urls")),
    path("accounts/", include("academy.accounts.allauth_urls")),
    path("mailbox/", include("notifications.email.urls")),
    path("jobs/", include("scheduler.jobs.page_urls")),
    path("api/auth/", include("academy.accounts.api_urls")),
    path("api/me/", include("academy.accounts.me_urls")),
    path("api/", include("learning.courses.api_urls")),
    path("api/", include("learning.lessons.api_urls")),
    path("api/", include("learning.releases.api_urls")),
    path("api/", include("learning.enrolments.api_urls")),
    path("api/", include("learning.progress.api_urls")),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path(
        "api/docs/",
        SpectacularSwaggerSplitView.as_view(url_name="schema", throttle_classes=()),
        name="docs",
    ),
    path("async-monitoring/", include("scheduler.jobs.urls")),
    path("async-monitoring/", include("scheduler.health.urls")),
    path("admin/", admin.site.urls),
]
