"""The learner's own page: where to go on, and what is under way."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.views.decorators.http import require_safe

from academy.accounts.models import User
from learning.enrolments.models import Enrolment


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """My learning."""
    return render(request, "learning/desk.html", {})


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Where signing in leads: to one's own courses, or to those that one could take."""
    person = request.user
    learns = isinstance(person, User) and Enrolment.objects.filter(person=person).exists()
    return HttpResponseRedirect(resolve_url("desk:home" if learns else "courses:catalogue"))
