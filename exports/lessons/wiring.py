"""What lessons, jobs and the collection of files learn from this room."""

from functools import partial

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from academy.accounts.models import User
from exports.artifacts.services import Holder, holder_register
from exports.lessons.formats import formats
from exports.lessons.paths import export_api_path, export_form_path
from exports.lessons.selectors import (
    download_urls,
    format_states,
    lesson_urls,
    newest_times,
    picture_digests,
)
from exports.lessons.services import lesson_exports_expire
from learning.courses.paths import lesson_path
from learning.lessons import facets, panels
from learning.lessons.models import Lesson
from learning.lessons.selectors import Access, lesson_access
from scheduler.jobs.subjects import register_subject


def export_panel(request: HttpRequest, lesson: Lesson) -> SafeString:
    """The control that exports the lesson; four queries more for somebody who may."""
    person = request.user if isinstance(request.user, User) else None
    may_export = person is not None and lesson_access(person, lesson) is Access.FULL
    query = urlencode({"next": lesson_path(lesson.permalink)})
    context = {
        "lesson_title": lesson.title,
        "permalink": lesson.permalink,
        "api_url": export_api_path(lesson.permalink),
        "form_url": export_form_path(lesson.permalink),
        "formats": format_states(lesson, person=person) if person and may_export else [],
        "signed_in": person is not None,
        "sign_in_url": f"{resolve_url(settings.LOGIN_URL)}?{query}",
        "may_export": may_export,
    }
    return render_to_string("exports/lesson_panel.html", context, request)


def _let_go() -> int:
    return lesson_exports_expire(older_than_seconds=settings.FILE_GRACE_SECONDS)


for identifier in formats():
    facets.register(f"export_{identifier}", partial(download_urls, format=identifier))
facets.register("export_generated_at", newest_times, kind="time")
panels.register(export_panel)
register_subject("lesson", lesson_urls)
holder_register("lessons", Holder(let_go=_let_go, digests=picture_digests))
