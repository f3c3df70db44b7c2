"""Lists of people: sent as CSV, worked through by a job, told of line by line."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from academy.platform.errors import AcademyError
from learning.classes.access import Classroom, classroom_for
from learning.classes.forms import ListForm
from learning.classes.paths import list_path
from learning.classes.views.asking import room_to_manage, see_other
from learning.enrolments.models import EnrolmentList, EnrolmentListLine
from learning.enrolments.selectors import (
    line_sentence,
    lines_shown,
    list_of,
    list_sheet,
    lists_of,
)
from learning.enrolments.services import list_receive
from scheduler.jobs.selectors import StatusDocument, plain_documents

_LISTS_PER_PAGE = 20
_LINES_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line with what became of it in a sentence."""

    line: EnrolmentListLine
    sentence: str


@require_http_methods(["GET", "HEAD", "POST"])
def lists(request: HttpRequest, course: str) -> HttpResponse:
    """Those that were sent, and a form that sends one."""
    if request.method != "POST":
        room = classroom_for(request.user, course)
        return _listed(request, room, ListForm(room.course), status=200)
    room = room_to_manage(request, course)
    form = ListForm(room.course, request.POST, request.FILES)
    if not form.is_valid():
        return _listed(request, room, form, status=400)
    data = _sent(form)
    if not data.strip():
        form.add_error("file", _("Choose a file, or paste the lines."))
        return _listed(request, room, form, status=400)
    try:
        kept, _submission = list_receive(course=room.course, data=data, acting_user=room.person)
    except AcademyError as error:
        form.refuse(error)
        return _listed(request, room, form, status=error.http_status)
    return see_other(list_path(room.course.slug, kept.pk))


@require_safe
def report(request: HttpRequest, course: str, list_id: UUID) -> HttpResponse:
    """What became of each line."""
    room = classroom_for(request.user, course)
    kept = list_of(room.course, list_id)
    chosen = request.GET.get("outcome", "")
    chosen = chosen if chosen in EnrolmentListLine.Outcome.values else ""
    lines = lines_shown(kept)
    if chosen:
        lines = lines.filter(outcome=chosen)
    page: Any = Paginator(lines, _LINES_PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = [LineRow(line, line_sentence(line)) for line in page.object_list]
    is_done = kept.done_at is not None
    context = {
        "room": room,
        "tab": "lists",
        "list": kept,
        "page": page,
        "chosen": chosen,
        "outcomes": [
            (value, label, getattr(kept, f"{value}_count"))
            for value, label in EnrolmentListLine.Outcome.choices
        ],
        "document": None if is_done else _job_document(room, kept),
        "is_done": is_done,
    }
    return render(request, "classes/list.html", context)


@require_safe
def sheet(request: HttpRequest, course: str, list_id: UUID) -> HttpResponse:
    """The same as a file."""
    room = classroom_for(request.user, course)
    kept = list_of(room.course, list_id)
    answer = HttpResponse(list_sheet(kept), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{room.course.slug}-list.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def _sent(form: ListForm) -> bytes:
    file = form.cleaned_data["file"]
    if file is not None:
        data: bytes = file.read()
        return data
    text: str = form.cleaned_data["text"]
    return text.encode("utf-8", "replace")


def _job_document(room: Classroom, kept: EnrolmentList) -> StatusDocument | None:
    """How far the job is, for those whose job it is: nobody else can follow or cancel it."""
    is_theirs = kept.sent_by_id == room.person.pk or room.person.is_operator
    if kept.job_id is None or not is_theirs:
        return None
    return plain_documents([kept.job_id]).get(str(kept.job_id))


def _listed(request: HttpRequest, room: Classroom, form: ListForm, *, status: int) -> HttpResponse:
    page = Paginator(lists_of(room.course), _LISTS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"room": room, "tab": "lists", "page": page, "form": form}
    return render(request, "classes/lists.html", context, status=status)
