"""Which release a learner reads, where they stand in it, and where they go on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import (
    Case,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from academy.accounts.permissions import Person, signed_in
from academy.platform.errors import AcademyError
from learning.courses.models import ReleasePolicy
from learning.courses.paths import lesson_path
from learning.enrolments.dates import State, state_now
from learning.enrolments.models import Enrolment
from learning.progress.errors import (
    NotEnrolledError,
    SeatEndedError,
    SeatNotBegunError,
    SeatSuspendedError,
)
from learning.progress.models import CourseProgress, LessonProgress
from learning.releases.models import ReleaseLesson

_REFUSALS: Final[Mapping[str, type[AcademyError]]] = {
    State.WITHDRAWN: NotEnrolledError,
    State.SUSPENDED: SeatSuspendedError,
    State.UPCOMING: SeatNotBegunError,
    State.ENDED: SeatEndedError,
}


@dataclass(frozen=True, slots=True)
class Mark:
    """`state` is `opened` or `completed`; `checkpoint` is `{"anchor", "fraction"}` or None."""

    state: str
    checkpoint: Mapping[str, Any] | None

    @property
    def is_completed(self) -> bool:
        """Whether the lesson is ticked."""
        return self.state == LessonProgress.State.COMPLETED


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go on: a lesson, and how far down it (0 to 1) below which heading."""

    title: str
    permalink: str
    url: str
    anchor: str
    fraction: float


@dataclass(frozen=True, slots=True)
class EntryPlace:
    """A lesson of a release, as far as going on is concerned."""

    lesson_id: int
    slug: str
    title: str


def read_release(prefix: str = "") -> Case:
    """The id of the release that the learner of an enrolment reads, in SQL."""
    return Case(
        When(
            **{f"{prefix}course__release_policy": ReleasePolicy.PINNED},
            then=Coalesce(f"{prefix}release_id", f"{prefix}course__newest_release_id"),
        ),
        default=F(f"{prefix}course__newest_release_id"),
    )


def read_release_id(enrolment: Enrolment) -> int | None:
    """The same of one enrolment whose course is loaded; None: nothing is published yet."""
    course = enrolment.course
    if course.release_policy == ReleasePolicy.PINNED and enrolment.release_id is not None:
        return enrolment.release_id
    return course.newest_release_id


def with_title_read(rows: QuerySet[Any], *, lesson: str, enrolment: str = "") -> QuerySet[Any]:
    """The rows with `title_read`: what the learner calls the lesson; empty without one.

    `lesson` is the path to the lesson, `enrolment` the prefix of the one that it is read by. Where
    their release has the lesson no more, it has the title of the last release that had it.
    """
    entries = ReleaseLesson.objects.filter(lesson_id=OuterRef(f"{lesson}_id"))
    title = entries.order_by("-release__number").values("revision__title")[:1]
    own = entries.filter(release_id=OuterRef("reads")).order_by().values("revision__title")[:1]
    titled: QuerySet[Any] = rows.alias(reads=read_release(enrolment)).annotate(
        title_read=Coalesce(Subquery(own), Subquery(title), f"{lesson}__title", Value(""))
    )
    return titled


def state_require_open(state: str) -> None:
    """Nothing happens where the enrolment is open at this moment.

    Raises:
        NotEnrolledError: the person left the course, or was taken out.
        SeatSuspendedError: an instructor holds their enrolment.
        SeatNotBegunError: their cohort has not begun.
        SeatEndedError: their time is over.
    """
    refusal = _REFUSALS.get(state)
    if refusal is not None:
        raise refusal


def seat_of(person: Person, course_id: int) -> int:
    """The id of the person's open enrolment in the course: one query.

    Raises:
        NotEnrolledError, SeatSuspendedError, SeatNotBegunError, SeatEndedError: there is none.
    """
    someone = signed_in(person)
    if someone is None:
        raise NotEnrolledError
    rows = Enrolment.objects.filter(person_id=someone.pk, course_id=course_id)
    found = rows.annotate(state=state_now()).values_list("pk", "state").first()
    if found is None:
        raise NotEnrolledError
    state_require_open(found[1])
    return found[0]


def marks_of(person: Person, course_id: int) -> Mapping[int, Mark]:
    """Where the person stands in the lessons of a course, by the lesson's id: one query.

    Lessons that they never opened are left out.
    """
    someone = signed_in(person)
    if someone is None:
        return {}
    rows = LessonProgress.objects.filter(
        enrolment__person_id=someone.pk, enrolment__course_id=course_id
    )
    return {
        lesson_id: Mark(state=state, checkpoint=checkpoint)
        for lesson_id, state, checkpoint in rows.order_by().values_list(
            "lesson_id", "state", "checkpoint"
        )
    }


def progress_row(enrolment: Enrolment) -> CourseProgress | None:
    """The enrolment's row, which `select_related` may have loaded; None while there is none."""
    try:
        return enrolment.progress
    except CourseProgress.DoesNotExist:
        return None


def seq_of(enrolment_id: int) -> int:
    """How often the enrolment's progress changed; 0 while it has none."""
    rows = CourseProgress.objects.filter(pk=enrolment_id)
    return rows.values_list("seq", flat=True).first() or 0


def resume_place(
    course_slug: str,
    entries: Sequence[EntryPlace],
    marks: Mapping[int, Mark],
    *,
    last_lesson_id: int | None,
    closed: Collection[int] = (),
) -> Place | None:
    """Where to go on: the last lesson while it is not done, else the next that is not.

    After the last one it goes on from the beginning; when all is done, the last one it is. Lessons
    in `closed`, which do not stand open yet, are passed by as long as another one is left.
    """
    if not entries:
        return None
    ids = [entry.lesson_id for entry in entries]
    start = ids.index(last_lesson_id) if last_lesson_id in ids else 0
    in_turn = [*entries[start:], *entries[:start]]
    left = [
        one
        for one in in_turn
        if one.lesson_id not in marks or not marks[one.lesson_id].is_completed
    ]
    is_open = (one for one in left if one.lesson_id not in closed)
    entry = next(is_open, left[0] if left else in_turn[0])
    mark = marks.get(entry.lesson_id)
    checkpoint = (mark.checkpoint if mark else None) or {}
    permalink = f"{course_slug}/{entry.slug}"
    return Place(
        title=entry.title,
        permalink=permalink,
        url=lesson_path(permalink),
        anchor=checkpoint.get("anchor", ""),
        fraction=checkpoint.get("fraction", 0.0),
    )


def places_and_marks(
    release_ids: Collection[int | None], *, enrolment_ids: Collection[int]
) -> tuple[dict[int | None, list[EntryPlace]], dict[int, Mark]]:
    """The lessons of each release in reading order, and where one learner stands in them.

    `enrolment_ids` are those of one person, who has one in a course: one query.
    """
    mine = FilteredRelation(
        "lesson__progress", condition=Q(lesson__progress__enrolment_id__in=enrolment_ids)
    )
    rows = (
        ReleaseLesson.objects.filter(release_id__in=[pk for pk in release_ids if pk is not None])
        .annotate(mine=mine)
        .order_by("release_id", "position")
    )
    places: dict[int | None, list[EntryPlace]] = {}
    marks: dict[int, Mark] = {}
    for release_id, lesson_id, slug, title, state, checkpoint in rows.values_list(
        "release_id",
        "lesson_id",
        "lesson__slug",
        "revision__title",
        "mine__state",
        "mine__checkpoint",
    ):
        places.setdefault(release_id, []).append(EntryPlace(lesson_id, slug, title))
        if state is not None:
            marks[lesson_id] = Mark(state=state, checkpoint=checkpoint)
    return places, marks
