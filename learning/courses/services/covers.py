"""The picture that stands for a course in the catalogue and on its page."""

from dataclasses import replace
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from academy.accounts.models import User
from academy.platform.documents.errors import UnusableFigureError
from learning.courses.errors import CoverUnusableError
from learning.courses.models import Course, CourseFigure
from learning.courses.services.courses import course_save
from learning.courses.services.figures import figure_keep, figure_row_put
from learning.courses.services.holding import course_held
from learning.lessons.models import Lesson
from learning.lessons.services import lessons_follow

# A picture is read while somebody waits; within these that takes a few hundredths of a second.
MAX_COVER_BYTES: Final = 2**20
MAX_COVER_SVG_BYTES: Final = 100_000
MAX_COVER_SVG_TAGS: Final = 5_000
MAX_COVER_SIDE_PX: Final = 1_200
# Of a progressive JPEG each scan is a pass over the whole picture; encoders make ten or so.
MAX_COVER_SCANS: Final = 32
_JPEG: Final = b"\xff\xd8"
_START_OF_SCAN: Final = b"\xff\xda"
_FOLDER: Final = "cover/"
_SVG: Final = "image/svg+xml"
_SUFFIXES: Final = {
    "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif", _SVG: "svg"
}  # fmt: skip


def cover_set(*, course: Course, data: bytes, acting_user: User) -> CourseFigure:
    """The picture is the course's cover, at once; one that came in this way before is let go.

    Idempotent: the same picture changes no row.

    Raises:
        CourseNotFoundError: the course is gone.
        CoverUnusableError: it is no picture of the known kinds, too large, or broken.
    """
    _refuse_large(data)
    try:
        stored = figure_keep(name="cover", data=data, side_limit_px=MAX_COVER_SIDE_PX)
    except UnusableFigureError as error:
        raise CoverUnusableError(str(error)) from error
    # Named by its content: a picture that lessons call "cover.png" stays what it is.
    name = f"{_FOLDER}{stored.digest[:16]}.{_SUFFIXES[stored.content_type]}"
    with transaction.atomic():
        locked = course_held(course.pk)
        is_new = figure_row_put(course_id=locked.pk, stored=replace(stored, name=name))
        cover = CourseFigure.objects.get(course=locked, name=name)
        _changed(locked, cover, names={name} if is_new else set())
    return cover


@transaction.atomic
def cover_remove(*, course: Course, acting_user: User) -> None:
    """The course has no cover; a picture of its lessons stays one. Idempotent.

    Raises:
        CourseNotFoundError: the course is gone.
    """
    _changed(course_held(course.pk), None, names=set())


def _refuse_large(data: bytes) -> None:
    # As UTF-8, or as UTF-16 with its mark.
    is_markup = (
        data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"\xff\xfe", b"\xfe\xff"))
    )
    limit_bytes = MAX_COVER_SVG_BYTES if is_markup else MAX_COVER_BYTES
    if len(data) > limit_bytes:
        raise CoverUnusableError(
            _("A cover has at most %(limit)d kB.") % {"limit": limit_bytes // 1000}
        )
    # An opening and a closing tag each; in the data of a JPEG, 0xFF is never followed by 0xDA.
    if is_markup and data.count(b"<") > 2 * MAX_COVER_SVG_TAGS:
        raise CoverUnusableError(_("This SVG has too many parts for a cover."))
    if data.startswith(_JPEG) and data.count(_START_OF_SCAN) > MAX_COVER_SCANS:
        raise CoverUnusableError(_("This JPEG has too many scans. Save it as a plain one."))


def _changed(course: Course, cover: CourseFigure | None, *, names: set[str]) -> None:
    former = course.cover
    if former != cover:
        course.cover = cover
        course_save(course=course, fields=("cover",))
        if former is not None and former.name.startswith(_FOLDER) and not _is_shown(former):
            former.delete()
            names = {*names, former.name}
    lessons_follow(course_id=course.pk, names=names)


def _is_shown(figure: CourseFigure) -> bool:
    lessons = Lesson.objects.filter(course_id=figure.course_id)
    return lessons.filter(body__contains=figure.name).exists()
