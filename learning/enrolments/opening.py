"""Which lessons are open to a learner at this moment, and when the others will be."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Now
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from academy.accounts.models import User
from learning.courses.models import Course, ReleasePolicy
from learning.enrolments.dates import MAX_DAYS
from learning.enrolments.models import DripOverride, DripRule, Enrolment
from learning.progress.models import LessonProgress
from learning.releases.models import ReleaseLesson
from learning.rights.selectors import Seat, Standing

_FORMAT: Final = "j F Y, H:i"


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
    """The lessons that do not simply stand open, by id; others are left out.

    All rules of a lesson must hold. An exception for the learner goes before one for their
    cohort, and both before the rules. Who teaches the course reads everything. A lesson that the
    learner's release does not have is waited for by nobody. At most four queries once the
    standing knows the person's seats.
    """
    seat = standing.seat_in(course.pk)
    rules = _rules(course, seat, lesson_ids)
    if standing.teaches(course):
        return dict.fromkeys(rules, Opening(is_open=True))
    closed = Opening(is_open=False, sentence=_("For people who are enrolled"))
    if seat is None:
        return dict.fromkeys(rules, closed)
    overrides = _overrides(seat, lesson_ids)
    waiting = {*rules, *overrides}
    if not waiting:
        return {}
    learner = _learner(standing, seat, rules)
    if learner is None:
        # The enrolment was deleted between two of these queries.
        return dict.fromkeys(waiting, closed)
    return {
        lesson_id: _opening(learner, at=overrides[lesson_id])
        if lesson_id in overrides
        else _by_rules(learner, rules[lesson_id])
        for lesson_id in waiting
    }


def _rules(
    course: Course, seat: Seat | None, lesson_ids: Collection[int]
) -> dict[int, list[_Rule]]:
    is_pinned = course.release_policy == ReleasePolicy.PINNED and seat is not None
    release_id = (seat.release_id if seat and is_pinned else None) or course.newest_release_id
    # The title that the learner reads, not that of the draft.
    entries = ReleaseLesson.objects.filter(release_id=release_id or 0, lesson=OuterRef("after_id"))
    rows = DripRule.objects.filter(lesson_id__in=lesson_ids).values_list(
        "lesson_id",
        "kind",
        "days",
        "opens_at",
        "after_id",
        Subquery(entries.values("revision__title")[:1]),
    )
    found: dict[int, list[_Rule]] = {}
    for lesson_id, *values in rows:
        found.setdefault(lesson_id, []).append(_Rule(*values))
    return found


def _overrides(seat: Seat, lesson_ids: Collection[int]) -> dict[int, datetime | None]:
    """The exceptions that count; the learner's own after, and so over, those of their cohort."""
    cohort = Enrolment.objects.filter(pk=seat.enrolment_id).values("cohort_id")
    rows = DripOverride.objects.filter(
        Q(enrolment_id=seat.enrolment_id) | Q(cohort_id__in=cohort), lesson_id__in=lesson_ids
    ).values_list("lesson_id", "opens_at", "enrolment_id")
    own_last = sorted(rows, key=lambda row: row[2] is not None)
    return {lesson_id: opens_at for lesson_id, opens_at, _own in own_last}


def _learner(
    standing: Standing, seat: Seat, rules: Mapping[int, Iterable[_Rule]]
) -> _Learner | None:
    row = (
        Enrolment.objects.filter(pk=seat.enrolment_id)
        .annotate(now=Now())
        .values_list("started_at", "cohort__starts_at", "now")
        .first()
    )
    if row is None:
        return None
    started_at, cohort_at, now = row
    waited_for = {rule.after_id for rows in rules.values() for rule in rows if rule.after_id}
    completed: frozenset[int] = frozenset()
    if waited_for:
        done = LessonProgress.objects.filter(
            enrolment_id=seat.enrolment_id,
            lesson_id__in=waited_for,
            state=LessonProgress.State.COMPLETED,
        )
        completed = frozenset(done.values_list("lesson_id", flat=True))
    return _Learner(
        now=now,
        start=max(started_at, cohort_at or started_at),
        zone=_zone(standing.person),
        completed=completed,
    )


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
    names = ", ".join(f"“{title}”" for title in missing)
    if waits_until is None:
        sentence = _("Opens when you have completed %(lessons)s") % {"lessons": names}
        return Opening(is_open=False, sentence=sentence)
    moment = formats.date_format(timezone.localtime(waits_until, learner.zone), _FORMAT)
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
