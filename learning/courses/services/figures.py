"""A course's pictures: bytes in the media store, rows that name them."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from academy.platform.documents.errors import UnusableFigureError
from academy.platform.documents.figures import MAX_PNG_SIDE_PX, inspect, sanitise_svg
from academy.platform.storage.store import Store
from learning.courses.models import CourseFigure
from learning.lessons.models import LessonRevision
from learning.lessons.services import lessons_follow

FIGURE_SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".svg"})
MAX_FIGURE_BYTES: Final = 10 * 1024 * 1024
MAX_NAME_CHARACTERS: Final = 200
_SVG: Final = "image/svg+xml"


@dataclass(frozen=True, slots=True)
class StoredFigure:
    """A picture whose bytes are in the store already; sizes are CSS pixels."""

    name: str
    digest: str
    content_type: str
    size: int
    width: int | None
    height: int | None


def media_store() -> Store:
    """Where the bytes of figures are."""
    return Store(settings.MEDIA_ROOT)


def figure_keep(*, name: str, data: bytes, side_limit_px: int = MAX_PNG_SIDE_PX) -> StoredFigure:
    """The picture's bytes are in the store, an SVG's without whatever acts; no row changes.

    Raises:
        UnusableFigureError: it is no picture of the known kinds, too large, or broken.
    """
    if len(data) > MAX_FIGURE_BYTES:
        raise UnusableFigureError(
            _("The picture has %(size).1f MB; %(limit)d MB is the most.")
            % {"size": len(data) / 1_000_000, "limit": MAX_FIGURE_BYTES // 1_000_000}
        )
    info = inspect(data, name=name, side_limit_px=side_limit_px)
    if info.content_type == _SVG:
        data = sanitise_svg(data)
    stored = media_store().put(data)
    return StoredFigure(
        name=name,
        digest=stored.digest,
        content_type=info.content_type,
        size=stored.size,
        width=info.width_px,
        height=info.height_px,
    )


def figure_name(name: str) -> str:
    """The name as rows have it: a relative path without `.` and `..`.

    Raises:
        UnusableFigureError: it is empty, too long, absolute, or leads elsewhere.
    """
    path = PurePosixPath(name.strip())
    usable = name.strip() and not path.is_absolute() and ".." not in path.parts
    if not usable or len(str(path)) > MAX_NAME_CHARACTERS or not str(path).isprintable():
        raise UnusableFigureError(_("“%(name)s” cannot be a figure's name.") % {"name": name[:80]})
    return str(path)


def figure_put(*, course_id: int, name: str, data: bytes) -> CourseFigure:
    """The course has this picture under this name, and lessons that show it are rendered anew.

    Raises:
        UnusableFigureError: the name or the picture cannot be used; nothing was changed.
    """
    stored = figure_keep(name=figure_name(name), data=data)
    with transaction.atomic():
        if figure_row_put(course_id=course_id, stored=stored):
            lessons_follow(course_id=course_id, names=[stored.name])
    return CourseFigure.objects.get(course_id=course_id, name=stored.name)


def figure_row_put(*, course_id: int, stored: StoredFigure) -> bool:
    """The course's row names the stored bytes; True when that is new. Idempotent."""
    values = {
        "digest": stored.digest,
        "content_type": stored.content_type,
        "size": stored.size,
        "width": stored.width,
        "height": stored.height,
    }
    if CourseFigure.objects.filter(course_id=course_id, name=stored.name, **values).exists():
        return False
    CourseFigure.objects.update_or_create(
        course_id=course_id, name=stored.name, defaults={**values, "updated_at": Now()}
    )
    return True


@transaction.atomic
def figure_delete(*, figure: CourseFigure) -> None:
    """The course has the picture no more; lessons show its alternative text."""
    course_id = figure.course_id
    figure.delete()
    lessons_follow(course_id=course_id, names=[figure.name])


def figures_collect(*, older_than_seconds: float) -> int:
    """Files that no course and no revision names and that are this old are gone; their number."""
    referenced = set(CourseFigure.objects.values_list("digest", flat=True))
    for figures in LessonRevision.objects.values_list("figures", flat=True).iterator():
        referenced.update(digest for digest, *_rest in figures.values())
    return media_store().collect(referenced=referenced, older_than_seconds=older_than_seconds)
