"""When lessons open: rules for all learners, and exceptions for one or for a cohort."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from academy.accounts.models import User
from learning.enrolments.dates import usable_moment
from learning.enrolments.errors import ForeignRowError, RuleCycleError, RuleUnusableError
from learning.enrolments.models import Cohort, DripOverride, DripRule, Enrolment
from learning.enrolments.services.holding import (
    class_held,
    cohort_now,
    enrolment_held,
    lesson_held,
    lessons_held,
)
from learning.enrolments.signals import openings_changed
from learning.lessons.errors import LessonNotFoundError
from learning.lessons.models import Lesson

Kind = DripRule.Kind
MAX_RULES: Final = 10
MAX_RULE_DAYS: Final = 3_650


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule to be: `days` from the start, at `opens_at`, or when `after` is completed."""

    kind: str
    days: int | None = None
    opens_at: datetime | None = None
    after: Lesson | None = None


def drip_rules_set(
    *, lesson: Lesson, rules: Sequence[NewRule], acting_user: User
) -> list[DripRule]:
    """The lesson has these rules and no others; with none it is open from the start.

    Raises:
        RuleUnusableError: a rule lacks what its kind needs, its other lesson is gone, or there
            are more than ten.
        DateUnusableError: a date is none that can be used.
        ForeignRowError: a lesson to be completed is another course's.
        RuleCycleError: lessons would wait for each other.
        LessonNotFoundError: the lesson is gone.
    """
    if len(rules) > MAX_RULES:
        raise RuleUnusableError(
            _("A lesson has at most %(most)d rules.") % {"most": MAX_RULES}, attr="rules"
        )
    wanted = [_values(lesson, rule, f"rules.{n}") for n, rule in enumerate(rules)]
    waits_for = {after.pk for after in (rule.after for rule in rules) if after is not None}
    # Two lessons that are made to wait for each other at once: one after the other.
    with class_held(course_id=lesson.course_id):
        there = lessons_held({lesson.pk, *waits_for})
        if lesson.pk not in there:
            raise LessonNotFoundError
        if not waits_for <= there:
            raise RuleUnusableError(_("A lesson to be completed is gone."), attr="rules")
        _refuse_cycle(lesson, waits_for)
        DripRule.objects.filter(lesson=lesson).delete()
        made = [DripRule.objects.create(lesson=lesson, **values) for values in wanted]
        _tell(lesson)
    return made


def drip_override_set(
    *,
    lesson: Lesson,
    opens_at: datetime | None,
    acting_user: User,
    enrolment: Enrolment | None = None,
    cohort: Cohort | None = None,
) -> DripOverride:
    """For this learner or this cohort the lesson opens then, whatever its rules say; None: now.

    Raises:
        RuleUnusableError: it is for neither, or for both.
        ForeignRowError: the learner or the cohort is another course's.
        DateUnusableError: the date is none that can be used.
        LessonNotFoundError, EnrolmentNotFoundError, CohortNotFoundError: it is gone.
    """
    target = enrolment or cohort
    if target is None or (enrolment is not None and cohort is not None):
        raise RuleUnusableError(_("An exception is for one learner, or for one cohort."))
    if target.course_id != lesson.course_id:
        raise ForeignRowError(attr="enrolment" if enrolment else "cohort")
    moment = usable_moment(opens_at, attr="opens_at")
    with class_held(course_id=lesson.course_id):
        lesson_held(lesson)
        enrolment = enrolment_held(enrolment) if enrolment is not None else None
        cohort = cohort_now(cohort) if cohort is not None else None
        override, _made = DripOverride.objects.update_or_create(
            lesson=lesson, enrolment=enrolment, cohort=cohort, defaults={"opens_at": moment}
        )
        # Whoever is told of it needs no row that may be gone by then.
        override.enrolment, override.cohort = enrolment, cohort
        _tell(lesson, override)
    return override


def drip_override_clear(*, override: DripOverride, acting_user: User) -> None:
    """The lesson opens by its rules again; twice is as good as once.

    Raises:
        CourseNotFoundError: the course is gone.
    """
    with class_held(course_id=override.lesson.course_id):
        if DripOverride.objects.filter(pk=override.pk).delete()[0]:
            _tell(override.lesson, override)


def _tell(lesson: Lesson, override: DripOverride | None = None) -> None:
    openings_changed.send(
        sender=None,
        course_id=lesson.course_id,
        enrolment_id=override.enrolment_id if override else None,
        cohort_id=override.cohort_id if override else None,
    )


def _values(lesson: Lesson, rule: NewRule, attr: str) -> dict[str, Any]:
    """What the rule is stored as; `attr` is its place in what was sent."""
    if rule.kind == Kind.AFTER_DAYS and rule.days is not None:
        if not 0 <= rule.days <= MAX_RULE_DAYS:
            raise RuleUnusableError(
                _("A lesson opens after 0 to %(most)d days.") % {"most": MAX_RULE_DAYS},
                attr=f"{attr}.days",
            )
        return {"kind": rule.kind, "days": rule.days}
    if rule.kind == Kind.ON_DATE and rule.opens_at is not None:
        return {
            "kind": rule.kind,
            "opens_at": usable_moment(rule.opens_at, attr=f"{attr}.opens_at"),
        }
    if rule.kind == Kind.AFTER_LESSON and rule.after is not None:
        if rule.after.course_id != lesson.course_id:
            raise ForeignRowError(attr=f"{attr}.after")
        return {"kind": rule.kind, "after": rule.after}
    raise _incomplete(rule.kind, attr)


def _incomplete(kind: str, attr: str) -> RuleUnusableError:
    """What a rule of that kind lacks, in words and by the name of its field."""
    needs = {
        Kind.AFTER_DAYS.value: ("days", _("“after_days” needs “days”, a number such as 7.")),
        Kind.ON_DATE.value: (
            "opens_at",
            _("“on_date” needs “opens_at”, a moment such as 2027-03-31T09:00:00Z."),
        ),
        Kind.AFTER_LESSON.value: (
            "after",
            _("“after_lesson” needs “after”, the permalink of another lesson of the course."),
        ),
    }
    field, sentence = needs.get(
        kind, ("kind", _("A rule is “after_days”, “on_date” or “after_lesson”."))
    )
    return RuleUnusableError(sentence, attr=f"{attr}.{field}")


def _refuse_cycle(lesson: Lesson, waits_for: set[int]) -> None:
    rows = DripRule.objects.filter(lesson__course_id=lesson.course_id, kind=Kind.AFTER_LESSON)
    edges: dict[int, set[int]] = {}
    for waiting, after in rows.exclude(lesson=lesson).values_list("lesson_id", "after_id"):
        if after is not None:
            edges.setdefault(waiting, set()).add(after)
    reached: set[int] = set()
    ahead = set(waits_for)
    while ahead:
        reached |= ahead
        ahead = {after for place in ahead for after in edges.get(place, ())} - reached
    if lesson.pk in reached:
        raise RuleCycleError(attr="rules")
