"""Jobs for people: my jobs, one job, and the forms that cancel and retry."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from academy.accounts.models import User
from academy.platform.http.limiting import require
from scheduler.jobs import selectors, services
from scheduler.jobs.errors import JobNotFoundError
from scheduler.jobs.models import FINISHED, Job, Status
from scheduler.jobs.subjects import subject_urls

_PAGE = 20


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as a row shows it."""

    document: selectors.StatusDocument
    url: str
    subject_url: str | None

    @property
    def title(self) -> str:
        return self.document["title"]


def rows_of(found: Sequence[tuple[Job, selectors.StatusDocument]]) -> list[JobRow]:
    """The rows of jobs with their documents, in that order."""
    urls = subject_urls(job.subject for job, _document in found)
    return [
        JobRow(
            document=document,
            url=reverse("jobs:job", args=[job.pk]),
            subject_url=urls.get(job.subject),
        )
        for job, document in found
    ]


@never_cache
@require_GET
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """My jobs; its script asks for the part below the heading alone.

    That part shows no messages, so it takes none from the page that they are for.
    """
    person = _person(request)
    chosen = request.GET.get("status", "")
    # The counts and the list tell of the person's own jobs, for operators too.
    jobs = selectors.jobs_as_seen_by(person_id=person.pk)
    counts = selectors.counts_by_status(jobs)
    if chosen in Status.values:
        jobs = selectors.seen_as(jobs, status=chosen)
    newest = jobs.order_by("-created_at", "-pk")
    page: Page[Any] = Paginator(newest, _PAGE).get_page(request.GET.get("page"))
    shown = cast(QuerySet[Any], page.object_list)
    page.object_list = rows_of(selectors.documents_of(shown, person_id=person.pk))
    context = {
        "page": page,
        "filter": chosen if chosen in Status.values else "",
        "counts": counts,
        "statuses": Status.choices,
        "is_newest": page.number == 1 and chosen not in Status.values,
    }
    is_part = request.headers.get("X-Part") == "desk"
    return render(request, "jobs/mine_part.html" if is_part else "jobs/mine.html", context)


@require_GET
@login_required
def job(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    person = _person(request)
    found = selectors.jobs_visible_to(person).filter(pk=job_id)
    rows = rows_of(selectors.documents_of(found, person_id=person.pk))
    if not rows:
        raise JobNotFoundError
    row = rows[0]
    result = row.document["result"]
    context: dict[str, Any] = {
        "row": row,
        "document": row.document,
        "is_finished": row.document["status"] in FINISHED,
        "download_url": result["download_url"] if result else None,
        "log_lines": selectors.log_lines(job_id=job_id),
    }
    response = render(request, "jobs/job.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@login_required
def cancel(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    require(request, "page")
    services.job_cancel(job_id=job_id, acting_user=_person(request))
    return _back(request, job_id)


@require_POST
@login_required
def retry(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    require(request, "page")
    submission = services.job_retry(job_id=job_id, acting_user=_person(request))
    return _back(request, submission.job.pk)


def _back(request: HttpRequest, job_id: uuid.UUID) -> HttpResponseRedirect:
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return HttpResponseRedirect(target, status=303)
    answer = redirect("jobs:job", job_id=job_id)
    answer.status_code = 303
    return answer


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
