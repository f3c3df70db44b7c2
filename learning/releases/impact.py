"""What publishing a course now would do to the percentages of its learners."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.functions import Abs, Coalesce

from learning.courses.models import Course, ReleasePolicy
from learning.enrolments.dates import open_now
from learning.enrolments.models import Enrolment
from learning.progress.models import LessonProgress
from learning.releases.selectors import lessons_to_publish

MAX_EXAMPLES: Final = 20


@dataclass(frozen=True, slots=True)
class Example:
    """A learner whose percentage would move."""

    name: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Impact:
    """What happens to the learners who would read the new release at once.

    `follower_count` are they; the percentages of `moving_count` of them move. `unfinished_count`
    have completed the course and would have not; `finished_count` the other way round. What a
    learner has completed stays completed. `examples` are those who lose or win most, first.
    """

    follower_count: int
    moving_count: int
    rising_count: int
    falling_count: int
    finished_count: int
    unfinished_count: int
    examples: Sequence[Example] = ()


def release_impact(course: Course) -> Impact:
    """What publishing now would do to learners. Writes nothing; three queries at most.

    Open enrolments count whose learners read the newest release: all where the course says so,
    else those that no release pins.
    """
    learners = _learners(course)
    moves = ~Q(after=F("before"))
    counts = learners.aggregate(
        follower_count=Count("pk"),
        moving_count=Count("pk", filter=moves),
        rising_count=Count("pk", filter=Q(after__gt=F("before"))),
        falling_count=Count("pk", filter=Q(after__lt=F("before"))),
        finished_count=Count("pk", filter=moves & Q(after=100)),
        unfinished_count=Count("pk", filter=moves & Q(before=100)),
    )
    examples = _examples(learners.filter(moves)) if counts["moving_count"] else []
    return Impact(**counts, examples=examples)


def _learners(course: Course) -> QuerySet[Enrolment, Any]:
    """The followers, with their percentages `before` and `after`."""
    counting = lessons_to_publish(course).filter(is_required=True).order_by()
    required_count = counting.count()
    followers = Enrolment.objects.filter(open_now(), course=course)
    if course.release_policy == ReleasePolicy.PINNED:
        followers = followers.filter(release=None)
    done = Count(
        "lesson_progress",
        filter=Q(
            lesson_progress__state=LessonProgress.State.COMPLETED,
            lesson_progress__lesson__in=counting.values("pk"),
        ),
    )
    # Rounded down by both databases, as `learning.progress.folding.percent_of` does.
    after = done * 100 / Value(required_count) if required_count else Value(0)
    return followers.order_by().annotate(before=Coalesce("progress__percent", 0), after=after)


def _examples(moving: QuerySet[Enrolment, Any]) -> list[Example]:
    by_size = moving.annotate(size=Abs(F("after") - F("before"))).order_by("-size", "pk")
    return [
        Example(name=str(enrolment.person), before=enrolment.before, after=enrolment.after)
        for enrolment in by_size.select_related("person")[:MAX_EXAMPLES]
    ]
