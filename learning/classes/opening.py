"""When the lessons of a course open, as its instructors set it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Q
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from learning.courses.models import Course, Status
from learning.enrolments.models import DripOverride, DripRule
from learning.enrolments.selectors import overrides_of
from learning.enrolments.services import NewRule
from learning.lessons.errors import LessonNotFoundError
from learning.lessons.models import READING_ORDER, Lesson

Kind = DripRule.Kind
LEARNERS_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class LessonOpening:
    """A lesson of the draft with its rules in sentences, all of which must hold.

    No rule: open from the start. `number` is None for what the next release leaves out;
    `exceptions` are those of cohorts, and `learners` is how many have one of their own.
    """

    lesson: Lesson
    number: int | None
    rules: tuple[str, ...]
    exceptions: tuple[DripOverride, ...]
    learners: int


@dataclass(frozen=True, slots=True)
class Exceptions:
    """For whom a lesson opens at another time; `more` learners are not among those `learners`."""

    cohorts: list[DripOverride]
    learners: list[DripOverride]
    more: int


def lesson_openings(course: Course) -> list[LessonOpening]:
    """The lessons of the course in its order; three queries."""
    own = Count("drip_overrides", filter=Q(drip_overrides__enrolment__isnull=False))
    lessons: Iterable[Any] = (
        Lesson.objects.filter(course=course)
        .only("title", "slug", "status", "course_id")
        .annotate(learner_count=own)
        .order_by(*READING_ORDER)
    )
    rules: dict[int, list[str]] = {}
    for rule in _rules(lesson__course=course):
        rules.setdefault(rule.lesson_id, []).append(rule_sentence(rule))
    exceptions: dict[int, list[DripOverride]] = {}
    for override in _cohort_overrides(lesson__course=course):
        exceptions.setdefault(override.lesson_id, []).append(override)
    number, found = 0, []
    for lesson in lessons:
        is_numbered = lesson.status == Status.PUBLISHED
        number += is_numbered
        found.append(
            LessonOpening(
                lesson=lesson,
                number=number if is_numbered else None,
                rules=tuple(rules.get(lesson.pk, ())),
                exceptions=tuple(exceptions.get(lesson.pk, ())),
                learners=lesson.learner_count,
            )
        )
    return found


def lesson_in(course: Course, slug: str) -> Lesson:
    """The lesson of the course at this address.

    Raises:
        LessonNotFoundError: the course has none there.
    """
    lessons = Lesson.objects.filter(course=course, slug=slug)
    found = lessons.only("title", "slug", "status", "course_id").first()
    if found is None:
        raise LessonNotFoundError
    return found


def rules_in(lesson: Lesson) -> list[DripRule]:
    """The lesson's rules, with the lessons that it waits for; one query."""
    return list(_rules(lesson=lesson))


def exceptions_in(lesson: Lesson) -> Exceptions:
    """The exceptions from the lesson's rules, the first learners of many; three queries."""
    rows = overrides_of(lesson).exclude(enrolment=None).order_by("pk")
    shown = list(rows[:LEARNERS_SHOWN])
    return Exceptions(
        cohorts=list(_cohort_overrides(lesson=lesson)),
        learners=shown,
        more=rows.count() - len(shown),
    )


def rule_sentence(rule: DripRule) -> str:
    """The rule, for those who teach: in their time zone, lessons by the titles of their drafts."""
    if rule.kind == Kind.ON_DATE and rule.opens_at is not None:
        at = formats.date_format(timezone.localtime(rule.opens_at), "DATETIME_FORMAT")
        return _("Opens on %(moment)s") % {"moment": at}
    if rule.kind == Kind.AFTER_LESSON and rule.after is not None:
        return _("Opens when “%(lesson)s” is completed") % {"lesson": rule.after.title}
    if not rule.days:
        return _("Opens at the start")
    text = ngettext(
        "Opens %(days)d day after the start", "Opens %(days)d days after the start", rule.days
    )
    return text % {"days": rule.days}


def form_values(rules: Iterable[DripRule]) -> dict[str, Any]:
    """What stands in the form: since all rules hold, the latest of a kind is all of its kind."""
    known = list(rules)
    return {
        "days": max((rule.days for rule in known if rule.days is not None), default=None),
        "opens_at": max((rule.opens_at for rule in known if rule.opens_at), default=None),
        "after": [rule.after.slug for rule in known if rule.after],
    }


def new_rules(values: dict[str, Any]) -> list[NewRule]:
    """The rules that the filled-in form asks for."""
    rules = [NewRule(kind=Kind.AFTER_LESSON, after=lesson) for lesson in values["after"]]
    if values["opens_at"] is not None:
        rules.insert(0, NewRule(kind=Kind.ON_DATE, opens_at=values["opens_at"]))
    if values["days"] is not None:
        rules.insert(0, NewRule(kind=Kind.AFTER_DAYS, days=values["days"]))
    return rules


def _rules(**of: Any) -> Any:
    rows = DripRule.objects.filter(**of).select_related("after").order_by("pk")
    return rows.only(
        "kind", "days", "opens_at", "lesson_id", "after__title", "after__slug", "after__course_id"
    )


def _cohort_overrides(**of: Any) -> Any:
    rows = DripOverride.objects.filter(**of).exclude(cohort=None).select_related("cohort")
    return rows.only("lesson_id", "opens_at", "enrolment_id", "cohort__name").order_by(
        "cohort__starts_at", "cohort_id"
    )
