"""What publishing would do, in sentences for whoever is about to."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from learning.courses.models import Course, ReleasePolicy
from learning.releases.comparing import ReleaseDiff
from learning.releases.impact import Impact


def effects_told(course: Course, diff: ReleaseDiff, impact: Impact) -> list[str]:
    """What will happen when it is published now, and to how many."""
    told = [_opening(diff), *_reading(course, impact)]
    if impact.moving_count:
        told.append(_moving(impact))
    return [sentence for sentence in told if sentence]


def _opening(diff: ReleaseDiff) -> str:
    if not diff.opens:
        return ""
    if diff.is_same:
        return _("The course opens again, with the release that it had.")
    return _("The course opens to its readers.")


def _reading(course: Course, impact: Impact) -> list[str]:
    told = []
    if impact.follower_count:
        told.append(
            ngettext(
                "%(n)d learner reads it at once, and keeps what is completed.",
                "%(n)d learners read it at once, and keep what they have completed.",
                impact.follower_count,
            )
            % {"n": impact.follower_count}
        )
    if course.release_policy == ReleasePolicy.PINNED:
        told.append(_("Whoever has begun stays on the release on which they started."))
    elif not impact.follower_count:
        told.append(_("Nobody is enrolled at the moment."))
    return told


def _moving(impact: Impact) -> str:
    parts = [
        ngettext(
            "The percentage of %(n)d learner moves.",
            "The percentages of %(n)d learners move.",
            impact.moving_count,
        )
        % {"n": impact.moving_count}
    ]
    if impact.unfinished_count:
        parts.append(
            ngettext(
                "%(n)d learner has completed the course and will not have any more.",
                "%(n)d learners have completed the course and will not have any more.",
                impact.unfinished_count,
            )
            % {"n": impact.unfinished_count}
        )
    return " ".join(parts)
