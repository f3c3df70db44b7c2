"""The class, its stuck lessons, and the courses that somebody teaches."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from academy.accounts.models import User
from academy.platform.errors import AcademyError
from learning.classes.access import Classroom, classroom_for
from learning.classes.filters import NO_COHORT, STUCK_DAY_CHOICES, days_of, filter_of
from learning.classes.forms import EnrolForm
from learning.classes.panels import panels_for
from learning.classes.paths import class_path
from learning.classes.selectors import class_page
from learning.classes.stuck import stuck_lessons
from learning.classes.teaching import taught_by, with_figures
from learning.classes.views.asking import room_to_manage, see_other
from learning.enrolments.dates import State
from learning.enrolments.errors import PersonUnknownError
from learning.enrolments.models import Enrolment
from learning.enrolments.selectors import learner_called
from learning.enrolments.services import Arrival, enrolment_by_staff_outcome

_COURSES_PER_PAGE = 20


@require_safe
def learners(request: HttpRequest, course: str) -> HttpResponse:
    """The learners by how far they are."""
    room = classroom_for(request.user, course)
    if room.course.slug != course:
        return HttpResponsePermanentRedirect(class_path(room.course.slug))
    return _learners(request, room, form=EnrolForm(room.course), status=200)


def _learners(
    request: HttpRequest, room: Classroom, *, form: EnrolForm, status: int
) -> HttpResponse:
    asked = filter_of(request.GET)
    shown = class_page(room, asked, page=request.GET.get("page"))
    # The form's choices are what was read already.
    form.fields["cohort"].choices = [("", _("No cohort")), *((c.pk, c.name) for c in shown.cohorts)]  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "room": room,
        # Whoever sees a class teaches there: the head of the page need not ask.
        "teaches": True,
        "tab": "learners",
        "asked": asked,
        "page": shown.page,
        "figures": shown.figures,
        "cohorts": shown.cohorts,
        "lesson_title": shown.lesson_title,
        "no_cohort": NO_COHORT,
        "states": [(value, label, shown.figures.by_state[value]) for value, label in State.choices],
        "chart": [[one.label, one.learners] for one in shown.figures.bins],
        "form": form,
        "panels": panels_for(request, room),
    }
    return render(request, "classes/learners.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest, course: str) -> HttpResponse:
    """Somebody is enrolled by their e-mail address or user name."""
    if request.method != "POST":
        # The filters and pages of a class that was shown with a refused form lead here.
        return HttpResponseRedirect(f"{class_path(course)}?{request.GET.urlencode()}")
    room = room_to_manage(request, course)
    form = EnrolForm(room.course, request.POST)
    if form.is_valid():
        try:
            enrolment, is_new = _enrolled(room, form.cleaned_data)
        except AcademyError as error:
            form.refuse(error)
            return _learners(request, room, form=form, status=error.http_status)
        done = (
            _("%(name)s is enrolled.")
            if is_new
            else _("%(name)s was enrolled already; nothing is changed.")
        )
        messages.success(request, done % {"name": enrolment.person})
        return see_other(class_path(room.course.slug))
    return _learners(request, room, form=form, status=400)


def _enrolled(room: Classroom, values: dict[str, Any]) -> tuple[Enrolment, bool]:
    person = learner_called(values["who"])
    if person is None:
        raise PersonUnknownError(attr="who")
    arrival = Arrival(
        person=person,
        source=Enrolment.Source.INSTRUCTOR,
        enrolled_by=room.person,
        cohort=values["cohort"],
    )
    return enrolment_by_staff_outcome(course=room.course, arrival=arrival)


@require_safe
def stuck(request: HttpRequest, course: str) -> HttpResponse:
    """Where learners stop."""
    room = classroom_for(request.user, course)
    days = days_of(request.GET)
    lessons = stuck_lessons(room.course, days=days)
    stuck_count = sum(lesson.stuck for lesson in lessons)
    by_number = sorted(lessons, key=lambda one: one.number)
    context = {
        "room": room,
        "tab": "stuck",
        "days": days,
        "day_choices": STUCK_DAY_CHOICES,
        "lessons": lessons,
        "stuck_count": stuck_count,
        # Of nobody there is nothing to draw.
        "chart": [[one.number, one.stuck] for one in by_number] if stuck_count else [],
    }
    return render(request, "classes/stuck.html", context)


@require_safe
@login_required
def teach(request: HttpRequest) -> HttpResponse:
    """The courses that the person teaches."""
    assert isinstance(request.user, User)
    page = Paginator(taught_by(request.user), _COURSES_PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = with_figures(list(page.object_list), request.user)
    return render(request, "classes/teach.html", {"page": page})
