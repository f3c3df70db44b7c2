"""What publishing a course now would change for its readers."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from learning.courses.models import Course, Level, Status
from learning.lessons.models import Lesson, LessonRevision
from learning.lessons.sources import course_context, lesson_source
from learning.releases.lesson_changes import LessonChange, LessonPlace, Setting, lesson_change
from learning.releases.models import Release, ReleaseLesson
from learning.releases.selectors import lessons_to_publish
from learning.releases.texts import Budget


@dataclass(frozen=True, slots=True)
class Move:
    """A lesson that is read earlier or later, or under another heading."""

    before: LessonPlace
    after: LessonPlace

    @property
    def changes_section(self) -> bool:
        """Whether it stands under another heading."""
        return self.before.section != self.after.section


@dataclass(frozen=True, slots=True)
class ReleaseDiff:
    """The newest release beside the one that publishing would make now.

    `touched`: lessons that bear the course's new title, address, author or links and did not
    change themselves. `opens`: readers do not see the course now, and would.
    """

    number: int | None
    next_number: int
    opens: bool
    lesson_count: int
    required_count: int
    course_settings: tuple[Setting, ...]
    added: tuple[LessonPlace, ...]
    removed: tuple[LessonPlace, ...]
    moved: tuple[Move, ...]
    changed: tuple[LessonChange, ...]
    touched: tuple[LessonPlace, ...]

    @property
    def is_first(self) -> bool:
        """Whether nothing was ever published."""
        return self.number is None

    @property
    def is_same(self) -> bool:
        """Whether readers would find nothing that is new to them."""
        news = (self.course_settings, self.added, self.removed, self.moved, self.changed)
        return not (self.is_first or any(news) or self.touched)

    @property
    def is_nothing(self) -> bool:
        """Whether publishing is refused, for there is nothing to publish."""
        return not self.lesson_count or (self.is_same and not self.opens)


def release_compare(course: Course) -> ReleaseDiff:
    """What publishing now would change. Writes nothing; at most seven queries.

    Reads the drafts of the whole course, so it is for those who may see them.
    """
    newest = _newest(course)
    lessons = list(lessons_to_publish(course))
    old = _entries(newest)
    before = {pk: _old_place(entry, course) for pk, entry in old.items()}
    after = {
        lesson.pk: _new_place(lesson, course, position)
        for position, lesson in enumerate(lessons, start=1)
    }
    changed, touched = _changed(course, lessons, old, after)
    return ReleaseDiff(
        number=newest.number if newest else None,
        next_number=_last_number(course) + 1,
        opens=course.status != Status.PUBLISHED,
        lesson_count=len(lessons),
        required_count=sum(lesson.is_required for lesson in lessons),
        course_settings=tuple(_course_settings(course, newest)) if newest else (),
        added=tuple(place for pk, place in after.items() if pk not in before),
        removed=tuple(place for pk, place in before.items() if pk not in after),
        moved=_moved(before, after),
        changed=changed,
        touched=touched,
    )


def _newest(course: Course) -> Release | None:
    return Release.objects.filter(pk=course.newest_release_id or 0).first()


def _last_number(course: Course) -> int:
    numbers = Release.objects.filter(course=course).order_by("-number")
    return numbers.values_list("number", flat=True).first() or 0


def _entries(release: Release | None) -> dict[int, ReleaseLesson]:
    if release is None:
        return {}
    entries = ReleaseLesson.objects.filter(release=release).order_by("position")
    # Texts are read of those only that changed.
    loaded = entries.select_related("lesson", "revision").defer("lesson__body", "revision__body")
    return {entry.lesson_id: entry for entry in loaded}


def _old_place(entry: ReleaseLesson, course: Course) -> LessonPlace:
    return LessonPlace(
        lesson_id=entry.lesson_id,
        permalink=f"{course.slug}/{entry.lesson.slug}",
        title=entry.revision.title,
        section=entry.section_title,
        position=entry.position,
        is_required=entry.is_required,
    )


def _new_place(lesson: Lesson, course: Course, position: int) -> LessonPlace:
    return LessonPlace(
        lesson_id=lesson.pk,
        permalink=f"{course.slug}/{lesson.slug}",
        title=lesson.title,
        section=lesson.section.title if lesson.section else "",
        position=position,
        is_required=lesson.is_required,
    )


def _course_settings(course: Course, newest: Release) -> Iterator[Setting]:
    told = [
        Setting("title", _("Title"), newest.title, course.title),
        Setting("summary", _("Summary"), newest.summary, course.summary),
        Setting("language", _("Language"), newest.language, course.language),
        Setting("level", _("Level"), _level(newest.level), _level(course.level)),
    ]
    yield from (setting for setting in told if setting.before != setting.after)
    if newest.description_html != course.description_html:
        yield Setting("description", _("Description"), "", "")


def _level(level: str) -> str:
    return str(Level(level).label) if level in Level else level


def _changed(
    course: Course,
    lessons: Sequence[Lesson],
    old: Mapping[int, ReleaseLesson],
    places: Mapping[int, LessonPlace],
) -> tuple[tuple[LessonChange, ...], tuple[LessonPlace, ...]]:
    context = course_context(course)
    kept = [(lesson, lesson_source(lesson, context)) for lesson in lessons if lesson.pk in old]
    other = {
        lesson.pk
        for lesson, source in kept
        if source.content_hash != old[lesson.pk].revision.content_hash
    }
    bodies = _bodies([old[pk].revision_id for pk in other])
    budget = Budget()
    changed, touched = [], []
    for lesson, source in kept:
        change = lesson_change(
            place=places[lesson.pk],
            lesson=lesson,
            source=source,
            entry=old[lesson.pk],
            body_before=bodies.get(lesson.pk, source.body),
            budget=budget,
        )
        if change is not None:
            changed.append(change)
        elif lesson.pk in other:
            touched.append(places[lesson.pk])
    return tuple(changed), tuple(touched)


def _bodies(revision_ids: Sequence[int]) -> dict[int, str]:
    if not revision_ids:
        return {}
    revisions = LessonRevision.objects.filter(pk__in=revision_ids)
    return dict(revisions.values_list("lesson_id", "body"))


def _moved(before: Mapping[int, LessonPlace], after: Mapping[int, LessonPlace]) -> tuple[Move, ...]:
    """As few lessons as possible: one that was carried to the front moved, the others did not."""
    kept = [pk for pk in after if pk in before]
    in_order = _longest_rise([before[pk].position for pk in kept])
    return tuple(
        Move(before[pk], after[pk])
        for index, pk in enumerate(kept)
        if index not in in_order or before[pk].section != after[pk].section
    )


def _longest_rise(numbers: Sequence[int]) -> set[int]:
    """Indices of a longest rising subsequence (patience sorting, O(n log n))."""
    tails: list[int] = []
    tops: list[int] = []
    previous: list[int | None] = []
    for index, number in enumerate(numbers):
        pile = bisect_left(tails, number)
        previous.append(tops[pile - 1] if pile else None)
        tails[pile : pile + 1] = [number]
        tops[pile : pile + 1] = [index]
    found: set[int] = set()
    at = tops[-1] if tops else None
    while at is not None:
        found.add(at)
        at = previous[at]
    return found
