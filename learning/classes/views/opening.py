"""When lessons open: the rules for everybody, and the exceptions of cohorts."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from academy.platform.errors import AcademyError
from learning.classes.access import Classroom, classroom_for
from learning.classes.actions import Question
from learning.classes.filters import number_of
from learning.classes.forms import CohortOverrideForm, CourseForm, RulesForm
from learning.classes.opening import (
    exceptions_in,
    form_values,
    lesson_in,
    lesson_openings,
    new_rules,
    rule_sentence,
    rules_in,
)
from learning.classes.views.asking import asked, room_to_manage, see_other
from learning.enrolments.models import Cohort, DripOverride
from learning.enrolments.selectors import cohort_of
from learning.enrolments.services import (
    drip_override_clear,
    drip_override_set,
    drip_rules_set,
)
from learning.lessons.models import Lesson


@require_safe
def opening(request: HttpRequest, course: str) -> HttpResponse:
    """All lessons with their rules and exceptions."""
    room = classroom_for(request.user, course)
    context = {
        "room": room,
        "tab": "opening",
        "lessons": lesson_openings(room.course),
        "zone": timezone.get_current_timezone_name(),
    }
    return render(request, "classes/opening.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def lesson_opening(request: HttpRequest, course: str, lesson: str) -> HttpResponse:
    """One of them, and forms that change when it opens."""
    if request.method != "POST":
        room = classroom_for(request.user, course)
        return _shown(request, room, _lesson(room, lesson), forms={}, status=200)
    room = room_to_manage(request, course)
    found = _lesson(room, lesson)
    form = RulesForm(found, request.POST, initial=form_values(rules_in(found)))
    status = _ruled(room, found, form)
    if status is not None:
        return _shown(request, room, found, forms={"rules": form}, status=status)
    has_rules = bool(new_rules(form.cleaned_data))
    said = (
        _("The rules of “%(lesson)s” are set.")
        if has_rules
        else _("“%(lesson)s” has no rules: it is open from the start.")
    )
    messages.success(request, said % {"lesson": found.title})
    return see_other(reverse("classes:opening", args=[room.course.slug]))


@require_POST
def clear(request: HttpRequest, course: str, lesson: str) -> HttpResponse:
    """The lesson has no rules any more."""
    room = room_to_manage(request, course)
    found = _lesson(room, lesson)
    said = {"lesson": found.title}
    question = Question(
        title=_("Remove the rules of “%(lesson)s”?") % said,
        body=_("It is open from the start, but for those who have an exception."),
        verb=_("Remove the rules"),
        is_grave=True,
    )
    page = asked(request, room, question, back=_path(room, found))
    if page is not None:
        return page
    drip_rules_set(lesson=found, rules=[], acting_user=room.person)
    messages.success(request, _("“%(lesson)s” has no rules: it is open from the start.") % said)
    return see_other(reverse("classes:opening", args=[room.course.slug]))


@require_POST
def cohort(request: HttpRequest, course: str, lesson: str) -> HttpResponse:
    """For a cohort the lesson opens at another time."""
    room = room_to_manage(request, course)
    found = _lesson(room, lesson)
    known = _chosen(request.POST, exceptions_in(found).cohorts)
    form = CohortOverrideForm(room.course, request.POST, initial=known)
    status = _excepted(room, found, form)
    if status is not None:
        return _shown(request, room, found, forms={"exception": form}, status=status)
    said = {"lesson": found.title, "cohort": form.cleaned_data["cohort"]}
    messages.success(request, _("“%(lesson)s” opens for %(cohort)s as you said.") % said)
    return see_other(_path(room, found))


@require_POST
def end(request: HttpRequest, course: str, lesson: str, cohort_id: int) -> HttpResponse:
    """For the cohort the lesson opens by its rules again."""
    room = room_to_manage(request, course)
    found = _lesson(room, lesson)
    whose = cohort_of(room.course, cohort_id)
    said = {"lesson": found.title, "cohort": whose.name}
    question = Question(
        title=_("End the exception of %(cohort)s?") % said,
        body=_("“%(lesson)s” opens for them by its rules again, and may close now.") % said,
        verb=_("End the exception"),
        is_grave=True,
    )
    page = asked(request, room, question, back=_path(room, found))
    if page is not None:
        return page
    for override in DripOverride.objects.filter(cohort=whose, lesson=found):
        drip_override_clear(override=override, acting_user=room.person)
    messages.success(request, _("“%(lesson)s” opens for %(cohort)s by its rules.") % said)
    return see_other(_path(room, found))


def _ruled(room: Classroom, lesson: Lesson, form: RulesForm) -> int | None:
    """None when the rules are set; else the status of the refusal, which stands in the form."""
    if not form.is_valid():
        return 400
    rules = new_rules(form.cleaned_data)
    try:
        drip_rules_set(lesson=lesson, rules=rules, acting_user=room.person)
    except AcademyError as error:
        form.refuse(error)
        return error.http_status
    return None


def _excepted(room: Classroom, lesson: Lesson, form: CohortOverrideForm) -> int | None:
    """None when the exception is made; else the status of the refusal."""
    if not form.is_valid():
        return 400
    try:
        drip_override_set(lesson=lesson, acting_user=room.person, **form.cleaned_data)
    except AcademyError as error:
        form.refuse(error)
        return error.http_status
    return None


def _shown(
    request: HttpRequest,
    room: Classroom,
    lesson: Lesson,
    *,
    forms: dict[str, CourseForm],
    status: int,
) -> HttpResponse:
    rules = rules_in(lesson)
    exceptions = exceptions_in(lesson)
    context: dict[str, Any] = {
        "room": room,
        "tab": "opening",
        "lesson": lesson,
        "rules": [rule_sentence(rule) for rule in rules],
        "exceptions": exceptions,
    }
    if room.is_managed:
        chosen = _chosen(request.GET, exceptions.cohorts)
        context |= {
            "rules_form": forms.get("rules") or RulesForm(lesson, initial=form_values(rules)),
            "exception_form": forms.get("exception")
            or CohortOverrideForm(room.course, initial=chosen),
            "has_cohorts": Cohort.objects.filter(course=room.course).exists(),
        }
    return render(request, "classes/opening_lesson.html", context, status=status)


def _chosen(asked: Mapping[str, Any], overrides: list[DripOverride]) -> dict[str, Any]:
    """The exception that somebody came to change."""
    wanted = number_of(str(asked.get("cohort", "")))
    found = (one for one in overrides if one.cohort_id == wanted)
    return next(({"cohort": one.cohort_id, "opens_at": one.opens_at} for one in found), {})


def _lesson(room: Classroom, slug: str) -> Lesson:
    lesson = lesson_in(room.course, slug)
    lesson.course = room.course
    return lesson


def _path(room: Classroom, lesson: Lesson) -> str:
    return reverse("classes:opening-lesson", args=[room.course.slug, lesson.slug])
