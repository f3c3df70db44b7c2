"""Lists of people: received in a request, enrolled line by line in a job."""

import re
import uuid
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from academy.accounts.models import User
from academy.accounts.permissions import may, require
from academy.platform.documents.text import clean_line
from academy.platform.errors import AcademyError, TransientError
from academy.platform.steps import step_kept
from learning.courses.models import Course
from learning.enrolments.errors import (
    CohortUnknownError,
    EmailUnusableError,
    ListNotFoundError,
    ListTooLargeError,
    ListUnreadableError,
    PersonUnknownError,
    SenderNotAllowedError,
)
from learning.enrolments.models import Cohort, Enrolment, EnrolmentList, EnrolmentListLine
from learning.enrolments.selectors import learner_called
from learning.enrolments.services.enrolling import Arrival, enrolment_by_staff_outcome
from learning.enrolments.services.holding import class_held
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
    together. `report(percent, step)` is called for each line, and may raise. Once whoever sent it
    may not enrol people any more, the lines that are left are refused.

    Raises:
        ListNotFoundError, CourseNotFoundError: the list is gone, or its course.
        PermissionDeniedError, NotFoundError: who sent it might not enrol people from the start.
    """
    kept = EnrolmentList.objects.select_related("course", "sent_by").filter(pk=list_id).first()
    if kept is None:
        raise ListNotFoundError
    if kept.line_count is None:
        require(kept.sent_by, "class.manage", kept.course)
    total = _read(kept.pk)
    waiting = list(
        EnrolmentListLine.objects.filter(list_id=kept.pk, outcome=Outcome.WAITING).values_list(
            "pk", "number"
        )
    )
    for line_id, number in waiting:
        step = step_kept(gettext_noop("Line %(number)d of %(total)d"), number=number, total=total)
        report(100 * (number - 1) / max(1, total), step)
        _settle(kept, line_id)
    EnrolmentList.objects.filter(pk=kept.pk, done_at=None).update(done_at=Now())
    return len(waiting)


def lists_expire() -> int:
    """Lists of long ago are gone with their lines; returns how many there were."""
    horizon = Now() - timedelta(days=KEEP_DAYS)
    return EnrolmentList.objects.filter(sent_at__lt=horizon).delete()[0]


@transaction.atomic
def lists_forget_person(*, person_id: int, names: Collection[str]) -> int:
    """No line names the person any more; `names` are what they went by, in whatever case.

    Lists that wait for their job are read for that: a line of theirs is left, and names nobody.
    """
    folded = {name.lower() for name in names if name}
    waiting = EnrolmentList.objects.filter(line_count=None).values_list("pk", "text")
    named = [
        list_id
        for list_id, text in waiting.iterator()
        if any(name in clean_line(text).lower() for name in folded)
    ]
    for list_id in named:
        _read_or_let_go(list_id)
    count = EnrolmentListLine.objects.filter(enrolment__person_id=person_id).update(who="")
    for name in folded:
        # SQLite compares letters beyond ASCII as they are written, but for its REGEXP.
        called = Q(who__iexact=name) if name.isascii() else Q(who__iregex=f"^{re.escape(name)}$")
        count += EnrolmentListLine.objects.filter(called).update(who="")
    return count


def _read_or_let_go(list_id: uuid.UUID) -> None:
    """The lines stand as rows; the text of what is no list, as it counts now, is gone."""
    try:
        _read(list_id)
    except (ListTooLargeError, ListUnreadableError):
        EnrolmentList.objects.filter(pk=list_id, line_count=None).update(text="")


@transaction.atomic
def _read(list_id: uuid.UUID) -> int:
    """The lines stand as rows; returns how many there are.

    Raises:
        ListNotFoundError: the list is gone.
    """
    rows = EnrolmentList.objects.select_for_update(no_key=True, of=("self",))
    row = rows.filter(pk=list_id).first()
    if row is None:
        raise ListNotFoundError
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


def _settle(kept: EnrolmentList, line_id: int) -> None:
    """The line has its outcome, and what it did commits with it."""
    with class_held(course_id=kept.course_id) as course:
        # Not locked itself: whoever leaves is locked before the lines that name them, and another
        # run of the list waits for the course.
        line = EnrolmentListLine.objects.filter(pk=line_id, outcome=Outcome.WAITING).first()
        if line is None:
            return
        try:
            # A savepoint: what a refused line began is undone, and its outcome is not.
            with transaction.atomic():
                line.enrolment, is_new = _enrol(course, line, _sender(kept, course))
            line.outcome = Outcome.ENROLLED if is_new else Outcome.ALREADY
        except TransientError:
            raise
        except AcademyError as error:
            line.outcome, line.code = Outcome.REFUSED, error.code
        line.save(update_fields=["enrolment", "outcome", "code"])


def _sender(kept: EnrolmentList, course: Course) -> User:
    """Who sent the list, with the rights of this moment."""
    sender = User.objects.filter(pk=kept.sent_by_id or 0).first()
    if sender is None or not may(sender, "class.manage", course):
        raise SenderNotAllowedError
    return sender


def _enrol(course: Course, line: EnrolmentListLine, sender: User) -> tuple[Enrolment, bool]:
    arrival = Arrival(
        person=_person(line.who),
        source=Enrolment.Source.IMPORT,
        enrolled_by=sender,
        cohort=_cohort(course, line.cohort_name),
        expires_at=last_moment(line.expires, person=sender),
    )
    return enrolment_by_staff_outcome(course=course, arrival=arrival)


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
