"""Coming into a course and leaving it, on pages that work without scripts."""

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from academy.accounts.models import User
from academy.accounts.permissions import may
from academy.accounts.permissions import require as require_right
from academy.platform.errors import AcademyError
from academy.platform.http.limiting import require as require_rate
from learning.courses.errors import CourseNotFoundError
from learning.courses.models import Course
from learning.courses.paths import course_path
from learning.enrolments.errors import EnrolmentNotFoundError, KeyNeededError, KeyRefusedError
from learning.enrolments.forms import CourseKeyForm, KeyForm
from learning.enrolments.selectors import course_addressed, my_enrolments
from learning.enrolments.services import (
    enrolment_self,
    enrolment_with_key,
    enrolment_withdraw,
)
from learning.enrolments.shown import course_published


@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest, course: str) -> HttpResponse:
    """Enrols the person; the form has `csrfmiddlewaretoken` and, where one is needed, `key`.

    On to the course with 303; a key that opens nothing comes back with the form.
    """
    if not isinstance(request.user, User):
        return redirect_to_login(course_path(course))
    found = _course(request.user, course)
    if request.method != "POST":
        return _page(request, KeyForm(), course=found)
    form = KeyForm(request.POST)
    _count(request)
    if not form.is_valid():
        return _page(request, form, course=found, status=400)
    try:
        enrolment_self(course=found, person=request.user, key=form.cleaned_data["key"])
    except (KeyNeededError, KeyRefusedError) as refusal:
        return _again(request, form, refusal, course=found)
    return _welcome(request, request.user, found)


@require_http_methods(["GET", "HEAD", "POST"])
def enrol_with_key(request: HttpRequest) -> HttpResponse:
    """Enrols the person in a course that they may not see yet; fields `course` and `key`."""
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path())
    if request.method != "POST":
        named = request.GET.get("course", "")[:80]
        return _page(request, CourseKeyForm(initial={"course": named}))
    form = CourseKeyForm(request.POST)
    _count(request)
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        enrolment, _is_new = enrolment_with_key(
            course_name=form.cleaned_data["course"],
            person=request.user,
            key=form.cleaned_data["key"],
        )
    except KeyRefusedError as refusal:
        return _again(request, form, refusal)
    return _welcome(request, request.user, enrolment.course)


@require_POST
def leave(request: HttpRequest, course: str) -> HttpResponse:
    """The person is out of the course; on to its page, or to their own where they see it no more."""
    if not isinstance(request.user, User):
        return redirect_to_login(course_path(course))
    require_rate(request, "page")
    found = course_addressed(course)
    if found is None:
        raise CourseNotFoundError
    enrolment = my_enrolments(request.user).filter(course_id=found.pk).first()
    if enrolment is None:
        raise EnrolmentNotFoundError
    enrolment_withdraw(enrolment=enrolment, acting_user=request.user)
    messages.success(
        request, _("You have left “%(course)s”.") % {"course": course_published(found).title}
    )
    return _on(request.user, found)


def _course(person: User, name: str) -> Course:
    course = course_addressed(name)
    if course is None:
        raise CourseNotFoundError
    require_right(person, "course.enrol", course)
    return course


def _count(request: HttpRequest) -> None:
    """Forms are limited, and guessing keys strictly, whatever becomes of them."""
    require_rate(request, "page")
    if request.POST.get("key"):
        require_rate(request, "key", exact=True)


def _welcome(request: HttpRequest, person: User, course: Course) -> HttpResponse:
    messages.success(
        request, _("You are enrolled in “%(course)s”.") % {"course": course_published(course).title}
    )
    return _on(person, course)


def _on(person: User, course: Course) -> HttpResponse:
    # Who is enrolled from a later day on, or no more, may not see the course's page.
    sees = may(person, "course.see", course)
    place = course_path(course.slug) if sees else reverse("desk:home")
    return HttpResponseRedirect(place, status=303)


def _again(
    request: HttpRequest, form: forms.Form, refusal: AcademyError, *, course: Course | None = None
) -> HttpResponse:
    form.add_error("key", str(refusal))
    return _page(request, form, course=course, status=refusal.http_status)


def _page(
    request: HttpRequest, form: forms.Form, *, course: Course | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "course": course_published(course) if course else None,
        # A release has no price: what the course costs holds at once.
        "needs_key": bool(course and course.price),
        "course_url": course_path(course.slug) if course else "",
        "form_url": request.path,
    }
    return render(request, "enrolments/enrol.html", context, status=status)
