"""Pictures, for those who may see a lesson that shows them."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from academy.accounts.permissions import Person
from learning.courses.models import Course, CourseFigure
from learning.enrolments.opening import openings
from learning.lessons.errors import FigureNotFoundError
from learning.lessons.models import LessonFigure
from learning.lessons.selectors.reading import Access, access_to
from learning.releases.models import ReleaseLesson
from learning.releases.selectors import release_for
from learning.rights.selectors import Standing, standing_of

_SHORTEST_VERSION = 8


@dataclass(frozen=True, slots=True)
class FigureFile:
    """Where a picture's bytes are in the media store."""

    digest: str
    content_type: str


def figure_for(person: Person, *, course_slug: str, name: str, version: str = "") -> FigureFile:
    """The course's figure, for somebody who may see a lesson, or its preview, that shows it.

    `version` begins the digest of the one that is meant: an old release shows its old figure.
    Without one, or where nothing has it, the newest that the person may see.

    Raises:
        FigureNotFoundError: there is none, or nothing that the person may read shows it.
    """
    here = Q(slug=course_slug) | Q(old_addresses__slug=course_slug)
    courses = Course.objects.select_related("newest_release", "cover")
    course = courses.filter(here).order_by("pk").first()
    if course is None:
        raise FigureNotFoundError
    standing = standing_of(person, course_id=course.pk)
    if not standing.sees(course):
        raise FigureNotFoundError
    if standing.teaches(course):
        found = _of_staff(course, name, version)
    else:
        found = _of_cover(course, name, version) or _of_release(standing, course, name, version)
    if found is None:
        raise FigureNotFoundError
    return found


def _versions(version: str) -> list[str]:
    """The beginnings of digests that are looked for, in that order."""
    return [version, ""] if len(version) >= _SHORTEST_VERSION else [""]


def _of_staff(course: Course, name: str, version: str) -> FigureFile | None:
    for wanted in _versions(version):
        own = CourseFigure.objects.filter(course=course, name=name, digest__startswith=wanted)
        shown = LessonFigure.objects.filter(
            revision__lesson__course=course, name=name, digest__startswith=wanted
        )
        found = own.first() or shown.order_by("-revision_id").first()
        if found is not None:
            return FigureFile(digest=found.digest, content_type=found.content_type)
    return None


def _of_cover(course: Course, name: str, version: str) -> FigureFile | None:
    cover = course.cover
    if cover is None or cover.name != name or not cover.digest.startswith(version):
        return None
    return FigureFile(digest=cover.digest, content_type=cover.content_type)


def _of_release(standing: Standing, course: Course, name: str, version: str) -> FigureFile | None:
    release = release_for(standing, course)
    if release is None:
        return None
    # Also what earlier releases showed: a page may be open since, or serve until a new one stands.
    shown = (
        LessonFigure.objects.filter(
            name=name,
            revision__release_entries__release__course=course,
            revision__release_entries__release__number__lte=release.number,
        )
        .select_related("revision")
        .defer("revision__body", "revision__figures", "revision__links")
        .order_by("-revision_id")
        .distinct()
    )
    for wanted in _versions(version):
        found = _readable(standing, course, release.pk, shown.filter(digest__startswith=wanted))
        if found is not None:
            return FigureFile(digest=found.digest, content_type=found.content_type)
    return None


def _readable(
    standing: Standing, course: Course, release_id: int, shown: QuerySet[LessonFigure]
) -> LessonFigure | None:
    """The first that stands in a lesson that the person reads as far as there."""
    uses = list(shown)
    if not uses:
        return None
    entries = ReleaseLesson.objects.filter(
        release_id=release_id, lesson_id__in={use.revision.lesson_id for use in uses}
    )
    read = {entry.lesson_id: entry.revision for entry in entries.select_related("revision")}
    opened = openings(standing=standing, course=course, lesson_ids=list(read))
    for use in uses:
        lesson_id = use.revision.lesson_id
        if lesson_id not in read:
            continue
        access = access_to(standing, course, read[lesson_id], opened.get(lesson_id))
        if access is Access.FULL or (access is Access.GATED and use.in_preview):
            return use
    return None
