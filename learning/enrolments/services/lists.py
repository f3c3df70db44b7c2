"""Lists of people: received in a request, enrolled line by line in a job."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from academy.accounts.models import User
from academy.accounts.permissions import require
from academy.platform.errors import AcademyError, TransientError
from learning.courses.models import Course
from learning.enrolments.errors import (
    CohortUnknownError,
    EmailUnusableError,
    ListNotFoundError,
    PersonUnknownError,
)
from learning.enrolments.models import Cohort, Enrolment, EnrolmentList, EnrolmentListLine
from learning.enrolments.selectors import learner_called
from learning.enrolments.services.enrolling import Arrival, enrolment_by_staff_outcome
from learning.enrolments.sheets import ListText, last_moment, lines_of, list_text
from scheduler.jobs.services import Submission, job_submit

LIST_KIND: Final = "learning.enrolment_list"
KEEP_DAYS: Final = 90
"""How long a list stays: it holds addresses of people."""

Outcome = EnrolmentListLine.Outcome
Report = Callable[[float, str], None]


def list_receive(
    *, course: Course, data: bytes, acting_user: User
) -> tuple[EnrolmentList, Submission]:
    """As `list_keep`, of a list that nobody has read yet.

    Raises:
        ListTooLargeError, ListUnreadableError: it is none that can be worked through.
    """
    return list_keep(course=course, text=list_text(data), acting_user=acting_user)


def list_keep(
    *, course: Course, text: ListText, acting_user: User
) -> tuple[EnrolmentList, Submission]:
    """The list is kept, and a job enrols its people.

    Raises:
        QueueFullError, LaneFullError: as for any job; nothing was kept.
    """
    with transaction.atomic():
        kept = EnrolmentList.objects.create(course=course, sent_by=acting_user, text=text)
        submission = job_submit(
            kind=LIST_KIND,
            params={"list_id": str(kept.pk)},
            person_id=acting_user.pk,
            subject=f"enrolment-list:{kept.pk}",
            title=_("%(course)s: list of people") % {"course": course.title},
            dedup_key=f"enrolment_list:{kept.pk}",
        )
        kept.job_id = submission.job.pk
        kept.save(update_fields=["job_id"])
    return kept, submission


def list_enrol(*, list_id: uuid.UUID | str, report: Report) -> int:
    """Every line of the list has its outcome; returns how many got it now.

    Safe to run twice, and to go on where another run ended: a line and what it does commit
    together. `report(percent, step)` is called for each line, and may raise.

    Raises:
        ListNotFoundError: the list is gone.
        PermissionDeniedError, NotFoundError: who sent it may not enrol people any more.
    """
    kept = EnrolmentList.objects.select_related("course", "sent_by").filter(pk=list_id).first()
    if kept is None:
        raise ListNotFoundError
    require(kept.sent_by, "class.manage", kept.course)
    total = _read(kept)
    waiting = list(
        EnrolmentListLine.objects.filter(list_id=kept.pk, outcome=Outcome.WAITING).values_list(
            "pk", "number"
        )
    )
    for line_id, number in waiting:
        step = _("Line %(number)d of %(total)d") % {"number": number, "total": total}
        report(100 * (number - 1) / max(1, total), step)
        _settle(kept, line_id)
    EnrolmentList.objects.filter(pk=kept.pk, done_at=None).update(done_at=Now())
    return len(waiting)


def lists_expire() -> int:
    """Lists of long ago are gone with their lines; returns how many there were."""
    horizon = Now() - timedelta(days=KEEP_DAYS)
    return EnrolmentList.objects.filter(sent_at__lt=horizon).delete()[0]


def lists_forget_person(*, person_id: int, names: tuple[str, ...]) -> int:
    """No line names the person any more; `names` are what they went by."""
    theirs = EnrolmentListLine.objects.filter(enrolment__person_id=person_id)
    count = theirs.update(who="")
    for name in names:
        count += EnrolmentListLine.objects.filter(who__iexact=name).update(who="")
    return count


@transaction.atomic
def _read(kept: EnrolmentList) -> int:
    """The lines stand as rows; returns how many there are."""
    row = EnrolmentList.objects.select_for_update(no_key=True, of=("self",)).get(pk=kept.pk)
    if row.line_count is not None:
        return row.line_count
    lines = lines_of(row.text)
    EnrolmentListLine.objects.bulk_create(
        [
            EnrolmentListLine(
                list_id=row.pk,
                number=line.number,
                who=line.who,
                cohort_name=line.cohort,
                expires=line.expires,
            )
            for line in lines
        ],
        batch_size=500,
    )
    row.line_count, row.text = len(lines), ""
    row.save(update_fields=["line_count", "text"])
    return len(lines)


@transaction.atomic
def _settle(kept: EnrolmentList, line_id: int) -> None:
    """The line has its outcome, and what it did commits with it."""
    lines = EnrolmentListLine.objects.select_for_update(no_key=True, of=("self",))
    line = lines.filter(pk=line_id, outcome=Outcome.WAITING).first()
    if line is None:
        return
    try:
        # A savepoint: what a refused line began is undone, and its outcome is not.
        with transaction.atomic():
            line.enrolment, is_new = _enrol(kept, line)
        line.outcome = Outcome.ENROLLED if is_new else Outcome.ALREADY
    except TransientError:
        raise
    except AcademyError as error:
        line.outcome, line.code = Outcome.REFUSED, error.code
    line.save(update_fields=["enrolment", "outcome", "code"])


def _enrol(kept: EnrolmentList, line: EnrolmentListLine) -> tuple[Enrolment, bool]:
    arrival = Arrival(
        person=_person(line.who),
        source=Enrolment.Source.IMPORT,
        enrolled_by=kept.sent_by,
        cohort=_cohort(kept.course, line.cohort_name),
        expires_at=last_moment(line.expires, person=kept.sent_by),
    )
    return enrolment_by_staff_outcome(course=kept.course, arrival=arrival)


def _person(who: str) -> User:
    found = learner_called(who)
    if found is not None:
        return found
    if "@" in who:
        try:
            validate_email(who)
        except ValidationError:
            raise EmailUnusableError from None
    raise PersonUnknownError


def _cohort(course: Course, name: str) -> Cohort | None:
    if not name:
        return None
    wanted = name.casefold()
    named = [
        cohort
        for cohort in Cohort.objects.filter(course_id=course.pk)
        if cohort.name.casefold() == wanted
    ]
    exact = [cohort for cohort in named if cohort.name == name]
    if not named:
        raise CohortUnknownError
    return (exact or named)[0]
