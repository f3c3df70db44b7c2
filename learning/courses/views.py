"""The catalogue and a course's page."""

from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from learning.courses.paths import course_path
from learning.courses.selectors import (
    course_cards,
    course_for,
    course_page,
    listed_courses,
    searched,
)
from learning.lessons.selectors import course_contents

_CARDS_PER_PAGE = 20


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """The courses, by title or by what is looked for."""
    query = searched(request.GET.get("q", ""))
    paginator = Paginator(listed_courses(request.user, query=query), _CARDS_PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    cards = course_cards(page.object_list)
    context = {"page": Page[Any](cards, page.number, cast(Any, paginator)), "query": query}
    return render(request, "learning/catalogue.html", context)


@require_safe
def course(request: HttpRequest, course: str) -> HttpResponse:
    """A course and its lessons."""
    found = course_for(request.user, course)
    if found.slug != course:
        return HttpResponsePermanentRedirect(course_path(found.slug))
    context = {
        "course": course_page(found),
        "sections": course_contents(request.user, found),
    }
    return render(request, "learning/course.html", context)
