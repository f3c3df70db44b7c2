"""The catalogue and a course's page."""

from dataclasses import dataclass
from typing import Any, Final, cast

from django.core.paginator import Page, Paginator
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from learning.courses.models import Course, Level
from learning.courses.paths import course_path
from learning.courses.selectors import CoursePage, course_for, course_page
from learning.courses.shelf import (
    Wanted,
    foreign_language_name,
    level_name,
    shelf,
    shelf_cards,
    shelf_languages,
)
from learning.courses.suggestions import suggested_queries
from learning.enrolments.selectors import offer_for
from learning.lessons.selectors import course_contents
from learning.lessons.trees import tree_of
from learning.releases.selectors import release_for
from learning.rights.selectors import Standing, standing_of

_CARDS_PER_PAGE: Final = 20


@dataclass(frozen=True, slots=True)
class StaffLink:
    """A way to what only those who teach the course see."""

    url: str
    label: str
    icon: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A search that finds something where another one does not; `url` keeps its filters."""

    query: str
    url: str


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """The courses, by title or by what is looked for."""
    wanted = Wanted.of(request.GET)
    paginator = Paginator(shelf(request.user, wanted), _CARDS_PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "page": Page[Any](shelf_cards(page.object_list, wanted), page.number, cast(Any, paginator)),
        "query": wanted.query,
        "chosen": wanted,
        "is_filtered": wanted.is_anything,
        "suggestions": [] if paginator.count else _suggestions(request, wanted),
        "levels": Level.choices,
        "languages": shelf_languages(request.user),
    }
    return render(request, "learning/catalogue.html", context)


def _suggestions(request: HttpRequest, wanted: Wanted) -> list[Suggestion]:
    found = []
    for query in suggested_queries(request.user, wanted):
        asked = request.GET.copy()
        asked["q"] = query
        asked.pop("page", None)
        found.append(Suggestion(query=query, url=f"?{asked.urlencode()}"))
    return found


@require_safe
def shelf_above(request: HttpRequest) -> HttpResponse:
    """Leads to the catalogue whoever shortened the address of a course."""
    query = request.GET.urlencode()
    return HttpResponseRedirect(reverse("courses:catalogue") + (f"?{query}" if query else ""))


@require_safe
def course(request: HttpRequest, course: str) -> HttpResponse:
    """A course and its lessons."""
    found = course_for(request.user, course)
    if found.slug != course:
        return HttpResponsePermanentRedirect(course_path(found.slug))
    standing = standing_of(request.user, course_id=found.pk)
    draft = request.GET.get("draft") == "1" and standing.teaches(found)
    contents = course_contents(request.user, found, draft=draft, standing=standing)
    tree = tree_of(standing, found, contents)
    release = release_for(standing, found)
    page = course_page(found, standing=standing, draft=draft)
    context = {
        "course": page,
        "is_draft_view": draft,
        "shown": _told(page),
        "sections": tree.sections,
        "tree": tree,
        "seed": tree.seed,
        "progress": tree.progress,
        "offer": offer_for(standing=standing, course=found),
        "release": release,
        "releases_url": reverse("releases:history", args=[found.slug]),
        "staff_links": _staff_links(standing, found),
        "versions": {"course_id": found.pk, "release": release.number if release else ""},
    }
    return render(request, "learning/course.html", context)


def _told(page: CoursePage) -> dict[str, Any]:
    return {
        "level_label": level_name(page.level),
        "language_label": foreign_language_name(page.language),
        "cover_url": page.cover_url,
        "price": page.price,
        "currency": page.currency,
    }


def _staff_links(standing: Standing, course: Course) -> list[StaffLink]:
    links = []
    if standing.may("class.see", course):
        links.append(StaffLink(reverse("classes:class", args=[course.slug]), _("Class"), "class"))
    if standing.may("course.publish", course):
        links.append(
            StaffLink(reverse("releases:publish", args=[course.slug]), _("Publish"), "live")
        )
    if standing.may("course.see_draft", course) and course.newest_release_id:
        links.append(StaffLink(f"{course_path(course.slug)}?draft=1", _("Draft"), "draft"))
    return links
