"""What progress does when releases and enrolments change."""

from importlib import import_module
from typing import Any

from django.dispatch import receiver

from academy.platform.realtime.publishing import publish_on_commit
from learning.courses.signals import release_policy_changed
from learning.enrolments.models import Enrolment
from learning.enrolments.signals import enrolment_changed, openings_changed
from learning.progress.services import (
    course_progress_follow,
    openings_follow,
    progress_refresh,
)
from learning.releases.signals import release_published

# Whoever imports these tells the hub how their topics are read.
import_module("learning.courses.live")
import_module("learning.progress.live")


@receiver(release_policy_changed, dispatch_uid="learning.progress_follows_policy")
@receiver(release_published, dispatch_uid="learning.progress_follows_release")
def after_release(*, course_id: int, **_kwargs: Any) -> None:
    """Percentages are those of the release that each learner reads now."""
    course_progress_follow(course_id=course_id)


@receiver(enrolment_changed, dispatch_uid="learning.progress_follows_enrolment")
def after_enrolment(*, enrolment_id: int, course_id: int, **_kwargs: Any) -> None:
    """Whoever is enrolled stands somewhere, if at the beginning; open pages look again."""
    progress_refresh(enrolment_id=enrolment_id)
    publish_on_commit(f"class:{course_id}")
    person_id = Enrolment.objects.filter(pk=enrolment_id).values_list("person_id", flat=True)
    for pk in person_id:
        publish_on_commit(f"person:{pk}")


@receiver(openings_changed, dispatch_uid="learning.progress_follows_openings")
def after_openings(
    *, course_id: int, enrolment_id: int | None, cohort_id: int | None, **_kwargs: Any
) -> None:
    """Open pages of those for whom a lesson opens at another time look again."""
    openings_follow(course_id=course_id, enrolment_id=enrolment_id, cohort_id=cohort_id)
