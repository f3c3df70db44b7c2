"""What lessons, jobs and the collection of files learn from this room."""

from functools import partial

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from exports.artifacts.services import Holder, holder_register
from exports.lessons.formats import formats
from exports.lessons.paths import export_api_path, export_form_path
from exports.lessons.selectors import (
    download_urls,
    format_states,
    lesson_urls,
    newest_times,
    picture_digests,
    revisions_exported,
    revisions_in_work,
)
from exports.lessons.services import lesson_exports_expire
from learning.courses.paths import lesson_path
from learning.lessons import facets, holding, panels
from learning.lessons.selectors import Access, Reading
from scheduler.jobs.subjects import register_subject


def export_panel(request: HttpRequest, reading: Reading) -> SafeString:
    """The control that exports the lesson; four queries more for somebody who may."""
    person = reading.standing.person
    may_export = person is not None and reading.access is Access.FULL
    if reading.is_marked:
        may_export = may_export and reading.standing.may("lesson.export_draft", reading.course)
    query = urlencode({"next": lesson_path(reading.permalink)})
    waits = reading.opening if reading.access is Access.LOCKED else None
    context = {
        "lesson_title": reading.revision.title,
        "permalink": reading.permalink,
        "api_url": export_api_path(reading.permalink),
        "form_url": export_form_path(reading.permalink),
        "is_draft": reading.is_marked,
        "opens": waits.sentence if waits else "",
        "formats": format_states(reading, person=person) if person and may_export else [],
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
holding.register("exports", revisions_exported)
holding.register("export jobs", revisions_in_work)
register_subject("lesson", lesson_urls)
holder_register("lessons", Holder(let_go=_let_go, digests=picture_digests))
