"""The plain forms under a lesson: done, opened anew, or read as far as here."""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from academy.accounts.models import User
from academy.accounts.permissions import require as require_right
from academy.platform.http.limiting import require as require_rate
from learning.courses.errors import CourseNotFoundError
from learning.courses.paths import lesson_path
from learning.enrolments.selectors import course_addressed
from learning.progress.errors import CheckpointUnusableError, EventUnusableError
from learning.progress.models import ProgressEvent
from learning.progress.selectors import seat_of
from learning.progress.services import NewEvent, progress_record
from learning.progress.telling import ACTIONS, NO_LESSON, lesson_ids

_SAID: Final[Mapping[str, Promise]] = {
    ProgressEvent.Kind.COMPLETED: _("The lesson is done."),
    ProgressEvent.Kind.REOPENED: _("The lesson is open anew."),
    ProgressEvent.Kind.CHECKPOINT: _("This place is remembered: you go on there next time."),
}


@require_POST
def tell(request: HttpRequest, course: str, slug: str) -> HttpResponse:
    """What the form tells is so, and the page is shown again; or it says what is missing.

    `id` is made by the page, so that a form that is sent twice counts once.
    """
    permalink = f"{course}/{slug}"
    person = request.user
    if not isinstance(person, User):
        return redirect_to_login(lesson_path(permalink))
    require_rate(request, "page")
    found = course_addressed(course)
    if found is None:
        raise CourseNotFoundError
    require_right(person, "course.see", found)
    kind = ACTIONS.get(request.POST.get("action", ""))
    if kind is None:
        raise EventUnusableError
    event = NewEvent(
        event_id=_event_id(request),
        kind=kind,
        lesson_id=lesson_ids(found.pk, [permalink]).get(permalink, NO_LESSON),
        data=_place(request) if kind == ProgressEvent.Kind.CHECKPOINT else {},
        by_form=True,
    )
    enrolment_id = seat_of(person, found.pk)
    outcome = progress_record(enrolment_id=enrolment_id, events=[event], acting_user=person)[0]
    if outcome.error is not None:
        if outcome.error.http_status == 404:
            raise outcome.error
        messages.error(request, outcome.detail)
    else:
        messages.success(request, str(_SAID[kind]))
    return HttpResponseRedirect(lesson_path(permalink), status=303)


def _event_id(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("id", ""))
    except ValueError:
        return uuid.uuid4()


def _place(request: HttpRequest) -> Mapping[str, Any]:
    """The start of the section `anchor`, where the form does not say how far down the page."""
    try:
        fraction = float(request.POST.get("fraction") or 0)
    except ValueError as error:
        raise CheckpointUnusableError from error
    return {"anchor": request.POST.get("anchor", ""), "fraction": fraction}
