"""The row that says how far a learner is in a course."""

from datetime import datetime

from django.db.models import F
from django.db.models.functions import Now

from academy.platform.realtime.publishing import publish_on_commit
from learning.progress.folding import BY_STAFF, CourseFold, percent_of
from learning.progress.models import CourseProgress, LessonProgress, ProgressEvent
from learning.progress.services.notebook import Notebook
from learning.progress.services.seats import LockedSeat


def course_row_write(*, seat: LockedSeat, fold: CourseFold, has_changed: bool) -> bool:
    """The row is as the fold says; where anything is new, `seq` rises and open pages hear of it."""
    values = {
        "release_id": fold.release_id,
        "percent": fold.percent,
        "completed_count": fold.completed_count,
        "required_count": fold.required_count,
        "completed_at": fold.completed_at,
        "last_lesson_id": fold.last_lesson_id,
        "last_active_at": fold.last_active_at,
    }
    pk = seat.enrolment.pk
    rows = CourseProgress.objects.filter(pk=pk)
    stored = rows.values(*values).first()
    if stored is None:
        CourseProgress.objects.create(enrolment_id=pk, seq=1, **values)
    elif has_changed or stored != values:
        rows.update(seq=F("seq") + 1, changed_at=Now(), **values)
    else:
        return False
    publish_on_commit(f"progress:{pk}")
    publish_on_commit(f"class:{seat.enrolment.course_id}")
    return True


def course_fold_now(*, seat: LockedSeat, notebook: Notebook) -> CourseFold:
    """Where the learner stands after the notebook's lessons were stored; three queries."""
    pk = seat.enrolment.pk
    done_at = dict(
        LessonProgress.objects.filter(
            enrolment_id=pk, state=LessonProgress.State.COMPLETED
        ).values_list("lesson_id", "completed_at")
    )
    required = seat.required_ids
    done = [moment for lesson_id, moment in done_at.items() if lesson_id in required and moment]
    is_whole = bool(required) and len(done) == len(required)
    last_lesson_id, last_active_at = _last(pk, notebook)
    return CourseFold(
        release_id=seat.release_id,
        percent=percent_of(len(done), len(required)),
        completed_count=len(done),
        required_count=len(required),
        completed_at=max(done) if is_whole else None,
        last_lesson_id=last_lesson_id,
        last_active_at=last_active_at,
    )


def _last(enrolment_id: int, notebook: Notebook) -> tuple[int | None, datetime | None]:
    """Lesson and moment of the learner's newest event: of the row, or of what is new."""
    row = CourseProgress.objects.filter(pk=enrolment_id).values_list(
        "last_lesson_id", "last_active_at"
    )
    stored = row.first() or (None, None)
    own = [event for event in notebook.events() if event.is_learners]
    newest = max(own, key=lambda event: event.order, default=None)
    if newest is None or (stored[1] is not None and newest.occurred_at < stored[1]):
        return stored
    if stored[1] is None or newest.occurred_at > stored[1]:
        return newest.lesson_id, newest.occurred_at
    # At the same moment: the id decides, as in the story.
    tied = ProgressEvent.objects.filter(
        enrolment_id=enrolment_id,
        occurred_at=newest.occurred_at,
        **{f"data__{BY_STAFF}__isnull": True},
    )
    return tied.order_by("-event_id").values_list("lesson_id", "occurred_at")[0]
