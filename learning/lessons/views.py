"""The lesson's page, and the figures on it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.http import require_safe

from academy.platform.storage.store import Store
from learning.courses.paths import lesson_path
from learning.lessons.errors import FigureNotFoundError
from learning.lessons.panels import panels_for
from learning.lessons.selectors import (
    Access,
    course_contents,
    figure_for,
    lesson_for,
    lesson_page,
    neighbours,
)

SVG_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'"


@require_safe
def lesson(request: HttpRequest, course: str, slug: str) -> HttpResponse:
    """The reader."""
    permalink = f"{course}/{slug}"
    found = lesson_for(request.user, permalink)
    if found.permalink != permalink:
        return HttpResponsePermanentRedirect(lesson_path(found.permalink))
    page = lesson_page(request.user, found)
    contents = course_contents(request.user, found.course)
    previous, following = neighbours(contents, permalink)
    context = {
        "lesson": page,
        "contents": contents,
        "previous": previous,
        "next": following,
        "panels": panels_for(request, found),
    }
    response = render(request, "learning/lesson.html", context)
    if page.access == Access.GATED:
        response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def figure(request: HttpRequest, course: str, name: str) -> HttpResponseBase:
    """A picture's bytes, for somebody who may see it at this moment."""
    found = figure_for(request.user, course_slug=course, name=name)
    path = Store(settings.MEDIA_ROOT).path(found.digest)
    etag = f'"{found.digest}"'
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is None and not path.is_file():
        raise FigureNotFoundError
    response = unchanged or HttpResponse(path.read_bytes(), content_type=found.content_type)
    version = request.GET.get("v", "")
    is_lasting = len(version) >= 16 and found.digest.startswith(version)
    response["Cache-Control"] = "private, max-age=3600" if is_lasting else "private, no-cache"
    response["ETag"] = etag
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    if found.content_type == "image/svg+xml":
        response["Content-Security-Policy"] = SVG_POLICY
    patch_vary_headers(response, ["Cookie"])
    return response
