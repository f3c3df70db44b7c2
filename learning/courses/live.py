"""The topics of open pages: `reader:<course id>.<enrolment id>` and `catalogue:all`.

Names of courses and lessons are those that readers see: of releases, never of drafts.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from django.db.models import Max

from academy.platform.realtime.hub import Frame, register_loader
from learning.courses.models import Course, CourseChange, ReleasePolicy, Status, Visibility
from learning.courses.paths import course_path
from learning.enrolments.models import Enrolment
from learning.releases.models import ReleaseLesson

NEWEST_CHANGES: Final = 50
"""So many changes stand in one frame; a page that missed more shows the catalogue anew."""

NO_SEAT: Final = 0
"""Instead of an enrolment, for whoever reads the newest release."""


def reader_topic(course: Course, *, enrolment_id: int | None) -> str:
    """What somebody follows who reads the course; learners of a pinned one each their own."""
    is_pinned = course.release_policy == ReleasePolicy.PINNED
    own = enrolment_id if is_pinned and enrolment_id is not None else NO_SEAT
    return f"reader:{course.pk}.{own}"


def reader_frames(keys: Sequence[str]) -> Mapping[str, Frame]:
    """The release that each reader reads, with the content of its lessons; four queries.

    `seq` is the id of the course's newest change.
    """
    parts = {key: _parts(key) for key in keys}
    courses = Course.objects.filter(pk__in={course_id for course_id, _seat in parts.values()})
    known = {
        row[0]: row for row in courses.order_by().values_list("pk", "slug", "newest_release_id")
    }
    pinned = _pinned({seat for _course, seat in parts.values()})
    releases: dict[str, int | None] = {
        key: pinned.get(seat) or known[course_id][2]
        for key, (course_id, seat) in parts.items()
        if course_id in known
    }
    numbers, lessons = _contents({pk for pk in releases.values() if pk is not None})
    seqs = _newest_changes(known)
    frames = {}
    for key, release_id in releases.items():
        course_id, slug, _newest = known[parts[key][0]]
        data = {
            "course_id": course_id,
            "slug": slug,
            "release": numbers.get(release_id),
            "lessons": {
                f"{slug}/{lesson}": content_hash
                for lesson, content_hash in lessons.get(release_id, ())
            },
        }
        frames[key] = Frame(seq=seqs.get(course_id, 0), data=data)
    return frames


def reader_versions(keys: Sequence[str]) -> Mapping[str, int]:
    """The `seq` of each reader: one query."""
    parts = {key: _parts(key)[0] for key in keys}
    seqs = _newest_changes(set(parts.values()))
    return {key: seqs.get(course_id, 0) for key, course_id in parts.items()}


def catalogue_frames(keys: Sequence[str]) -> Mapping[str, Frame]:
    """The newest changes of courses that stand in the catalogue; two queries.

    Courses that are not for everybody, and drafts, are told to nobody; one that was taken back
    is told by its address alone.
    """
    seq = catalogue_versions(keys).get("all", 0)
    rows = CourseChange.objects.filter(pk__lte=seq).order_by("-pk")
    found = rows.select_related("course__newest_release").only(
        "kind",
        "course_slug",
        "course__slug",
        "course__status",
        "course__visibility",
        "course__newest_release__title",
    )[:NEWEST_CHANGES]
    changes = [change for row in found if (change := _change(row)) is not None]
    return {"all": Frame(seq=seq, data={"changes": changes})} if "all" in keys else {}


def catalogue_versions(keys: Sequence[str]) -> Mapping[str, int]:
    """The id of the newest change: one query."""
    newest = CourseChange.objects.aggregate(newest=Max("pk"))["newest"] or 0
    return {"all": newest} if "all" in keys else {}


def _change(row: CourseChange) -> dict[str, Any] | None:
    course = row.course
    if course is None or course.visibility != Visibility.PUBLIC:
        return None
    change = {"seq": row.pk, "slug": course.slug, "kind": row.kind, "title": "", "url": ""}
    if row.kind == CourseChange.Kind.WITHDRAWN:
        return {**change, "slug": row.course_slug}
    if course.status != Status.PUBLISHED or course.newest_release is None:
        return None
    return {**change, "title": course.newest_release.title, "url": course_path(course.slug)}


def _parts(key: str) -> tuple[int, int]:
    course_id, _dot, seat = key.partition(".")
    return int(course_id), int(seat or NO_SEAT)


def _pinned(enrolment_ids: Collection[int]) -> dict[int, int | None]:
    wanted = [pk for pk in enrolment_ids if pk != NO_SEAT]
    if not wanted:
        return {}
    enrolments = Enrolment.objects.filter(pk__in=wanted)
    return dict(enrolments.order_by().values_list("pk", "release_id"))


def _contents(
    release_ids: Collection[int],
) -> tuple[dict[int | None, int], dict[int | None, list[tuple[str, str]]]]:
    """The numbers of the releases, and slugs and content hashes of their lessons."""
    entries = ReleaseLesson.objects.filter(release_id__in=release_ids)
    numbers: dict[int | None, int] = {}
    lessons: dict[int | None, list[tuple[str, str]]] = {}
    for release_id, number, slug, content_hash in entries.order_by("position").values_list(
        "release_id", "release__number", "lesson__slug", "revision__content_hash"
    ):
        numbers[release_id] = number
        lessons.setdefault(release_id, []).append((slug, content_hash))
    return numbers, lessons


def _newest_changes(course_ids: Collection[int]) -> dict[int, int]:
    rows = CourseChange.objects.filter(course_id__in=course_ids).order_by()
    newest = rows.values("course_id").annotate(newest=Max("pk"))
    return dict(newest.values_list("course_id", "newest"))


register_loader("reader", reader_frames, versions=reader_versions)
register_loader("catalogue", catalogue_frames, versions=catalogue_versions)
