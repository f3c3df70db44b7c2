"""Folds as rows, and rows as folds."""

from collections.abc import Mapping

from learning.progress.folding import Happening, LessonFold
from learning.progress.models import LessonProgress, ProgressEvent

LESSON_FIELDS = (
    "state",
    "opened_at",
    "completed_at",
    "checkpoint",
    "checkpoint_at",
    "seconds",
    "rules_met",
)


def happening_of(row: ProgressEvent) -> Happening:
    """The event as folding knows it."""
    return Happening(
        event_id=row.event_id,
        kind=row.kind,
        lesson_id=row.lesson_id,
        data=row.data,
        occurred_at=row.occurred_at,
        at=row.at,
    )


def fold_of(row: LessonProgress) -> LessonFold:
    """What is stored of a lesson."""
    return LessonFold(
        state=row.state,
        opened_at=row.opened_at,
        completed_at=row.completed_at,
        checkpoint=row.checkpoint,
        checkpoint_at=row.checkpoint_at,
        seconds=row.seconds,
        rules_met=tuple(row.rules_met),
    )


def lesson_rows_write(
    *, enrolment_id: int, folds: Mapping[int, LessonFold], rows: Mapping[int, LessonProgress]
) -> list[int]:
    """The rows are as the folds say; returns the lessons whose rows are new or changed."""
    changed = [
        lesson_id
        for lesson_id, fold in folds.items()
        if lesson_id not in rows or fold_of(rows[lesson_id]) != fold
    ]
    new = [pk for pk in changed if pk not in rows]
    LessonProgress.objects.bulk_create(
        [_row(LessonProgress(enrolment_id=enrolment_id, lesson_id=pk), folds[pk]) for pk in new]
    )
    for pk in changed:
        if pk in rows:
            _row(rows[pk], folds[pk]).save(update_fields=LESSON_FIELDS)
    return changed


def _row(row: LessonProgress, fold: LessonFold) -> LessonProgress:
    for name in LESSON_FIELDS:
        setattr(row, name, getattr(fold, name))
    row.rules_met = list(fold.rules_met)
    row.checkpoint = dict(fold.checkpoint) if fold.checkpoint is not None else None
    return row
