"""The plain form under a lesson: done, or opened anew."""

import uuid

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from academy.accounts.models import User
from academy.accounts.permissions import require as require_right
from academy.platform.http.limiting import require as require_rate
from learning.courses.errors import CourseNotFoundError
from learning.courses.paths import lesson_path
from learning.enrolments.selectors import course_called
from learning.progress.errors import EventUnusableError
from learning.progress.selectors import seat_of
from learning.progress.services import NewEvent, progress_record
from learning.progress.telling import ACTIONS, NO_LESSON, lesson_ids


@require_POST
def tell(request: HttpRequest, course: str, slug: str) -> HttpResponse:
    """The lesson is done, or open anew, and the page is shown again; or it says what is missing.

    `id` is made by the page, so that a form that is sent twice counts once.
    """
    permalink = f"{course}/{slug}"
    person = request.user
    if not isinstance(person, User):
        return redirect_to_login(lesson_path(permalink))
    require_rate(request, "page")
    found = course_called(course)
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
        data={},
    )
    enrolment_id = seat_of(person, found.pk)
    outcome = progress_record(enrolment_id=enrolment_id, events=[event], acting_user=person)[0]
    if outcome.error is not None:
        if outcome.error.http_status == 404:
            raise outcome.error
        messages.error(request, outcome.detail)
    elif kind == ACTIONS["complete"]:
        messages.success(request, _("The lesson is done."))
    else:
        messages.success(request, _("The lesson is open anew."))
    return HttpResponseRedirect(lesson_path(permalink), status=303)


def _event_id(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("id", ""))
    except ValueError:
        return uuid.uuid4()
