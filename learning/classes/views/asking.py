"""What the views of a class share: who is let in, and the page that asks before it is done."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from academy.platform.http.limiting import require
from learning.classes.access import Classroom, classroom_for
from learning.classes.actions import Question


def room_to_manage(request: HttpRequest, slug: str) -> Classroom:
    """The class, for somebody who changes it now; counted as one page's action.

    Raises:
        CourseNotFoundError: the class is none of theirs to see.
        PermissionDeniedError: they see it, but do not change it.
    """
    room = classroom_for(request.user, slug)
    room.require("class.manage")
    require(request, "page")
    return room


def asked(
    request: HttpRequest, room: Classroom, question: Question, *, back: str
) -> HttpResponse | None:
    """The page that asks; None when it was answered."""
    if request.POST.get("confirmed") == "1":
        return None
    kept = [
        (name, value)
        for name, value in request.POST.items()
        if name not in {"csrfmiddlewaretoken", "confirmed"}
    ]
    context: Mapping[str, object] = {
        "room": room,
        "question": question,
        "kept": kept,
        "back": back,
    }
    return render(request, "classes/confirm.html", context)


def see_other(url: str) -> HttpResponseRedirect:
    """On to a page by GET, so that reloading it repeats nothing."""
    return HttpResponseRedirect(url, status=303)
