"""The learner's own page: where to go on, and what is under way."""

from dataclasses import dataclass
from typing import Final

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from academy.accounts.models import User
from academy.platform.documents.text import direction_of
from learning.desk.live import desk_seq, desk_version
from learning.enrolments.models import Enrolment
from learning.progress.selectors import MyCourse, my_learning, recent_activity
from learning.rights.selectors import is_teaching, is_teaching_by_role
from scheduler.jobs.models import UNFINISHED, JobWatch
from scheduler.jobs.selectors import documents_of, jobs_as_seen_by
from scheduler.jobs.views import JobRow, rows_of

_JOBS: Final = 5
_ACTIVITIES: Final = 8


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A course of the learner as the page shows it."""

    course: MyCourse
    direction: str
    resume_url: str

    @property
    def is_done(self) -> bool:
        return self.course.percent == 100


@never_cache
@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """My learning; its script asks for the part below the heading alone.

    That part shows no messages, so it takes none from the page that they are for.
    """
    person = request.user
    assert isinstance(person, User)
    learning = my_learning(person)
    rows = [_row(course) for course in learning.courses]
    jobs, unfinished = _jobs(person)
    context = {
        # Read with the courses, before the rest: what changes meanwhile is told again.
        "seq": desk_version(person.pk) if learning.moments is None else desk_seq(learning.moments),
        "rows": rows,
        "closed": [(course, direction_of(course.language)) for course in learning.closed],
        "next": next((row for row in rows if row.course.resume and not row.is_done), None),
        "activities": recent_activity(person, rows=_ACTIVITIES),
        "jobs": jobs,
        "live_jobs": unfinished,
    }
    is_part = request.headers.get("X-Part") == "desk"
    if learning.teaches is not None:
        context["teaches"] = learning.teaches or is_teaching_by_role(person)
    template = "learning/desk_part.html" if is_part else "learning/desk.html"
    return render(request, template, context)


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Where signing in leads: to what one learns, what one teaches, or what one could learn."""
    person = request.user
    if isinstance(person, User) and Enrolment.objects.filter(person=person).exists():
        place = "desk:home"
    elif is_teaching(person):
        place = "classes:teach"
    else:
        place = "courses:catalogue"
    return HttpResponseRedirect(resolve_url(place))


def _row(course: MyCourse) -> CourseRow:
    url = course.url
    if course.resume:
        anchor = course.resume.anchor
        url = f"{course.resume.url}#{anchor}" if anchor else course.resume.url
    return CourseRow(course=course, direction=direction_of(course.language), resume_url=url)


def _jobs(person: User) -> tuple[list[JobRow], int]:
    """The newest jobs, and how many are unfinished: counted with them, to save a query."""
    unfinished = JobWatch.objects.filter(
        person_id=person.pk, withdrawn_at=None, job__status__in=UNFINISHED
    )
    counted = unfinished.order_by().values("person_id").annotate(number=Count("pk"))
    jobs = (
        jobs_as_seen_by(person_id=person.pk)
        .annotate(unfinished=Coalesce(Subquery(counted.values("number")), 0))
        .order_by("-created_at", "-pk")
    )
    newest = documents_of(jobs[:_JOBS], person_id=person.pk)
    return rows_of(newest), newest[0][0].unfinished if newest else 0
