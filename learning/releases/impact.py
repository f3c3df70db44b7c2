"""What publishing a course now would do to the percentages of its learners."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Final

from django.db.models import Count, Q, Value
from django.db.models.functions import Coalesce

from learning.courses.models import Course, ReleasePolicy
from learning.enrolments.dates import open_now
from learning.enrolments.models import Enrolment
from learning.progress.models import LessonProgress
from learning.releases.selectors import lessons_to_publish

MAX_EXAMPLES: Final = 20
_ALL: Final = 100


@dataclass(frozen=True, slots=True)
class Example:
    """A learner whose percentage would move."""

    name: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Impact:
    """What happens to the learners who would read the new release at once.

    `follower_count` are they, and `staying_count` those who stay on the release that they began
    with. The percentages of `moving_count` of them move. `unfinished_count`
    have completed the course and would have not; `finished_count` the other way round. What a
    learner has completed stays completed. `examples` are those who lose or win most, first.
    """

    follower_count: int
    staying_count: int
    moving_count: int
    rising_count: int
    falling_count: int
    finished_count: int
    unfinished_count: int
    examples: Sequence[Example] = ()


def release_impact(course: Course) -> Impact:
    """What publishing now would do to learners. Writes nothing.

    Three queries at most, or four where learners stay on their releases.

    Open enrolments count whose learners read the newest release: all where the course says so,
    else those that no release pins.
    """
    # Each is counted once, by the database, and told apart here: asked for in one aggregate, each
    # percentage was computed again and again, which took twice as long.
    moves = _moves(course)
    moving = [move for move in moves if move[1] != move[2]]
    return Impact(
        follower_count=len(moves),
        staying_count=_staying_count(course),
        moving_count=len(moving),
        rising_count=sum(after > before for _pk, before, after in moving),
        falling_count=sum(after < before for _pk, before, after in moving),
        finished_count=sum(after == _ALL for _pk, _before, after in moving),
        unfinished_count=sum(before == _ALL for _pk, before, _after in moving),
        examples=_examples(moving) if moving else [],
    )


def _staying_count(course: Course) -> int:
    if course.release_policy != ReleasePolicy.PINNED:
        return 0
    return Enrolment.objects.filter(open_now(), course=course).exclude(release=None).count()


def _moves(course: Course) -> list[tuple[int, int, int]]:
    """The enrolments of followers, each with its percentage before and after."""
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
    counted = followers.order_by().annotate(before=Coalesce("progress__percent", 0), after=after)
    return list(counted.values_list("pk", "before", "after"))


def _examples(moving: Iterable[tuple[int, int, int]]) -> list[Example]:
    most = nsmallest(MAX_EXAMPLES, moving, key=lambda move: (-abs(move[2] - move[1]), move[0]))
    names = Enrolment.objects.select_related("person").in_bulk([pk for pk, *_ in most])
    return [
        Example(name=str(names[pk].person), before=before, after=after)
        for pk, before, after in most
        if pk in names
    ]
