"""Percentages after a release, a move or a new enrolment: in sets, however many learners."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Count, F, Max, QuerySet
from django.db.models.functions import Now

from academy.platform.realtime.publishing import publish_on_commit
from learning.enrolments.models import Enrolment
from learning.progress.folding import percent_of
from learning.progress.models import CourseProgress, LessonProgress
from learning.progress.selectors import read_release
from learning.releases.models import ReleaseLesson
from scheduler.jobs.services import job_submit

COURSE_PROGRESS_KIND: Final = "learning.course_progress"

_BATCH_ROWS: Final = 500
# So many learners take a tenth of what whoever publishes may be kept waiting.
_FEW: Final = 100
_FIELDS: Final = (
    "release_id",
    "percent",
    "completed_count",
    "required_count",
    "completed_at",
)


@dataclass(frozen=True, slots=True)
class _Figures:
    release_id: int | None
    percent: int
    completed_count: int
    required_count: int
    completed_at: datetime | None


def course_progress_follow(*, course_id: int) -> None:
    """The percentages of a course become those of the release that each learner reads now.

    A large class has a job for it, which whoever publishes does not wait for. It joins none under
    way, which may have looked before this change. Until it has run, the rows say what was true
    before, and of which release; a learner who does something meanwhile is counted anew at once.
    """
    seats = Enrolment.objects.filter(course_id=course_id).order_by()
    if len(seats.values_list("pk")[: _FEW + 1]) <= _FEW:
        course_progress_refresh(course_id=course_id)
    else:
        job_submit(
            kind=COURSE_PROGRESS_KIND,
            params={"course_id": course_id},
            person_id=None,
            is_consequence=True,
        )


def course_progress_refresh(*, course_id: int) -> int:
    """Every learner's percentage is that of the release they read; returns how many changed.

    The number of statements grows with the lessons that count, not with the learners, but for
    batches of 500 of those who have finished.
    """
    with transaction.atomic():
        # In one order for all: two publishers wait, and do not block each other for good.
        held = (
            Enrolment.objects.select_for_update(of=("self",))
            .filter(course_id=course_id)
            .order_by("pk")
        )
        list(held.values_list("pk"))
        return _refresh(Enrolment.objects.filter(course_id=course_id), course_id=course_id)


def progress_refresh(*, enrolment_id: int) -> bool:
    """The learner has a row, and it counts the lessons of the release that they read."""
    with transaction.atomic():
        held = Enrolment.objects.select_for_update(of=("self",)).filter(pk=enrolment_id)
        course_id = held.values_list("course_id", flat=True).first()
        if course_id is None:
            return False
        return bool(_refresh(Enrolment.objects.filter(pk=enrolment_id), course_id=course_id))


def openings_follow(*, course_id: int, enrolment_id: int | None, cohort_id: int | None) -> None:
    """Open pages of that learner, that cohort or everybody in the course show what opens now.

    No figure changes. Two statements, however many learners; of more than 500 each page hears
    when the hub looks over all topics.
    """
    seats = Enrolment.objects.filter(course_id=course_id)
    if enrolment_id is not None:
        seats = seats.filter(pk=enrolment_id)
    if cohort_id is not None:
        seats = seats.filter(cohort_id=cohort_id)
    with transaction.atomic():
        # In the order in which whoever publishes holds them.
        # Two exceptions of one learner at once refer to the row, and neither keeps the other out.
        held = seats.select_for_update(no_key=True, of=("self",)).order_by("pk")
        told = list(held.values_list("pk", flat=True))
        CourseProgress.objects.filter(enrolment__in=seats).update(seq=F("seq") + 1)
        for pk in told if len(told) <= _BATCH_ROWS else ():
            publish_on_commit(f"progress:{pk}")


def _refresh(enrolments: QuerySet[Enrolment], *, course_id: int) -> int:
    figures = _figures(enrolments)
    rows = {row.pk: row for row in CourseProgress.objects.filter(enrolment__in=enrolments)}
    missing = [pk for pk in figures if pk not in rows]
    CourseProgress.objects.bulk_create(
        [_set(CourseProgress(enrolment_id=pk, seq=1), figures[pk]) for pk in missing],
        batch_size=_BATCH_ROWS,
    )
    changed = [pk for pk, row in rows.items() if _of(row) != figures[pk]]
    _write({pk: figures[pk] for pk in changed}, rows)
    if changed or missing:
        publish_on_commit(f"class:{course_id}")
        for pk in changed if len(changed) <= _BATCH_ROWS else ():
            publish_on_commit(f"progress:{pk}")
    return len(changed) + len(missing)


def _write(figures: Mapping[int, _Figures], rows: Mapping[int, CourseProgress]) -> None:
    """Learners who stand alike are written by one statement; who has finished, in batches.

    A moment of finishing is each learner's own, and a statement for all of them is slow to make.
    """
    news = {"seq": F("seq") + 1, "changed_at": Now()}
    alike: dict[_Figures, list[int]] = {}
    finished: list[CourseProgress] = []
    for pk, found in figures.items():
        if found.completed_at is None:
            alike.setdefault(found, []).append(pk)
        else:
            finished.append(_set(rows[pk], found))
    for found, pks in alike.items():
        values = {name: getattr(found, name) for name in _FIELDS}
        CourseProgress.objects.filter(pk__in=pks).update(**values, **news)
    CourseProgress.objects.bulk_update(
        finished, [name.removesuffix("_id") for name in _FIELDS], batch_size=_BATCH_ROWS
    )
    CourseProgress.objects.filter(pk__in=[row.pk for row in finished]).update(**news)


def _figures(enrolments: QuerySet[Enrolment]) -> dict[int, _Figures]:
    """What each learner's row should say; three queries."""
    reads = dict(enrolments.annotate(reads=read_release()).values_list("pk", "reads").order_by())
    counted = ReleaseLesson.objects.filter(
        release_id__in={pk for pk in reads.values() if pk is not None}, is_required=True
    )
    required = dict(
        counted.order_by()
        .values("release_id")
        .annotate(n=Count("pk"))
        .values_list("release_id", "n")
    )
    done = {
        pk: (count, last)
        for pk, count, last in LessonProgress.objects.filter(
            enrolment__in=enrolments,
            state=LessonProgress.State.COMPLETED,
            lesson__release_entries__release_id=read_release("enrolment__"),
            lesson__release_entries__is_required=True,
        )
        .order_by()
        .values("enrolment_id")
        .annotate(n=Count("pk"), last=Max("completed_at"))
        .values_list("enrolment_id", "n", "last")
    }
    figures = {}
    for pk, release_id in reads.items():
        completed_count, last = done.get(pk, (0, None))
        required_count = required.get(release_id, 0)
        figures[pk] = _Figures(
            release_id=release_id,
            percent=percent_of(completed_count, required_count),
            completed_count=completed_count,
            required_count=required_count,
            completed_at=last if completed_count == required_count else None,
        )
    return figures


def _of(row: CourseProgress) -> _Figures:
    return _Figures(**{name: getattr(row, name) for name in _FIELDS})


def _set(row: CourseProgress, figures: _Figures) -> CourseProgress:
    for name in _FIELDS:
        setattr(row, name, getattr(figures, name))
    return row
