"""The form on the lesson's page, for browsers without scripts."""

from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from academy.accounts.models import User
from academy.platform.http.limiting import require
from exports.lessons.services import Ready, lesson_export_request
from learning.courses.paths import lesson_path
from learning.lessons.selectors import reading_for


@require_POST
def lesson_export(request: HttpRequest, course: str, lesson: str) -> HttpResponse:
    """On to the download, or to the job's page, which leads there."""
    if not isinstance(request.user, User):
        # Not back to this address: a form cannot be sent again by a link.
        return redirect_to_login(lesson_path(f"{course}/{lesson}"))
    require(request, "page")
    require(request, "export")
    draft = request.POST.get("draft") == "1"
    reading = reading_for(request.user, f"{course}/{lesson}", draft=draft, pages=False)
    outcome = lesson_export_request(reading=reading, format=request.POST.get("format", ""))
    if isinstance(outcome, Ready):
        return HttpResponseRedirect(outcome.exported.download_url, status=303)
    query = urlencode({"next": lesson_path(reading.permalink)})
    return HttpResponseRedirect(f"{reverse('jobs:job', args=[outcome.job.pk])}?{query}", status=303)
