"""What class pages, jobs and the collection of files learn from this room."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from academy.accounts.signals import person_anonymised
from exports.artifacts.services import Holder, holder_register
from exports.classes.paths import class_export_api_path, class_export_form_path
from exports.classes.selectors import file_states
from exports.classes.services import class_exports_drop, class_exports_expire
from learning.classes import panels
from learning.classes.access import Classroom
from learning.classes.paths import class_path
from learning.courses.models import Course
from scheduler.jobs.subjects import register_subject


def class_panel(request: HttpRequest, room: Classroom) -> SafeString | None:
    """The control that makes a file of the class; nothing for who may not have one."""
    if not room.is_exported:
        return None
    slug = room.course.slug
    states = file_states(room.course, person=room.person)
    context = {
        "api_url": class_export_api_path(slug),
        "form_url": class_export_form_path(slug),
        # Other tabs of the same class show the same job.
        "place": class_path(slug),
        "formats": states,
        "is_under_way": any(state.document for state in states),
    }
    return render_to_string("exports/class_panel.html", context, request)


def class_urls(keys: Iterable[str]) -> Mapping[str, str]:
    """Pages of classes by the course's id; ids without a course are left out. One query."""
    ids = [int(key) for key in keys if key.isascii() and key.isdigit() and len(key) < 19]
    courses = Course.objects.filter(pk__in=ids).values_list("pk", "slug")
    return {str(pk): class_path(slug) for pk, slug in courses}


@receiver(person_anonymised, dispatch_uid="exports.classes_of_nobody")
def after_person_anonymised(*, person_id: int, **_kwargs: Any) -> None:
    """No file names whoever has left; the next one is made without their name."""
    class_exports_drop(person_id=person_id)


def _let_go() -> int:
    return class_exports_expire(older_than_seconds=settings.EXPORT_TTL_SECONDS)


panels.register(class_panel)
register_subject("class", class_urls)
holder_register("classes", Holder(let_go=_let_go))
