"""Courses change here, and what is rendered from them follows."""

import re
from collections.abc import Collection
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from academy.platform.database.rows import is_new, rest_taken
from academy.platform.documents.errors import TooComplexError
from academy.platform.documents.markdown import Figure, parse
from academy.platform.documents.page import to_page_html
from academy.platform.documents.text import clean_line, clean_text
from academy.platform.errors import InvalidInputError
from learning.courses.errors import SlugTakenError, SlugUnusableError
from learning.courses.models import (
    MAX_DESCRIPTION_CHARACTERS,
    Course,
    CourseAddress,
    CourseChange,
    Status,
)
from learning.courses.paths import reads_as_id
from learning.courses.services.changes import course_changed
from learning.courses.services.holding import course_held
from learning.courses.signals import release_policy_changed
from learning.lessons.services import lessons_refresh

MAX_PRICE: Final = 2_000_000_000
WRITTEN_FIELDS: Final = (
    "slug", "title", "summary", "description", "language", "level", "visibility", "price",
    "currency", "release_policy", "seat_limit", "enrolment_days",
)  # fmt: skip
"""What instructors write; owner and cover have services of their own."""

# Open pages show these at once; the rest waits for a release.
_SHOWN_AT_ONCE: Final = (
    "slug", "visibility", "price", "currency", "cover_id", "owner_id", "release_policy",
)  # fmt: skip
_IN_DOCUMENTS: Final = ("slug", "title", "language", "owner_id")


def description_html(description: str) -> str:
    """The description as the course's page shows it; short enough to be made in a request.

    Raises:
        InvalidInputError: it is too long or too deeply nested.
    """
    if len(description) > MAX_DESCRIPTION_CHARACTERS:
        raise InvalidInputError(
            _("A description has at most %(limit)d characters; this one has %(count)d.")
            % {"limit": MAX_DESCRIPTION_CHARACTERS, "count": len(description)},
            attr="description",
        )
    try:
        document = parse(description, figures={})
    except TooComplexError as error:
        raise InvalidInputError(str(error), attr="description") from error
    return to_page_html(document, figure_url=_no_figure)


def _no_figure(figure: Figure) -> str:
    return figure.name


@transaction.atomic
def course_save(*, course: Course, fields: Collection[str] = WRITTEN_FIELDS) -> Course:
    """These fields of the course are stored as they stand in it; a new slug leaves the old one.

    The others are in it as they are now, whatever it held: somebody may have written them since it
    was read. A new course is stored whole. Title, summary, description, language and level reach
    readers with the next release, the rest at once; so does the release that learners read, where
    `release_policy` changes, and their percentages with it. Lessons whose documents name what
    changed are rendered anew by jobs.

    Raises:
        CourseNotFoundError: it is gone.
        SlugTakenError: another course has the address, or had it; nothing was stored.
        InvalidInputError: slug, description, price or currency cannot be used; nothing was stored.
    """
    before = None if is_new(course) else course_held(course.pk)
    if before is None:
        # Publishing and taking back decide about these.
        course.status, course.newest_release = Status.DRAFT, None
    else:
        rest_taken(course, present=before, but=fields)
    _check(course)
    course.title = clean_line(course.title)
    course.summary = clean_line(course.summary)
    course.description = clean_text(course.description)
    if before is None or "description" in fields:
        course.description_html = description_html(course.description)
    course.updated_at = Now()
    _store(course, before, fields=fields)
    course.refresh_from_db(fields=["updated_at"])
    if before is not None:
        _tell(course, before)
    return course


def _tell(course: Course, before: Course) -> None:
    if _differ(before, course, ("release_policy",)):
        release_policy_changed.send(sender=None, course_id=course.pk)
    if _differ(before, course, _IN_DOCUMENTS):
        lessons_refresh(course_id=course.pk)
    if not before.is_draft and _differ(before, course, _SHOWN_AT_ONCE):
        course_changed(course=course, kind=CourseChange.Kind.CHANGED)


def _check(course: Course) -> None:
    if not 0 <= course.price <= MAX_PRICE:
        raise InvalidInputError(
            _("A price is from 0 to %d, in minor units.") % MAX_PRICE, attr="price"
        )
    if not re.fullmatch("[A-Z]{3}", course.currency):
        raise InvalidInputError(_("A currency is three letters, such as EUR."), attr="currency")


def _store(course: Course, before: Course | None, *, fields: Collection[str]) -> None:
    if before is None:
        written = None
    else:
        written = {*fields, "updated_at"}
        if "description" in fields:
            written.add("description_html")
    is_moved = before is None or before.slug != course.slug
    try:
        course.save(update_fields=written)
    except IntegrityError as error:
        if is_moved:
            raise SlugTakenError(attr="slug") from error
        raise
    if is_moved:
        _move(course, before)


def slug_require(slug: str, *, course_id: int | None) -> None:
    """Nothing happens to a slug that the course, None for a new one, may take or take back.

    Raises:
        SlugUnusableError: programs would take it for an id.
        SlugTakenError: it still leads to another course that had it.
    """
    if reads_as_id(slug):
        raise SlugUnusableError(attr="slug")
    if CourseAddress.objects.filter(slug=slug).exclude(course_id=course_id or 0).exists():
        raise SlugTakenError(attr="slug")


def _move(course: Course, before: Course | None) -> None:
    # Looked at once the address is ours: who left it may have been awaited for it.
    slug_require(course.slug, course_id=course.pk)
    CourseAddress.objects.filter(slug=course.slug).delete()
    if before is not None:
        CourseAddress.objects.update_or_create(slug=before.slug, defaults={"course": course})


def _differ(before: Course, course: Course, names: Collection[str]) -> bool:
    return any(getattr(before, name) != getattr(course, name) for name in names)


def owner_renamed(*, person_id: int) -> None:
    """Documents of the person's courses name their author as they are called now."""
    for course_id in Course.objects.filter(owner_id=person_id).values_list("pk", flat=True):
        lessons_refresh(course_id=course_id)
