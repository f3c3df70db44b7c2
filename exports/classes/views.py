"""The form on the class's page, for browsers without scripts."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from academy.platform.http.limiting import require
from exports.classes.services import Ready, class_export_request
from learning.classes.access import classroom_for
from learning.classes.paths import class_path


@require_POST
@login_required
def class_export(request: HttpRequest, course: str) -> HttpResponse:
    """On to the download, or to the job's page, which leads there."""
    require(request, "page")
    require(request, "export")
    room = classroom_for(request.user, course)
    outcome = class_export_request(
        person=room.person, course=room.course, format=request.POST.get("format", "")
    )
    if isinstance(outcome, Ready):
        return HttpResponseRedirect(outcome.exported.download_url, status=303)
    query = urlencode({"next": class_path(room.course.slug)})
    job = outcome.submission.job
    return HttpResponseRedirect(f"{reverse('jobs:job', args=[job.pk])}?{query}", status=303)
