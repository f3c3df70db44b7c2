"""One learner's page, and what is done to them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from academy.platform.errors import AcademyError
from learning.classes.access import Classroom, classroom_for
from learning.classes.actions import action_named, lesson_rows, question
from learning.classes.forms import CourseForm, MoveForm, OverrideForm, RescheduleForm
from learning.classes.learner import Exceptions, exceptions_for, recent_events
from learning.classes.paths import learner_path
from learning.classes.selectors import learner_for
from learning.classes.views.asking import asked, room_to_manage, see_other
from learning.courses.models import ReleasePolicy
from learning.enrolments.dates import State
from learning.enrolments.selectors import ends_at
from learning.progress.selectors import progress_document

_ALWAYS = ("suspend", "resume", "withdraw")


@require_safe
def learner(request: HttpRequest, course: str, enrolment_id: int) -> HttpResponse:
    """How far they are, and why."""
    room = classroom_for(request.user, course)
    enrolment = learner_for(room, enrolment_id)
    return _shown(request, room, enrolment, forms={}, status=200)


@require_POST
def act(request: HttpRequest, course: str, enrolment_id: int, action: str) -> HttpResponse:
    """Something is done to the learner, once it is confirmed."""
    room = room_to_manage(request, course)
    enrolment = learner_for(room, enrolment_id)
    known = action_named(action)
    form = None
    if known.form is not None:
        now = _values_now(action, enrolment, lesson=request.POST.get("lesson", ""))
        form = known.form(room.course, request.POST, initial=now)
    if form is not None and not form.is_valid():
        return _shown(request, room, enrolment, forms={action: form}, status=400)
    values = {**form.cleaned_data, "written": form.written()} if form is not None else {}
    back = learner_path(room.course.slug, enrolment.pk)
    page = asked(request, room, known.ask(enrolment, values), back=back)
    if page is not None:
        return page
    try:
        done = known.act(enrolment, values, room.person)
    except AcademyError as error:
        if form is None or error.http_status == 404:
            raise
        form.refuse(error)
        return _shown(request, room, enrolment, forms={action: form}, status=error.http_status)
    messages.success(request, done)
    return see_other(back)


def _shown(
    request: HttpRequest,
    room: Classroom,
    enrolment: Any,
    *,
    forms: dict[str, CourseForm],
    status: int,
) -> HttpResponse:
    document = progress_document(enrolment_id=enrolment.pk)
    exceptions = exceptions_for(enrolment)
    context: dict[str, Any] = {
        "room": room,
        "tab": "learners",
        "enrolment": enrolment,
        "state_label": State(enrolment.state_now).label,
        "ends_at": ends_at(enrolment),
        "document": document,
        "lessons": lesson_rows(enrolment, document, exceptions.by_slug),
        "events": recent_events(enrolment),
        "path": learner_path(room.course.slug, enrolment.pk),
    }
    if room.is_managed:
        context |= _controls(room, enrolment, forms)
        context |= _opening(request, room, exceptions, forms)
    return render(request, "classes/learner.html", context, status=status)


def _values_now(action: str, enrolment: Any, *, lesson: str = "") -> dict[str, Any]:
    """What the form of the action begins with."""
    if action == "reschedule":
        return {"cohort": enrolment.cohort, "expires_at": enrolment.expires_at}
    if action == "open":
        own = exceptions_for(enrolment).own
        known = next((one for one in own if one.lesson.slug == lesson), None)
        return {"opens_at": known.opens_at if known else None}
    return {}


def _controls(room: Classroom, enrolment: Any, forms: dict[str, CourseForm]) -> dict[str, Any]:
    course = room.course
    dates = _values_now("reschedule", enrolment)
    reschedule = forms.get("reschedule") or RescheduleForm(course, initial=dates)
    move = None
    if course.release_policy == ReleasePolicy.PINNED:
        move = forms.get("move") or MoveForm(course, initial={"release": enrolment.release_id})
    shown = {reschedule, move, forms.get("open")}
    return {
        "questions": {name: question(name, enrolment) for name in _ALWAYS},
        "reschedule": reschedule,
        "move": move,
        "wrong": [form for form in forms.values() if form not in shown and form.errors],
    }


def _opening(
    request: HttpRequest, room: Classroom, exceptions: Exceptions, forms: dict[str, CourseForm]
) -> dict[str, Any]:
    """The learner's own exceptions, and the form that makes one; `?lesson=` fills it in."""
    slug = request.GET.get("lesson", "")
    known = next((one for one in exceptions.own if one.lesson.slug == slug), None)
    initial = {"lesson": slug, "opens_at": known.opens_at if known else None}
    return {
        "overrides": exceptions.own,
        "override": forms.get("open") or OverrideForm(room.course, initial=initial),
        "is_opening": bool(slug),
    }
