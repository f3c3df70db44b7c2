"""Who learns where: for the learner, and for those who see the class."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final, TypeAlias, TypedDict

from django.db.models import Case, Count, F, Q, QuerySet, Value, When
from django.utils.translation import gettext as _
from django_stubs_ext import WithAnnotations

from academy.accounts.models import User
from academy.accounts.permissions import Person, may, signed_in
from academy.accounts.selectors import person_by_name
from academy.platform.documents.text import clean_text
from academy.platform.errors import AcademyError
from learning.courses.models import Course, Status, Visibility
from learning.courses.paths import reads_as_id
from learning.enrolments.dates import State, good_key, holding_seats, state_now
from learning.enrolments.errors import (
    CohortNotFoundError,
    CohortUnknownError,
    CourseFullError,
    DatesReversedError,
    DateUnusableError,
    EmailUnusableError,
    EnrolmentBarredError,
    EnrolmentNotFoundError,
    EnrolmentSuspendedError,
    KeyNotFoundError,
    ListNotFoundError,
    PersonUnknownError,
    SenderNotAllowedError,
)
from learning.enrolments.models import (
    Cohort,
    DripOverride,
    DripRule,
    Enrolment,
    EnrolmentKey,
    EnrolmentList,
    EnrolmentListLine,
)
from learning.enrolments.sheets import sheet_of
from learning.enrolments.shown import COURSE_TEXTS, is_known, known_courses
from learning.lessons.models import Lesson
from learning.rights.selectors import Standing

MAX_QUERY_CHARACTERS: Final = 200
_LARGEST_ID: Final = 2**63 - 1
_ID_DIGITS: Final = 19
_REFUSALS: Final[Mapping[str, type[AcademyError]]] = {
    error.code: error
    for error in (
        CohortUnknownError,
        CourseFullError,
        DateUnusableError,
        DatesReversedError,
        EmailUnusableError,
        EnrolmentSuspendedError,
        PersonUnknownError,
        SenderNotAllowedError,
    )
}


class EnrolmentState(TypedDict):
    """Added by `enrolments_shown`: what the enrolment is at this moment."""

    state: str


StatedEnrolment: TypeAlias = "WithAnnotations[Enrolment, EnrolmentState]"


class CohortCounts(TypedDict):
    """Added by `cohorts_of`: the seats that its people hold."""

    learner_count: int


CountedCohort: TypeAlias = "WithAnnotations[Cohort, CohortCounts]"


class KeyState(TypedDict):
    """Added by `keys_of`: whether it opens the course at this moment."""

    is_good: bool


StatedKey: TypeAlias = "WithAnnotations[EnrolmentKey, KeyState]"


class ListCounts(TypedDict):
    """Added by `lists_of`: lines by what became of them."""

    enrolled_count: int
    already_count: int
    refused_count: int
    waiting_count: int


CountedList: TypeAlias = "WithAnnotations[EnrolmentList, ListCounts]"


@dataclass(frozen=True, slots=True)
class Seats:
    """The seats of a course; `limit` None is no limit."""

    limit: int | None
    taken: int

    @property
    def is_full(self) -> bool:
        """Whether nobody else gets in."""
        return self.limit is not None and self.taken >= self.limit


@dataclass(frozen=True, slots=True)
class Offer:
    """What a course's page offers somebody who looks at it.

    `action` is `sign_in`, `enrol`, `key` (a form that takes one), `teach` (how learners get in, for
    those who teach them), `leave` (enrolled now, or from `starts_at` on) or empty; `sentence` says
    why where that is needed.
    """

    action: str
    sentence: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def course_called(name: str) -> Course | None:
    """The course with this address, an old one included; digits alone are its id. No rights."""
    if not reads_as_id(name):
        return course_addressed(name)
    if len(name) > _ID_DIGITS or int(name) > _LARGEST_ID:
        return None
    return Course.objects.select_related("newest_release").filter(pk=int(name)).first()


def course_addressed(slug: str) -> Course | None:
    """The course whose pages are, or were, at this address; no rights."""
    if not slug or "\x00" in slug:
        return None
    courses = Course.objects.select_related("newest_release")
    return courses.filter(slug=slug).first() or courses.filter(old_addresses__slug=slug).first()


def enrolments_shown() -> QuerySet[StatedEnrolment]:
    """All enrolments with their `state`; course, person, cohort and release are loaded."""
    rows = Enrolment.objects.select_related(
        "course__newest_release", "person", "cohort", "release", "enrolled_by"
    ).defer(*COURSE_TEXTS)
    return rows.annotate(state=state_now())


def my_enrolments(person: Person) -> QuerySet[StatedEnrolment]:
    """The person's own, the newest first; in a course that was never published, from then on."""
    someone = signed_in(person)
    rows = enrolments_shown().filter(known_courses()).order_by("-changed_at", "-pk")
    return rows.none() if someone is None else rows.filter(person_id=someone.pk)


def class_enrolments(course: Course, *, query: str = "") -> QuerySet[StatedEnrolment]:
    """Those of a course, by name; `query` looks in name, user name and e-mail address."""
    rows = enrolments_shown().filter(course_id=course.pk)
    if query:
        rows = rows.filter(words_in_person(query))
    return rows.order_by("person__display_name", "person__username", "pk")


def words_in_person(query: str) -> Q:
    """People with the words in name, user name or e-mail address."""
    words = clean_text(query).strip()[:MAX_QUERY_CHARACTERS]
    return (
        Q(person__display_name__holds=words)
        | Q(person__username__holds=words)
        | Q(person__email__holds=words)
    )


def enrolment_for(person: Person, enrolment_id: int) -> StatedEnrolment:
    """The enrolment, for those who see the class, and for the learner once they may know of it.

    Raises:
        EnrolmentNotFoundError: there is none, or it is none of theirs.
    """
    found = enrolments_shown().filter(pk=enrolment_id).first()
    someone = signed_in(person)
    if found is None or someone is None:
        raise EnrolmentNotFoundError
    is_own = found.person_id == someone.pk and is_known(found.course)
    if not is_own and not may(someone, "class.see", found.course):
        raise EnrolmentNotFoundError
    return found


def learner_called(name: str) -> User | None:
    """The active person with this user name or e-mail address."""
    found = person_by_name(name)
    return found if found is not None and found.is_active else None


def seats_of(course: Course) -> Seats:
    """How many seats there are and are taken: one query."""
    taken = Enrolment.objects.filter(holding_seats(), course_id=course.pk).count()
    return Seats(limit=course.seat_limit, taken=taken)


def cohorts_of(course: Course) -> QuerySet[CountedCohort]:
    """The cohorts of the course in the order in which they begin, with `learner_count`."""
    rows = Cohort.objects.filter(course_id=course.pk)
    return rows.annotate(
        learner_count=Count("enrolments", filter=holding_seats("enrolments__"))
    ).order_by("starts_at", "pk")


def cohort_of(course: Course, cohort_id: int) -> CountedCohort:
    """The cohort.

    Raises:
        CohortNotFoundError: the course has none of that id.
    """
    found = cohorts_of(course).filter(pk=cohort_id).first()
    if found is None:
        raise CohortNotFoundError
    return found


def keys_of(course: Course) -> QuerySet[StatedKey]:
    """The keys of the course, the newest first, with `is_good`."""
    rows = EnrolmentKey.objects.filter(course_id=course.pk).select_related("cohort", "created_by")
    return rows.annotate(
        is_good=Case(When(good_key(), then=Value(value=True)), default=Value(value=False))
    ).order_by("-pk")


def key_of(course: Course, key_id: int) -> StatedKey:
    """The key.

    Raises:
        KeyNotFoundError: the course has none of that id.
    """
    found = keys_of(course).filter(pk=key_id).first()
    if found is None:
        raise KeyNotFoundError
    return found


def lists_of(course: Course) -> QuerySet[CountedList]:
    """The lists of people that were sent for the course, the newest first, with their counts."""
    rows = EnrolmentList.objects.filter(course_id=course.pk).select_related("sent_by")
    return (
        rows.defer("text")
        .order_by("-sent_at", "-pk")
        .annotate(
            enrolled_count=_lines(EnrolmentListLine.Outcome.ENROLLED),
            already_count=_lines(EnrolmentListLine.Outcome.ALREADY),
            refused_count=_lines(EnrolmentListLine.Outcome.REFUSED),
            waiting_count=_lines(EnrolmentListLine.Outcome.WAITING),
        )
    )


def _lines(outcome: str) -> Count:
    return Count("lines", filter=Q(lines__outcome=outcome))


def list_of(course: Course, list_id: uuid.UUID) -> CountedList:
    """The list.

    Raises:
        ListNotFoundError: the course has none of that id.
    """
    found = lists_of(course).filter(pk=list_id).first()
    if found is None:
        raise ListNotFoundError
    return found


def lines_shown(kept: EnrolmentList) -> QuerySet[EnrolmentListLine]:
    """The lines of a list, as they were written."""
    return EnrolmentListLine.objects.filter(list_id=kept.pk).order_by("number")


def line_sentence(line: EnrolmentListLine) -> str:
    """What became of the line, and why it was refused, for whoever sent it."""
    return _sentence(line.outcome, line.code)


def _sentence(outcome: str, code: str) -> str:
    refusal = _REFUSALS.get(code)
    return str(refusal()) if refusal else str(EnrolmentListLine.Outcome(outcome).label)


def list_sheet(kept: EnrolmentList) -> str:
    """The report on a list as CSV; what looks like a formula is text."""
    head = [
        _("line"),
        _("who"),
        _("cohort"),
        _("ends"),
        _("outcome"),
        _("code"),
        _("what happened"),
    ]
    lines = lines_shown(kept).values_list(
        "number", "who", "cohort_name", "expires", "outcome", "code"
    )
    sentences: dict[tuple[str, str], str] = {}
    rows = (
        (*line, sentences.get(line[4:]) or sentences.setdefault(line[4:], _sentence(*line[4:])))
        for line in lines
    )
    return sheet_of(chain([head], rows))


def overrides_of(lesson: Lesson) -> QuerySet[DripOverride]:
    """The exceptions from the lesson's rules, those for cohorts first."""
    rows = DripOverride.objects.filter(lesson_id=lesson.pk)
    return rows.select_related("cohort", "enrolment__person").order_by(
        F("cohort_id").asc(nulls_last=True), "pk"
    )


def rules_of(lesson: Lesson) -> QuerySet[DripRule]:
    """The rules by which the lesson opens."""
    return (
        DripRule.objects.filter(lesson_id=lesson.pk).select_related("after__course").order_by("pk")
    )


def offer_for(*, standing: Standing, course: Course) -> Offer:
    """What the course's page offers this person: at most two queries."""
    if course.status != Status.PUBLISHED:
        return Offer(action="")
    if standing.person is None:
        return Offer(action="sign_in")
    found = my_enrolments(standing.person).filter(course_id=course.pk).first()
    offer = _offer_of(found) if found is not None else None
    if offer is not None:
        return offer
    past = _what_became(found) if found is not None else ""
    if seats_of(course).is_full:
        full = _("All seats of this course are taken.")
        return Offer(action="", sentence=f"{past} {full}".strip())
    if standing.teaches(course) and (course.price or course.visibility == Visibility.ENROLLED):
        return Offer(action="teach")
    return Offer(action="key" if course.price else "enrol", sentence=past)


def _what_became(enrolment: StatedEnrolment) -> str:
    """What is said to somebody who was here, and may enrol like anybody else."""
    if enrolment.state == State.ENDED:
        return _("Your time in this course has ended. What you have done is kept.")
    return _("You left this course. What you have done is kept.")


def _offer_of(enrolment: StatedEnrolment) -> Offer | None:
    """What remains to be done; None for somebody who may enrol like anybody else."""
    state = enrolment.state
    if state in {State.OPEN, State.UPCOMING}:
        cohort = enrolment.cohort
        return Offer(
            action="leave",
            starts_at=cohort.starts_at if cohort and state == State.UPCOMING else None,
            ends_at=ends_at(enrolment),
        )
    if state == State.SUSPENDED:
        return Offer(action="", sentence=str(EnrolmentSuspendedError()))
    if enrolment.is_barred:
        return Offer(action="", sentence=str(EnrolmentBarredError()))
    return None


def ends_at(enrolment: Enrolment) -> datetime | None:
    """When it ends: by its own date or by its cohort's, whichever comes first; None: never."""
    cohort = enrolment.cohort
    dates = [enrolment.expires_at, cohort.ends_at if cohort else None]
    return min((at for at in dates if at is not None), default=None)
