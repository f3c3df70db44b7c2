"""Progress made anew from its events."""

from collections import defaultdict

from django.db import transaction

from learning.progress.folding import Happening, LessonFold, course_folded, lesson_folded
from learning.progress.models import CourseProgress, LessonProgress, ProgressEvent
from learning.progress.services.figures import course_row_write
from learning.progress.services.seats import LockedSeat, seat_lock
from learning.progress.services.stored import (
    LESSON_FIELDS,
    fold_of,
    happening_of,
    lesson_rows_write,
)


def progress_rebuild(*, enrolment_id: int) -> list[str]:
    """The learner's progress is what their events come to; returns what was not so, in words.

    Safe at any time and any number of times: a second one finds nothing.
    """
    with transaction.atomic():
        seat = seat_lock(enrolment_id=enrolment_id)
        return _rebuilt(seat) if seat else []


def _rebuilt(seat: LockedSeat) -> list[str]:
    pk = seat.enrolment.pk
    events = [happening_of(row) for row in ProgressEvent.objects.filter(enrolment_id=pk).order_by()]
    folds = _folds(events)
    rows = {row.lesson_id: row for row in LessonProgress.objects.filter(enrolment_id=pk)}
    differences = [
        f"lesson {lesson_id}: {_difference(rows.get(lesson_id), fold)}"
        for lesson_id, fold in sorted(folds.items())
        if lesson_id not in rows or fold_of(rows[lesson_id]) != fold
    ]
    made_up = [row for lesson_id, row in rows.items() if lesson_id not in folds]
    differences += [f"lesson {row.lesson_id}: nothing happened there" for row in made_up]
    LessonProgress.objects.filter(pk__in=[row.pk for row in made_up]).delete()
    changed = lesson_rows_write(enrolment_id=pk, folds=folds, rows=rows)
    fold = course_folded(folds, events, release_id=seat.release_id, required_ids=seat.required_ids)
    before = CourseProgress.objects.filter(pk=pk).first()
    if course_row_write(seat=seat, fold=fold, has_changed=bool(changed or made_up)):
        known = f"{before.percent} %" if before else "none"
        differences.append(f"course: {known}, now {fold.percent} %")
    return differences


def _folds(events: list[Happening]) -> dict[int, LessonFold]:
    by_lesson: dict[int, list[Happening]] = defaultdict(list)
    for event in events:
        by_lesson[event.lesson_id].append(event)
    return {lesson_id: lesson_folded(told) for lesson_id, told in by_lesson.items()}


def _difference(row: LessonProgress | None, fold: LessonFold) -> str:
    if row is None:
        return "was missing"
    known = fold_of(row)
    names = [name for name in LESSON_FIELDS if getattr(known, name) != getattr(fold, name)]
    return ", ".join(f"{name} {getattr(known, name)} -> {getattr(fold, name)}" for name in names)
