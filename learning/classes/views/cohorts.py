"""The cohorts of a class."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from academy.platform.errors import AcademyError
from learning.classes.access import Classroom, classroom_for
from learning.classes.actions import Question
from learning.classes.forms import CohortForm
from learning.classes.views.asking import asked, room_to_manage, see_other
from learning.enrolments.models import Cohort
from learning.enrolments.selectors import cohort_of, cohorts_of
from learning.enrolments.services import cohort_delete, cohort_save


@require_http_methods(["GET", "HEAD", "POST"])
def cohorts(request: HttpRequest, course: str) -> HttpResponse:
    """All of them, and a form that makes one."""
    if request.method != "POST":
        room = classroom_for(request.user, course)
        return _listed(request, room, CohortForm(room.course), status=200)
    room = room_to_manage(request, course)
    form = CohortForm(room.course, request.POST)
    status = _saved(room, form, Cohort(course=room.course))
    if status is not None:
        return _listed(request, room, form, status=status)
    messages.success(request, _("The cohort “%(name)s” is made.") % form.cleaned_data)
    return see_other(_path(room))


@require_http_methods(["GET", "HEAD", "POST"])
def cohort(request: HttpRequest, course: str, cohort_id: int) -> HttpResponse:
    """One of them, and a form that changes it."""
    room = classroom_for(request.user, course)
    room.require("class.manage")
    found = cohort_of(room.course, cohort_id)
    status: int | None = 200
    values = {"name": found.name, "starts_at": found.starts_at, "ends_at": found.ends_at}
    if request.method == "POST":
        room = room_to_manage(request, course)
        form = CohortForm(room.course, request.POST, initial=values)
        status = _saved(room, form, found)
        if status is None:
            messages.success(request, _("The cohort “%(name)s” is changed.") % form.cleaned_data)
            return see_other(_path(room))
    else:
        form = CohortForm(room.course, initial=values)
    context = {"room": room, "tab": "cohorts", "cohort": found, "form": form}
    return render(request, "classes/cohort.html", context, status=status)


@require_POST
def delete(request: HttpRequest, course: str, cohort_id: int) -> HttpResponse:
    """The cohort is gone, its people stay."""
    room = room_to_manage(request, course)
    found = cohort_of(room.course, cohort_id)
    count = found.enrolments.count()
    question = Question(
        title=_("Delete the cohort “%(name)s”?") % {"name": found.name},
        body=ngettext(
            "%(count)d learner stays in the class, without the cohort's dates. Keys that lead into the cohort are revoked.",
            "%(count)d learners stay in the class, without the cohort's dates. Keys that lead into the cohort are revoked.",
            count,
        )
        % {"count": count},
        verb=_("Delete"),
        is_grave=True,
    )
    page = asked(request, room, question, back=_path(room))
    if page is not None:
        return page
    cohort_delete(cohort=found, acting_user=room.person)
    messages.success(request, _("The cohort “%(name)s” is deleted.") % {"name": found.name})
    return see_other(_path(room))


def _saved(room: Classroom, form: CohortForm, row: Cohort) -> int | None:
    """None when it is stored; else the status of the refusal, which stands in the form."""
    if not form.is_valid():
        return 400
    # Only what is another: somebody else may be changing the rest.
    fields = form.written()
    for name in fields:
        setattr(row, name, form.cleaned_data[name])
    try:
        with transaction.atomic():
            cohort_save(cohort=row, acting_user=room.person, fields=fields)
    except AcademyError as error:
        form.refuse(error)
        return error.http_status
    return None


def _listed(
    request: HttpRequest, room: Classroom, form: CohortForm, *, status: int
) -> HttpResponse:
    context = {"room": room, "tab": "cohorts", "cohorts": cohorts_of(room.course), "form": form}
    return render(request, "classes/cohorts.html", context, status=status)


def _path(room: Classroom) -> str:
    return reverse("classes:cohorts", args=[room.course.slug])
