"""What a release changes for the readers of its course: one that was made, or the next one."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Case, F, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from learning.courses.models import Course, Level, Status
from learning.lessons.models import LessonRevision
from learning.lessons.services import drafts_standing
from learning.lessons.sources import course_context, lesson_source, revision_facts
from learning.releases.lesson_changes import (
    LessonChange,
    LessonPlace,
    LessonSide,
    Setting,
    entry_side,
    lesson_change,
    lesson_side,
)
from learning.releases.matching import Budget
from learning.releases.models import Release, ReleaseLesson
from learning.releases.selectors import lessons_to_publish


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
    """A release (`next_number`) beside the one before it (`number`; None: it is the first).

    `opens`: readers do not see the course now, and would; never of what was published. `touched`:
    lessons that bear the course's new title, address, author or links and did not change themselves.
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
    newest, last_number = _newest(course)
    return _compared(
        course=course,
        before=newest,
        old=_entry_sides(newest, course),
        now=course,
        new=_sides_to_be(course),
        next_number=last_number + 1,
        opens=course.status != Status.PUBLISHED,
    )


def release_changes(course: Course, release: Release) -> ReleaseDiff:
    """What the release changed, beside the one before it; at most five queries.

    Texts of lessons for enrolled people are among it, so it is for those who may see drafts.
    """
    earlier = Release.objects.filter(course=course, number__lt=release.number)
    before = earlier.order_by("-number").first()
    return _compared(
        course=course,
        before=before,
        old=_entry_sides(before, course),
        now=release,
        new=_entry_sides(release, course),
        next_number=release.number,
        opens=False,
    )


def _compared(
    *,
    course: Course,
    before: Release | None,
    old: Mapping[int, LessonSide],
    now: Course | Release,
    new: Mapping[int, LessonSide],
    next_number: int,
    opens: bool,
) -> ReleaseDiff:
    texts = _texts_that_differ(old, new)
    before_it = {pk: side.with_text(texts) for pk, side in old.items()}
    after = {pk: side.with_text(texts) for pk, side in new.items()}
    changed, touched = _changed(before_it, after)
    return ReleaseDiff(
        number=before.number if before else None,
        next_number=next_number,
        opens=opens,
        lesson_count=len(after),
        required_count=sum(side.place.is_required for side in after.values()),
        course_settings=tuple(_course_settings(before, now)) if before else (),
        added=tuple(side.place for pk, side in after.items() if pk not in old),
        removed=tuple(side.place for pk, side in old.items() if pk not in after),
        moved=_moved(before_it, after),
        changed=changed,
        touched=touched,
    )


def _newest(course: Course) -> tuple[Release | None, int]:
    """The course's newest release, and the highest number that any of it has."""
    numbers = Release.objects.filter(course=course).order_by("-number").values("number")
    newest = (
        Release.objects.annotate(last_number=Subquery(numbers[:1]))
        .filter(pk=course.newest_release_id or 0)
        .first()
    )
    if newest is not None:
        return newest, newest.last_number
    last = numbers.first()
    return None, last["number"] if last else 0


def _sides_to_be(course: Course) -> dict[int, LessonSide]:
    """The lessons as publishing would keep them; without texts that are kept already."""
    context = course_context(course)
    kept = drafts_standing(course=course, context=context)
    lessons = list(
        lessons_to_publish(course)
        .select_related("section", "draft_revision")
        .defer("body", "draft_revision__body")
        .annotate(
            unkept_text=Case(
                When(pk__in=list(kept), then=Value("", TextField())), default=F("body")
            )
        )
    )
    sides = {}
    for position, lesson in enumerate(lessons, start=1):
        draft = lesson.draft_revision
        if draft is not None and lesson.pk in kept:
            source, revision_id = revision_facts(draft), draft.pk
        else:
            lesson.body = lesson.unkept_text
            source, revision_id = lesson_source(lesson, context), None
        sides[lesson.pk] = lesson_side(lesson, source, position=position, revision_id=revision_id)
    return sides


def _entry_sides(release: Release | None, course: Course) -> dict[int, LessonSide]:
    if release is None:
        return {}
    entries = ReleaseLesson.objects.filter(release=release).order_by("position")
    loaded = entries.select_related("lesson", "revision").defer("lesson__body", "revision__body")
    return {entry.lesson_id: entry_side(entry, course) for entry in loaded}


def _texts_that_differ(
    old: Mapping[int, LessonSide], new: Mapping[int, LessonSide]
) -> dict[int, str]:
    """By revision, for lessons of both; nothing tells of those without a digest."""
    pairs = [(old[pk], side) for pk, side in new.items() if pk in old]
    ids = [
        side.revision_id
        for pair in pairs
        if pair[0].may_say_other_than(pair[1])
        for side in pair
        if side.revision_id
    ]
    if not ids:
        return {}
    rows = LessonRevision.objects.order_by().filter(pk__in=ids)
    return dict(rows.values_list("pk", Coalesce("text_of__body", "body")))


def _course_settings(was: Release, now: Course | Release) -> Iterator[Setting]:
    told = [
        Setting("title", _("Title"), was.title, now.title),
        Setting("summary", _("Summary"), was.summary, now.summary),
        Setting("language", _("Language"), was.language, now.language),
        Setting("level", _("Level"), _level(was.level), _level(now.level)),
    ]
    yield from (setting for setting in told if setting.before != setting.after)
    if was.description_html != now.description_html:
        yield Setting("description", _("Description"), "", "")


def _level(level: str) -> str:
    return str(Level(level).label) if level in Level else level


def _changed(
    before: Mapping[int, LessonSide], after: Mapping[int, LessonSide]
) -> tuple[tuple[LessonChange, ...], tuple[LessonPlace, ...]]:
    budget = Budget()
    changed, touched = [], []
    for pk, side in after.items():
        was = before.get(pk)
        if was is None:
            continue
        change = lesson_change(was, side, budget=budget)
        if change is not None:
            changed.append(change)
        elif was.is_other_content_than(side):
            touched.append(side.place)
    return tuple(changed), tuple(touched)


def _moved(before: Mapping[int, LessonSide], after: Mapping[int, LessonSide]) -> tuple[Move, ...]:
    """As few lessons as possible: one that was carried to the front moved, the others did not."""
    kept = [(before[pk].place, side.place) for pk, side in after.items() if pk in before]
    in_order = _longest_rise([was.position for was, _now in kept])
    moves = [Move(was, now) for was, now in kept]
    return tuple(
        move for index, move in enumerate(moves) if index not in in_order or move.changes_section
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
