"""What the admin asks before courses are published or taken back, and what it answers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.accounts.models import User
from academy.platform.errors import AcademyError
from learning.courses.models import Course
from learning.enrolments.dates import holding_seats
from learning.enrolments.models import Enrolment
from learning.releases.comparing import ReleaseDiff, release_compare
from learning.releases.history import releases_of
from learning.releases.impact import release_impact
from learning.releases.services import course_withdraw, release_publish
from learning.releases.telling import effects_told

# Each is compared with what its readers see, in a dozen queries.
MAX_COURSES_AT_ONCE: Final = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """A course, what publishing it would change, and what that does to its learners."""

    course: Course
    diff: ReleaseDiff
    effects: Sequence[str]


def publishing(
    request: HttpRequest,
    courses: Sequence[Course],
    *,
    acting_user: User,
    context: Mapping[str, Any],
) -> HttpResponse | None:
    """A page that asks, or its answer; one course alone has a page of its own for that."""
    if "confirmed" in request.POST:
        for course in courses:
            _publish(request, course, acting_user=acting_user)
        return None
    if len(courses) == 1:
        return HttpResponseRedirect(reverse("releases:publish", args=[courses[0].slug]))
    if len(courses) > MAX_COURSES_AT_ONCE:
        text = _("Publish at most %d courses at once.") % MAX_COURSES_AT_ONCE
        messages.error(request, text)
        return None
    asked = [_asked(course) for course in courses]
    page = {
        **context,
        "title": _("Publish courses"),
        "asked": asked,
        "ready": [one for one in asked if not one.diff.is_nothing],
    }
    return TemplateResponse(request, "admin/learning/course/publish.html", page)


def _asked(course: Course) -> Asked:
    diff = release_compare(course)
    effects = [] if diff.is_nothing else effects_told(course, diff, release_impact(course))
    return Asked(course=course, diff=diff, effects=effects)


def _publish(request: HttpRequest, course: Course, *, acting_user: User) -> None:
    last = releases_of(course).values_list("number", flat=True).first() or 0
    if request.POST.get(f"number-{course.pk}") != str(last + 1):
        text = _("Somebody published meanwhile. Look at what changes now.")
        messages.warning(request, f"{course}: {text}")
        return
    try:
        release = release_publish(course=course, acting_user=acting_user)
    except AcademyError as error:
        messages.warning(request, f"{course}: {error}")
        return
    if release.number > last:
        text = _("Release %d is published.") % release.number
    else:
        text = _("The course is open again with release %d.") % release.number
    messages.success(request, f"{course}: {text}")


def taking_back(
    request: HttpRequest,
    courses: Iterable[Course],
    *,
    acting_user: User,
    context: Mapping[str, Any],
) -> HttpResponse | None:
    """A page that asks, or its answer."""
    opened = [course for course in courses if not course.is_draft]
    if not opened:
        messages.warning(request, _("Only their staff see these courses already."))
        return None
    if "confirmed" in request.POST:
        for course in opened:
            course_withdraw(course=course, acting_user=acting_user)
        text = ngettext(
            "%(count)d course is taken back: only its staff see it.",
            "%(count)d courses are taken back: only their staff see them.",
            len(opened),
        )
        messages.success(request, text % {"count": len(opened)})
        return None
    page = {**context, "title": _("Take courses back"), "asked": _with_learners(opened)}
    return TemplateResponse(request, "admin/learning/course/withdraw.html", page)


def _with_learners(courses: Sequence[Course]) -> list[tuple[Course, int]]:
    seats = Enrolment.objects.filter(holding_seats(), course__in=[one.pk for one in courses])
    counted = seats.order_by().values_list("course_id").annotate(Count("pk"))
    counts = dict(counted)
    return [(course, counts.get(course.pk, 0)) for course in courses]
