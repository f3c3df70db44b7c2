"""What instructors decide about a learner's lesson."""

from typing import Final

from django.db import transaction

from academy.accounts.models import User
from academy.accounts.permissions import require
from learning.progress.errors import (
    EventUnusableError,
    LessonNotInReleaseError,
    NotEnrolledError,
)
from learning.progress.folding import BY_STAFF
from learning.progress.models import ProgressEvent
from learning.progress.services.figures import course_fold_now, course_row_write
from learning.progress.services.notebook import Notebook
from learning.progress.services.seats import seat_lock
from learning.progress.services.stored import lesson_rows_write

_KINDS: Final = frozenset({ProgressEvent.Kind.COMPLETED, ProgressEvent.Kind.REOPENED})


def progress_override(*, enrolment_id: int, lesson_id: int, kind: str, acting_user: User) -> None:
    """The lesson is completed, or open anew, for the learner, whatever its rules say.

    The event stands beside the learner's own, with who made it; it is no activity of theirs.

    Raises:
        NotEnrolledError: there is no such enrolment.
        EventUnusableError: `kind` is neither `completed` nor `reopened`.
        LessonNotInReleaseError: the learner's release has no such lesson.
        PermissionDeniedError, NotFoundError: the course's class is not the person's to change.
    """
    with transaction.atomic():
        seat = seat_lock(enrolment_id=enrolment_id)
        if seat is None:
            raise NotEnrolledError
        require(acting_user, "class.manage", seat.enrolment.course)
        if kind not in _KINDS:
            raise EventUnusableError
        if lesson_id not in seat.entries:
            raise LessonNotInReleaseError
        notebook = Notebook(seat, [lesson_id])
        event = notebook.happening(kind=kind, lesson_id=lesson_id, data={BY_STAFF: True})
        notebook.write(event, by=acting_user.pk)
        ProgressEvent.objects.bulk_create(notebook.rows_of_news())
        folds = {lesson_id: notebook.fold(lesson_id)}
        changed = lesson_rows_write(enrolment_id=enrolment_id, folds=folds, rows=notebook.rows)
        fold = course_fold_now(seat=seat, notebook=notebook)
        course_row_write(seat=seat, fold=fold, has_changed=bool(changed))
