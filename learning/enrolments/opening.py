"""Which lessons are open to a learner at this moment, and when the others will be."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import FilteredRelation, Q
from django.db.models.functions import Now
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from academy.accounts.models import User
from learning.courses.models import Course, ReleasePolicy
from learning.enrolments.dates import MAX_DAYS
from learning.enrolments.models import DripOverride, DripRule, Enrolment
from learning.progress.models import LessonProgress
from learning.rights.selectors import Seat, Standing


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a lesson is open to somebody; `sentence` tells them what it waits for.

    `opens_at` is None where no date alone opens it.
    """

    is_open: bool
    opens_at: datetime | None = None
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: str
    days: int | None
    opens_at: datetime | None
    after_id: int | None
    after_title: str | None


@dataclass(frozen=True, slots=True)
class _Learner:
    """What the rules are held against, as of one moment of the database's clock."""

    now: datetime
    start: datetime
    zone: ZoneInfo | None
    completed: frozenset[int]


def openings(
    *, standing: Standing, course: Course, lesson_ids: Collection[int]
) -> Mapping[int, Opening]:
    """`openings_everywhere`, in one course."""
    return openings_everywhere(standing=standing, lessons={course: lesson_ids})


def openings_everywhere(
    *, standing: Standing, lessons: Mapping[Course, Collection[int]]
) -> Mapping[int, Opening]:
    """Those of the courses' lessons that do not simply stand open, by id; others are left out.

    All rules of a lesson must hold. An exception for the learner goes before one for their
    cohort, and both before the rules. Who teaches a course reads all of it. A lesson that the
    learner's release does not have is waited for by nobody. At most four queries, however many
    courses, once the standing knows the person's seats.
    """
    course_of = {pk: course for course, ids in lessons.items() for pk in ids}
    rules = _rules(course_of, {_read_release(standing, course) for course in lessons})
    learnt = [course.pk for course in lessons if not standing.teaches(course)]
    seats = {pk: seat for pk in learnt if (seat := standing.seat_in(pk)) is not None}
    overrides = _overrides(seats, course_of)
    waiting = {*rules, *overrides}
    learners = _learners(standing, seats, rules) if waiting else {}
    return {
        pk: Opening(is_open=True)
        if standing.teaches(course_of[pk])
        else _as_learner(learners.get(course_of[pk].pk), pk, rules, overrides)
        for pk in waiting
    }


def _as_learner(
    learner: _Learner | None,
    lesson_id: int,
    rules: Mapping[int, Iterable[_Rule]],
    overrides: Mapping[int, datetime | None],
) -> Opening:
    if learner is None:
        return Opening(is_open=False, sentence=_("For people who are enrolled"))
    if lesson_id in overrides:
        return _opening(learner, at=overrides[lesson_id])
    return _by_rules(learner, rules[lesson_id])


def _read_release(standing: Standing, course: Course) -> int | None:
    seat = standing.seat_in(course.pk)
    is_pinned = course.release_policy == ReleasePolicy.PINNED and seat is not None
    return (seat.release_id if seat and is_pinned else None) or course.newest_release_id


def _rules(
    lesson_ids: Collection[int], release_ids: Collection[int | None]
) -> dict[int, list[_Rule]]:
    # The title that the learner reads, not that of the draft. A course's lessons are in none of
    # the other courses' releases, so that a rule comes once.
    read = FilteredRelation(
        "after__release_entries",
        condition=Q(after__release_entries__release_id__in=[pk or 0 for pk in release_ids]),
    )
    rows = (
        DripRule.objects.filter(lesson_id__in=lesson_ids)
        .annotate(read=read)
        .values_list("lesson_id", "kind", "days", "opens_at", "after_id", "read__revision__title")
    )
    found: dict[int, list[_Rule]] = {}
    for lesson_id, *values in rows:
        found.setdefault(lesson_id, []).append(_Rule(*values))
    return found


def _overrides(
    seats: Mapping[int, Seat], lesson_ids: Collection[int]
) -> dict[int, datetime | None]:
    """The exceptions that count; the learner's own after, and so over, those of their cohort."""
    if not seats:
        return {}
    taken = [seat.enrolment_id for seat in seats.values()]
    cohorts = Enrolment.objects.filter(pk__in=taken).exclude(cohort=None).values("cohort_id")
    rows = DripOverride.objects.filter(
        Q(enrolment_id__in=taken) | Q(cohort_id__in=cohorts), lesson_id__in=lesson_ids
    ).values_list("lesson_id", "opens_at", "enrolment_id")
    own_last = sorted(rows, key=lambda row: row[2] is not None)
    return {lesson_id: opens_at for lesson_id, opens_at, _own in own_last}


def _learners(
    standing: Standing, seats: Mapping[int, Seat], rules: Mapping[int, Iterable[_Rule]]
) -> dict[int, _Learner]:
    """Those whose enrolments still stand, by course."""
    if not seats:
        return {}
    taken = [seat.enrolment_id for seat in seats.values()]
    completed = _completed(taken, rules)
    rows = (
        Enrolment.objects.filter(pk__in=taken)
        .annotate(now=Now())
        .values_list("course_id", "started_at", "cohort__starts_at", "now")
    )
    zone = _zone(standing.person)
    return {
        course_id: _Learner(
            now=now, start=max(started, cohort_at or started), zone=zone, completed=completed
        )
        for course_id, started, cohort_at, now in rows
    }


def _completed(
    enrolment_ids: Collection[int], rules: Mapping[int, Iterable[_Rule]]
) -> frozenset[int]:
    waited_for = {rule.after_id for rows in rules.values() for rule in rows if rule.after_id}
    if not waited_for:
        return frozenset()
    done = LessonProgress.objects.filter(
        enrolment_id__in=enrolment_ids,
        lesson_id__in=waited_for,
        state=LessonProgress.State.COMPLETED,
    )
    return frozenset(done.values_list("lesson_id", flat=True))


def _by_rules(learner: _Learner, rules: Iterable[_Rule]) -> Opening:
    dates = [at for at in (_date_of(rule, learner.start) for rule in rules) if at is not None]
    missing = [
        rule.after_title
        for rule in rules
        if rule.after_title is not None and rule.after_id not in learner.completed
    ]
    return _opening(learner, at=max(dates, default=None), missing=missing)


def _date_of(rule: _Rule, start: datetime) -> datetime | None:
    if rule.kind == DripRule.Kind.AFTER_DAYS and rule.days is not None:
        return start + timedelta(days=min(rule.days, MAX_DAYS))
    return rule.opens_at if rule.kind == DripRule.Kind.ON_DATE else None


def _opening(learner: _Learner, *, at: datetime | None, missing: Collection[str] = ()) -> Opening:
    waits_until = at if at is not None and at > learner.now else None
    if waits_until is None and not missing:
        return Opening(is_open=True)
    # Translators: between the parts of a list.
    names = _(", ").join(_("“%(title)s”") % {"title": title} for title in missing)
    if waits_until is None:
        sentence = _("Opens when you have completed %(lessons)s") % {"lessons": names}
        return Opening(is_open=False, sentence=sentence)
    moment = formats.date_format(timezone.localtime(waits_until, learner.zone), "DATETIME_FORMAT")
    if not missing:
        sentence = _("Opens on %(moment)s") % {"moment": moment}
        return Opening(is_open=False, opens_at=waits_until, sentence=sentence)
    sentence = _("Opens when you have completed %(lessons)s, not before %(moment)s") % {
        "lessons": names,
        "moment": moment,
    }
    return Opening(is_open=False, sentence=sentence)


def _zone(person: User | None) -> ZoneInfo | None:
    """The person's; None, where it is unknown here, is the current one."""
    try:
        return ZoneInfo(person.time_zone) if person else None
    except (ZoneInfoNotFoundError, ValueError):
        return None
