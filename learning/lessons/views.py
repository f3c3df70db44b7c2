"""The lesson's page, and the figures on it."""

from contextlib import suppress
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.http import require_safe

from academy.platform.errors import AcademyError
from academy.platform.storage.store import Store
from learning.courses.paths import lesson_path
from learning.enrolments.selectors import Offer, offer_for
from learning.lessons.errors import FigureNotFoundError
from learning.lessons.panels import panels_for
from learning.lessons.selectors import (
    Access,
    LessonPage,
    Reading,
    course_contents,
    figure_for,
    lesson_page,
    neighbours,
    reading_for,
)
from learning.lessons.trees import Tree, tree_of
from learning.progress.models import ProgressEvent
from learning.progress.rules import is_measured
from learning.progress.services import NewEvent, progress_record

_OPENED: Final = UUID("6f0c1d0e-6b0f-5c58-9d7c-0d3c1f7d6f11")
SVG_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'"


@require_safe
def lesson(request: HttpRequest, course: str, slug: str) -> HttpResponse:
    """The reader."""
    permalink = f"{course}/{slug}"
    draft = request.GET.get("draft") == "1"
    reading = reading_for(request.user, permalink, draft=draft)
    if reading.permalink != permalink:
        return HttpResponsePermanentRedirect(lesson_path(reading.permalink))
    page = lesson_page(reading)
    contents = course_contents(request.user, reading.course, draft=draft, standing=reading.standing)
    previous, following = neighbours(contents, permalink)
    tree = tree_of(reading.standing, reading.course, contents)
    if request.method == "GET" and page.access == Access.FULL:
        _tell_opened(reading, tree)
    context = {
        "lesson": page,
        "contents": tree.sections,
        "previous": previous,
        "next": following,
        "panels": panels_for(request, reading),
        **_of_learner(tree, permalink),
        **_of_staff(page, draft=draft),
        "versions": _version(tree, reading),
        "offer": _offer(reading),
    }
    response = render(request, "learning/lesson.html", context)
    if page.access != Access.FULL:
        response["X-Robots-Tag"] = "noindex"
    return response


def _offer(reading: Reading) -> Offer | None:
    """What a reader can do whose progress is not kept; None for who learns or teaches, or nobody."""
    standing, course = reading.standing, reading.course
    if standing.person is None or standing.teaches(course) or standing.seat_in(course.pk):
        return None
    found = offer_for(standing=standing, course=course)
    return None if found.action == "leave" else found


def _version(tree: Tree, reading: Reading) -> dict[str, Any] | None:
    """Which content is shown, for a page that offers a newer one."""
    link = tree.link_at(reading.permalink)
    if link is None or link.is_draft:
        return None
    return {
        "course_id": reading.course.pk,
        "release": reading.release.number if reading.release else None,
        "lesson": reading.permalink,
        "content_hash": link.content_hash,
    }


def _of_staff(page: LessonPage, *, draft: bool) -> dict[str, str]:
    """The ways between the draft and what learners read; empty for those."""
    return {
        "draft_url": f"{page.url}?draft=1" if page.has_draft and not page.is_draft else "",
        "release_url": page.url if page.is_draft and draft else "",
    }


def _of_learner(tree: Tree, permalink: str) -> dict[str, Any]:
    """What the reader shows of the person's own progress."""
    mark = tree.marks.get(permalink)
    checkpoint = (mark.checkpoint if mark else None) or {}
    return {
        "seed": tree.seed,
        "progress": tree.progress,
        "mark": mark,
        "anchor": checkpoint.get("anchor", ""),
        "fraction": str(checkpoint.get("fraction", "")),
    }


def _tell_opened(reading: Reading, tree: Tree) -> None:
    """The learner's first look at the lesson is an event, once and for good.

    Where reading is measured, so is coming back to it: the time between was spent elsewhere.
    """
    standing, lesson = reading.standing, reading.lesson
    seat = standing.seat_in(lesson.course_id)
    link = tree.link_at(lesson.permalink)
    if seat is None or standing.person is None or link is None or link.is_draft:
        return
    mark = tree.marks.get(lesson.permalink)
    completion = reading.entry.completion if reading.entry else {}
    if mark is not None and (mark.is_completed or not is_measured(completion)):
        return
    event_id = uuid5(_OPENED, f"{seat.enrolment_id}.{lesson.pk}") if mark is None else uuid4()
    opened = NewEvent(event_id, ProgressEvent.Kind.OPENED, lesson.pk, {})
    # The seat may have been lost since it was looked at.
    with suppress(AcademyError):
        progress_record(
            enrolment_id=seat.enrolment_id, events=[opened], acting_user=standing.person
        )


@require_safe
def figure(request: HttpRequest, course: str, name: str) -> HttpResponseBase:
    """A picture's bytes, for somebody who may see it at this moment."""
    version = request.GET.get("v", "")
    found = figure_for(request.user, course_slug=course, name=name, version=version)
    path = Store(settings.MEDIA_ROOT).path(found.digest)
    etag = f'"{found.digest}"'
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is None and not path.is_file():
        raise FigureNotFoundError
    response = unchanged or HttpResponse(path.read_bytes(), content_type=found.content_type)
    is_lasting = len(version) >= 16 and found.digest.startswith(version)
    response["Cache-Control"] = "private, max-age=3600" if is_lasting else "private, no-cache"
    response["ETag"] = etag
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    if found.content_type == "image/svg+xml":
        response["Content-Security-Policy"] = SVG_POLICY
    patch_vary_headers(response, ["Cookie"])
    return response
