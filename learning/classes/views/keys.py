"""The enrolment keys of a class."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from academy.platform.errors import AcademyError
from learning.classes.access import Classroom, classroom_for
from learning.classes.actions import Question
from learning.classes.forms import KeyForm
from learning.classes.views.asking import asked, room_to_manage, see_other
from learning.courses.models import Visibility
from learning.courses.paths import course_path
from learning.enrolments.selectors import key_of, keys_of
from learning.enrolments.services import key_make, key_revoke

_KEYS_PER_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest, course: str) -> HttpResponse:
    """All of them, and a form that makes one."""
    if request.method != "POST":
        room = classroom_for(request.user, course)
        return _listed(request, room, KeyForm(room.course), status=200)
    room = room_to_manage(request, course)
    form = KeyForm(room.course, request.POST)
    if not form.is_valid():
        return _listed(request, room, form, status=400)
    try:
        made = key_make(course=room.course, acting_user=room.person, **form.cleaned_data)
    except AcademyError as error:
        form.refuse(error)
        return _listed(request, room, form, status=error.http_status)
    messages.success(request, _("The key is made: %(key)s") % {"key": made.key})
    return see_other(_path(room))


@require_POST
def revoke(request: HttpRequest, course: str, key_id: int) -> HttpResponse:
    """The key opens nothing any more."""
    room = room_to_manage(request, course)
    key = key_of(room.course, key_id)
    question = Question(
        title=_("Revoke the key “%(key)s”?") % {"key": key.key},
        body=ngettext(
            "Nobody can enrol with it any more. The %(count)d learner who came with it stays.",
            "Nobody can enrol with it any more. The %(count)d learners who came with it stay.",
            key.uses,
        )
        % {"count": key.uses},
        verb=_("Revoke"),
        is_grave=True,
    )
    page = asked(request, room, question, back=_path(room))
    if page is not None:
        return page
    key_revoke(key=key, acting_user=room.person)
    messages.success(request, _("The key “%(key)s” opens nothing any more.") % {"key": key.key})
    return see_other(_path(room))


def _listed(request: HttpRequest, room: Classroom, form: KeyForm, *, status: int) -> HttpResponse:
    page = Paginator(keys_of(room.course), _KEYS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"room": room, "tab": "keys", "page": page, "form": form, **_way_in(room)}
    return render(request, "classes/keys.html", context, status=status)


def _way_in(room: Classroom) -> dict[str, object]:
    """`is_hidden`, and the address that is handed out beside a key: where its holder uses it."""
    course = room.course
    is_hidden = course.visibility == Visibility.ENROLLED
    path = course_path(course.slug)
    if is_hidden:
        # The course's own page is missing for whoever is not enrolled yet.
        path = f"{reverse('enrolments:with-key')}?{urlencode({'course': course.slug})}"
    return {"is_hidden": is_hidden, "key_url": f"{settings.SITE_URL}{path}"}


def _path(room: Classroom) -> str:
    return reverse("classes:keys", args=[room.course.slug])
