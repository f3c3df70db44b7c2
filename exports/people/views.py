"""The form on the account page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from academy.accounts.models import User
from academy.platform.http.limiting import require
from exports.people.services import portrait_ask


@require_POST
@login_required
def export(request: HttpRequest) -> HttpResponse:
    """On to the job's page, where the file is offered when it is made."""
    assert isinstance(request.user, User)
    require(request, "page")
    require(request, "export")
    submission = portrait_ask(person=request.user)
    return HttpResponseRedirect(reverse("jobs:job", args=[submission.job.pk]), status=303)
