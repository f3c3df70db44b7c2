"""One learner as their instructors see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q

from learning.enrolments.models import DripOverride, Enrolment
from learning.progress.folding import BY_FORM
from learning.progress.models import LessonProgress, ProgressEvent
from learning.progress.selectors import with_title_read
from learning.releases.models import Release, ReleaseLesson

RECENT_EVENTS: Final = 20


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that the learner did, or that `by` did for them; `by` empty: the learner."""

    label: str
    lesson: str
    at: datetime
    by: str


def recent_events(enrolment: Enrolment) -> list[Happened]:
    """What happened last, the newest first; one query.

    A lesson is told as opened once: where reading is measured, coming back to it is an event too.
    """
    before = ProgressEvent.objects.filter(
        Q(occurred_at__lt=OuterRef("occurred_at"))
        | Q(occurred_at=OuterRef("occurred_at"), pk__lt=OuterRef("pk")),
        enrolment_id=OuterRef("enrolment_id"),
        lesson_id=OuterRef("lesson_id"),
        kind=ProgressEvent.Kind.OPENED,
    )
    events = (
        with_title_read(
            ProgressEvent.objects.filter(enrolment=enrolment),
            lesson="lesson",
            enrolment="enrolment__",
        )
        .exclude(kind=ProgressEvent.Kind.CHECKPOINT)
        # The press of a form, which tells that its page was read until then.
        .exclude(data__has_key=BY_FORM)
        .exclude(Exists(before.order_by()), kind=ProgressEvent.Kind.OPENED)
        .select_related("by")
        .only("kind", "occurred_at", "by__display_name", "by__username", "enrolment")
        .order_by("-occurred_at", "-pk")
    )
    return [
        Happened(
            label=str(ProgressEvent.Kind(event.kind).label),
            lesson=event.title_read,
            at=event.occurred_at,
            by=str(event.by) if event.by and event.by_id != enrolment.person_id else "",
        )
        for event in events[:RECENT_EVENTS]
    ]


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Lessons that open at another time than by their rules; `own` alone are the learner's.

    `by_slug` are those that count for the learner: their own, else their cohort's.
    """

    own: list[DripOverride]
    by_slug: dict[str, DripOverride]


def exceptions_for(enrolment: Enrolment) -> Exceptions:
    """The exceptions of the learner and of their cohort; one query."""
    theirs = Q(enrolment=enrolment)
    if enrolment.cohort_id is not None:
        theirs |= Q(cohort_id=enrolment.cohort_id)
    rows = DripOverride.objects.filter(theirs).select_related("lesson")
    found = rows.only("opens_at", "enrolment_id", "lesson__title", "lesson__slug")
    own_last = sorted(found, key=lambda row: row.enrolment_id is not None)
    return Exceptions(
        own=[row for row in own_last if row.enrolment_id is not None],
        by_slug={row.lesson.slug: row for row in own_last},
    )


def percent_in(enrolment: Enrolment, release: Release) -> int:
    """What the learner's percentage would be in that release; two queries."""
    required = ReleaseLesson.objects.filter(release=release, is_required=True)
    total = required.count()
    done = LessonProgress.objects.filter(
        Q(lesson__in=required.values("lesson")),
        enrolment=enrolment,
        state=LessonProgress.State.COMPLETED,
    )
    return 100 * done.count() // total if total else 0
