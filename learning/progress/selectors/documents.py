"""Progress that explains itself: what pages, programs and sockets show of one learner."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypedDict

from django.db.models import Case, CharField, F, OuterRef, QuerySet, Subquery, Value, When

from learning.courses.models import Course
from learning.courses.paths import lesson_path
from learning.enrolments.models import DripOverride, DripRule, Enrolment
from learning.enrolments.opening import Opening, openings
from learning.enrolments.shown import COURSE_TEXTS, course_read
from learning.progress.errors import NotEnrolledError
from learning.progress.folding import BY_STAFF
from learning.progress.models import CourseProgress, LessonProgress, ProgressEvent
from learning.progress.rules import (
    MARKED,
    Explanation,
    Facts,
    RuleSentence,
    explained,
    marked_sentence,
)
from learning.progress.selectors.places import (
    EntryPlace,
    Mark,
    Place,
    progress_row,
    read_release_id,
    resume_place,
)
from learning.releases.models import Release, ReleaseLesson
from learning.rights.selectors import standing_of


class CheckpointDocument(TypedDict):
    """`fraction` is 0 to 1 of the page, below the heading `anchor` (empty: none)."""

    anchor: str
    fraction: float


class RuleDocument(TypedDict):
    """`rule` is its registered name, or `any` where one of several would do.

    `remaining_seconds` of reading are missing; None where it is something else, or met.
    """

    rule: str
    sentence: str
    remaining_seconds: int | None


class RulesDocument(TypedDict):
    """Nothing missing: by its rules the lesson is done."""

    met: list[RuleDocument]
    missing: list[RuleDocument]


class LessonProgressDocument(TypedDict):
    """A lesson of the learner's release; `state` is `new`, `opened` or `completed`.

    Times are ISO 8601 in UTC. `opening` says what a lesson waits for that is not `is_open`.
    """

    lesson: str
    title: str
    url: str
    section: str
    number: int
    is_required: bool
    is_open: bool
    opens_at: str | None
    opening: str
    state: str
    opened_at: str | None
    completed_at: str | None
    checkpoint: CheckpointDocument | None
    seconds: int
    rules: RulesDocument


class ResumeDocument(TypedDict):
    """Where to go on."""

    lesson: str
    title: str
    url: str
    anchor: str
    fraction: float


class ProgressDocument(TypedDict):
    """One learner in one course; `release` is the number of the one that they read."""

    course_id: int
    course: str
    title: str
    release: int | None
    seq: int
    percent: int
    completed_count: int
    required_count: int
    completed_at: str | None
    last_active_at: str | None
    resume: ResumeDocument | None
    lessons: list[LessonProgressDocument]


@dataclass(frozen=True, slots=True)
class _Entry:
    place: EntryPlace
    section: str
    is_required: bool
    completion: Mapping[str, Any]


def progress_document(*, enrolment_id: int) -> ProgressDocument:
    """How far the learner is, lesson by lesson, in the language of the moment.

    At most eleven queries, however many lessons; five in a course without opening rules.

    Raises:
        NotEnrolledError: there is no such enrolment.
    """
    found = progress_documents([enrolment_id])
    if enrolment_id not in found:
        raise NotEnrolledError
    return found[enrolment_id]


def progress_documents(enrolment_ids: Collection[int]) -> dict[int, ProgressDocument]:
    """The documents of those that exist: five queries, and more only where opening rules are."""
    seats = list(
        Enrolment.objects.filter(pk__in=enrolment_ids)
        .select_related("course__newest_release", "release", "person", "progress")
        .defer(*COURSE_TEXTS)
    )
    release_ids = {pk for pk in map(read_release_id, seats) if pk is not None}
    numbers = dict(Release.objects.filter(pk__in=release_ids).values_list("pk", "number"))
    entries = _entries(release_ids)
    rows: dict[int, dict[int, Any]] = {}
    for row in _stored().filter(enrolment__in=seats).order_by():
        rows.setdefault(row.enrolment_id, {})[row.lesson_id] = row
    ruled = _ruled_courses({seat.course_id for seat in seats})
    documents = {}
    for seat in seats:
        release_id = read_release_id(seat)
        lessons = entries.get(release_id, [])
        waiting = _openings(seat, lessons) if seat.course_id in ruled else {}
        documents[seat.pk] = _document(
            seat,
            release=numbers.get(release_id) if release_id is not None else None,
            lessons=lessons,
            rows=rows.get(seat.pk, {}),
            waiting=waiting,
        )
    return documents


def _stored() -> QuerySet[LessonProgress]:
    """The rows, with the name of whoever completed the lesson in the learner's stead.

    `marked_by` is None where nobody did, and empty where they have no name, or no account any more.
    """
    named = When(by__is_active=True, then="by__display_name")
    completing = ProgressEvent.objects.filter(
        enrolment=OuterRef("enrolment"),
        lesson=OuterRef("lesson"),
        occurred_at=OuterRef("completed_at"),
        kind=ProgressEvent.Kind.COMPLETED,
        data__has_key=BY_STAFF,
    )
    name = Case(named, default=Value(""), output_field=CharField())
    return LessonProgress.objects.annotate(
        marked_by=Subquery(completing.order_by().values_list(name)[:1])
    )


def _entries(release_ids: Collection[int]) -> dict[int | None, list[_Entry]]:
    rows = ReleaseLesson.objects.filter(release_id__in=release_ids).order_by("position")
    found: dict[int | None, list[_Entry]] = {}
    for release_id, lesson_id, slug, title, *rest in rows.values_list(
        "release_id",
        "lesson_id",
        "lesson__slug",
        "revision__title",
        "section_title",
        "is_required",
        "completion",
    ):
        place = EntryPlace(lesson_id, slug, title)
        found.setdefault(release_id, []).append(_Entry(place, *rest))
    return found


def has_rules(lesson_ids: Collection[int]) -> bool:
    """Whether one of the lessons does not simply stand open: one query."""
    rules = DripRule.objects.filter(lesson_id__in=lesson_ids).order_by().values_list("lesson_id")
    overrides = DripOverride.objects.filter(lesson_id__in=lesson_ids).order_by()
    return bool(lesson_ids) and rules.union(overrides.values_list("lesson_id")).exists()


def _ruled_courses(course_ids: Collection[int]) -> set[int]:
    """The courses in which some lesson does not simply stand open: one query."""
    wanted = {"lesson__course_id__in": course_ids}
    course_id = F("lesson__course_id")
    rules = DripRule.objects.filter(**wanted).order_by().values_list(course_id)
    overrides = DripOverride.objects.filter(**wanted).order_by().values_list(course_id)
    return {pk for (pk,) in rules.union(overrides)}


def _openings(seat: Enrolment, lessons: Sequence[_Entry]) -> Mapping[int, Opening]:
    return openings(
        standing=standing_of(seat.person, course_id=seat.course_id),
        course=seat.course,
        lesson_ids=[entry.place.lesson_id for entry in lessons],
    )


def _document(
    seat: Enrolment,
    *,
    release: int | None,
    lessons: Sequence[_Entry],
    rows: Mapping[int, Any],
    waiting: Mapping[int, Opening],
) -> ProgressDocument:
    row = progress_row(seat) or CourseProgress(enrolment_id=seat.pk)
    marks = {pk: Mark(state=found.state, checkpoint=found.checkpoint) for pk, found in rows.items()}
    places = [entry.place for entry in lessons]
    resume = resume_place(
        seat.course.slug,
        places,
        marks,
        last_lesson_id=row.last_lesson_id,
        closed={pk for pk, opening in waiting.items() if not opening.is_open},
    )
    return {
        "course_id": seat.course_id,
        "course": seat.course.slug,
        "title": course_read(seat).title,
        "release": release,
        "seq": row.seq,
        "percent": row.percent,
        "completed_count": row.completed_count,
        "required_count": row.required_count,
        "completed_at": iso(row.completed_at),
        "last_active_at": iso(row.last_active_at),
        "resume": resume_document(resume),
        "lessons": [
            _lesson(
                seat.course,
                entry,
                number=number,
                row=rows.get(entry.place.lesson_id)
                or LessonProgress(enrolment_id=seat.pk, lesson_id=entry.place.lesson_id, state=""),
                opening=waiting.get(entry.place.lesson_id, Opening(is_open=True)),
            )
            for number, entry in enumerate(lessons, start=1)
        ],
    }


def _lesson(
    course: Course, entry: _Entry, *, number: int, row: LessonProgress, opening: Opening
) -> LessonProgressDocument:
    permalink = f"{course.slug}/{entry.place.slug}"
    return {
        "lesson": permalink,
        "title": entry.place.title,
        "url": lesson_path(permalink),
        "section": entry.section,
        "number": number,
        "is_required": entry.is_required,
        "is_open": opening.is_open,
        "opens_at": iso(opening.opens_at),
        "opening": opening.sentence,
        "state": row.state or "new",
        "opened_at": iso(row.opened_at),
        "completed_at": iso(row.completed_at),
        "checkpoint": row.checkpoint,
        "seconds": row.seconds,
        "rules": _rules(entry.completion, row),
    }


def _rules(completion: Mapping[str, Any], row: LessonProgress) -> RulesDocument:
    is_done = row.state == LessonProgress.State.COMPLETED
    facts = Facts(
        enrolment_id=row.enrolment_id,
        lesson_id=row.lesson_id,
        seconds=row.seconds,
        is_marked=is_done,
        marked_by=getattr(row, "marked_by", None),
    )
    found: Explanation = explained(completion, facts)
    met = found.met
    if facts.marked_by is not None and all(one.rule != MARKED for one in met):
        # Whatever the rules ask for, this is why the lesson is done.
        met = (RuleSentence(MARKED, marked_sentence(facts)), *met)
    # What was completed stays so: rules of a later release are asked of nobody twice.
    missing = () if is_done else found.missing
    return {"met": _sentences(met), "missing": _sentences(missing)}


def _sentences(found: Sequence[RuleSentence]) -> list[RuleDocument]:
    return [
        {
            "rule": one.rule,
            "sentence": one.sentence,
            "remaining_seconds": one.remaining_seconds,
        }
        for one in found
    ]


def resume_document(place: Place | None) -> ResumeDocument | None:
    """The place as documents say it."""
    if place is None:
        return None
    return {
        "lesson": place.permalink,
        "title": place.title,
        "url": place.url,
        "anchor": place.anchor,
        "fraction": place.fraction,
    }


def iso(moment: datetime | None) -> str | None:
    """The moment in ISO 8601 with milliseconds, in UTC."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
