"""A class: who is in it, how far they are, and the figures over all of them."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.db.models import (
    BooleanField,
    Case,
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Lower, Now, NullIf
from django.utils.functional import cached_property

from academy.platform.documents.text import clean_text
from learning.classes.access import Classroom
from learning.classes.errors import LearnerNotFoundError
from learning.classes.filters import NO_COHORT, ORDERS, STUCK_DAYS, ClassFilter, number_of
from learning.classes.paths import learner_path
from learning.courses.models import Course
from learning.enrolments.dates import State, open_now, state_now
from learning.enrolments.models import Cohort, Enrolment
from learning.lessons.models import Lesson
from learning.progress.models import LessonProgress
from learning.progress.selectors import with_title_read
from learning.releases.models import ReleaseLesson

LEARNERS_PER_PAGE: Final = 25
BINS: Final[tuple[tuple[int, int], ...]] = (
    (0, 0),
    (1, 19),
    (20, 39),
    (40, 59),
    (60, 79),
    (80, 99),
    (100, 100),
)
"""Percent from and to, both included: those at the two ends are told apart."""


@dataclass(frozen=True, slots=True)
class LearnerRow:
    """A learner in the list; `state` is what the enrolment is at this moment."""

    enrolment_id: int
    person_id: int
    name: str
    email: str
    state: str
    cohort: str
    percent: int
    completed_count: int
    required_count: int
    last_lesson: str
    last_permalink: str
    last_active_at: datetime | None
    is_stuck: bool
    url: str

    @property
    def state_label(self) -> str:
        """What the state is called."""
        return str(State(self.state).label)


@dataclass(frozen=True, slots=True)
class Bin:
    """How many learners have reached between these percentages, both included."""

    first: int
    last: int
    learners: int

    @property
    def label(self) -> str:
        """The percentages, for an axis."""
        return f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"


@dataclass(frozen=True, slots=True)
class Figures:
    """Over the whole class; `learners`, `average_percent` and `bins` leave the withdrawn out.

    `matching` is how many the filter lets through; `newest_id` that of the latest enrolment, 0
    where nobody ever enrolled.
    """

    learners: int
    finished: int
    stuck: int
    average_percent: int
    by_state: dict[str, int]
    bins: tuple[Bin, ...]
    matching: int
    newest_id: int

    @property
    def everybody(self) -> int:
        """How many ever enrolled, the withdrawn too."""
        return sum(self.by_state.values())


@dataclass(frozen=True, slots=True)
class ClassPage:
    """One page of the learners, with the figures over all.

    `lesson_title` is that of the lesson that holds up those who are asked for, if one is named.
    """

    page: Page[Any]
    figures: Figures
    cohorts: tuple[Cohort, ...]
    lesson_title: str


def class_page(room: Classroom, asked: ClassFilter, *, page: str | None) -> ClassPage:
    """The learners that are asked for; three queries, one more for the title of a lesson."""
    class_figures = figures(room.course, asked)
    rows = _Counted(learners(room.course, asked), LEARNERS_PER_PAGE, class_figures.matching)
    found: Page[Any] = rows.get_page(page)
    found.object_list = [_row(room.course, row) for row in found.object_list]
    cohorts = tuple(Cohort.objects.filter(course=room.course))
    return ClassPage(
        page=found,
        figures=class_figures,
        cohorts=cohorts,
        lesson_title=_title_of(room.course, asked.lesson_id),
    )


def _title_of(course: Course, lesson_id: int | None) -> str:
    if lesson_id is None:
        return ""
    newest = ReleaseLesson.objects.filter(
        release=OuterRef("course__newest_release"), lesson=OuterRef("pk")
    )
    title = Coalesce(Subquery(newest.order_by().values("revision__title")[:1]), "title")
    lessons = Lesson.objects.filter(course=course, pk=lesson_id)
    return lessons.values_list(title, flat=True).first() or ""


class _Counted(Paginator[Any]):
    """Pages of rows whose number is known."""

    def __init__(self, rows: QuerySet[Enrolment], size: int, total: int) -> None:
        super().__init__(rows, size)
        self._total = total

    @cached_property
    def count(self) -> int:
        return self._total


def class_enrolments(course: Course) -> QuerySet[Any]:
    """Everybody who was ever in the class, with what lists of it are ordered by."""
    return Enrolment.objects.filter(course=course).annotate(
        state_now=state_now(),
        progress_percent=Coalesce(F("progress__percent"), 0),
        shown_name=Lower(
            Coalesce(NullIf(F("person__display_name"), Value("")), F("person__username"))
        ),
        last_active_or_never=Coalesce(
            F("progress__last_active_at"), Value(_NEVER, output_field=DateTimeField())
        ),
    )


_NEVER: Final = datetime.fromisoformat("0100-01-01T00:00:00+00:00")


def learners(course: Course, asked: ClassFilter) -> QuerySet[Any]:
    """The learners that are asked for, in the order that is asked for."""
    rows = class_enrolments(course).filter(_wanted(course, asked))
    shown: QuerySet[Any] = (
        with_title_read(rows, lesson="progress__last_lesson")
        .select_related("person", "cohort", "progress__last_lesson")
        .only(
            "course_id",
            "person__display_name",
            "person__username",
            "person__email",
            "cohort__name",
            "progress__percent",
            "progress__completed_count",
            "progress__required_count",
            "progress__last_active_at",
            "progress__last_lesson__slug",
        )
        .annotate(is_stuck=_as_boolean(Q(pk__in=stuck_ids(course, days=asked.days))))
        .order_by(*ORDERS[asked.order])
    )
    return shown


def learner_for(room: Classroom, enrolment_id: int) -> Any:
    """The learner's enrolment in this very class, with `state_now`; one query.

    Raises:
        LearnerNotFoundError: nobody of this class has it.
    """
    found = (
        class_enrolments(room.course)
        .select_related("person", "cohort", "progress")
        .filter(pk=enrolment_id)
        .first()
    )
    if found is None:
        raise LearnerNotFoundError
    return found


def figures(course: Course, asked: ClassFilter) -> Figures:
    """The figures of the class; one query, which returns a row for each state and bin."""
    groups = list(
        class_enrolments(course)
        .annotate(bin=_bin())
        .order_by()
        .values("state_now", "bin")
        .annotate(
            learners=Count("pk"),
            percents=Sum("progress_percent"),
            stuck=Count("pk", filter=Q(pk__in=stuck_ids(course, days=STUCK_DAYS))),
            matching=Count("pk", filter=_wanted(course, asked)),
            newest_id=Max("pk"),
        )
    )
    by_state = dict.fromkeys(State.values, 0)
    for group in groups:
        by_state[group["state_now"]] += group["learners"]
    current = [group for group in groups if group["state_now"] != State.WITHDRAWN]
    in_bin = Counter[int]()
    for group in current:
        in_bin[group["bin"]] += group["learners"]
    total = in_bin.total()
    return Figures(
        learners=total,
        finished=in_bin[len(BINS) - 1],
        stuck=sum(group["stuck"] for group in current),
        average_percent=sum(group["percents"] for group in current) // total if total else 0,
        by_state=by_state,
        bins=tuple(
            Bin(first=first, last=last, learners=in_bin[number])
            for number, (first, last) in enumerate(BINS)
        ),
        matching=sum(group["matching"] for group in groups),
        newest_id=max((group["newest_id"] for group in groups), default=0),
    )


def _bin() -> Case:
    """Which of `BINS` a learner's percentage is in."""
    return Case(
        *(When(progress_percent__lte=last, then=number) for number, (_, last) in enumerate(BINS)),
        output_field=IntegerField(),
    )


def held_up(course: Course, *, days: int) -> QuerySet[LessonProgress]:
    """Lessons that count, opened at least `days` ago and not completed, in open enrolments.

    Found by lesson and state: what is completed, nearly everything, is not even read.
    """
    counts = ReleaseLesson.objects.filter(
        release=OuterRef("enrolment__progress__release"),
        lesson=OuterRef("lesson"),
        is_required=True,
    )
    return LessonProgress.objects.filter(
        Exists(counts),
        open_now("enrolment__"),
        lesson__in=Lesson.objects.filter(course_id=course.pk).order_by().values("pk"),
        state=LessonProgress.State.OPENED,
        opened_at__lt=Now() - timedelta(days=days),
    )


def stuck_ids(
    course: Course, *, days: int, lesson_id: int | None = None
) -> QuerySet[LessonProgress, Any]:
    """The enrolments that some lesson, or this one, holds up."""
    rows = held_up(course, days=days).order_by()
    if lesson_id is not None:
        rows = rows.filter(lesson_id=lesson_id)
    return rows.values("enrolment_id")


def _wanted(course: Course, asked: ClassFilter) -> Q:
    wanted = Q()
    if asked.state:
        wanted &= Q(state_now=asked.state)
    else:
        wanted &= ~Q(status=Enrolment.Status.WITHDRAWN)
    if asked.cohort == NO_COHORT:
        wanted &= Q(cohort=None)
    elif asked.cohort:
        wanted &= Q(cohort_id=number_of(asked.cohort))
    if asked.is_stuck:
        wanted &= Q(pk__in=stuck_ids(course, days=asked.days, lesson_id=asked.lesson_id))
    for word in clean_text(asked.words).split():
        wanted &= (
            Q(person__display_name__holds=word)
            | Q(person__username__holds=word)
            | Q(person__email__holds=word)
        )
    return wanted


def _as_boolean(condition: Q) -> ExpressionWrapper[Any]:
    return ExpressionWrapper(condition, output_field=BooleanField())


def _row(course: Course, enrolment: Any) -> LearnerRow:
    progress = getattr(enrolment, "progress", None)
    lesson = progress.last_lesson if progress is not None else None
    return LearnerRow(
        enrolment_id=enrolment.pk,
        person_id=enrolment.person_id,
        name=str(enrolment.person),
        email=enrolment.person.email,
        state=enrolment.state_now,
        cohort=enrolment.cohort.name if enrolment.cohort else "",
        percent=enrolment.progress_percent,
        completed_count=progress.completed_count if progress is not None else 0,
        required_count=progress.required_count if progress is not None else 0,
        last_lesson=enrolment.title_read,
        last_permalink=f"{course.slug}/{lesson.slug}" if lesson is not None else "",
        last_active_at=progress.last_active_at if progress is not None else None,
        is_stuck=enrolment.is_stuck,
        url=learner_path(course.slug, enrolment.pk),
    )
