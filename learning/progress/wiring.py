"""What progress does when releases and enrolments change."""

from typing import Any

from django.dispatch import receiver

from learning.enrolments.signals import enrolment_changed
from learning.progress.services import course_progress_refresh, progress_refresh
from learning.releases.signals import release_published


@receiver(release_published, dispatch_uid="learning.progress_follows_release")
def after_release(*, course_id: int, **_kwargs: Any) -> None:
    """Percentages are those of the release that each learner reads now."""
    course_progress_refresh(course_id=course_id)


@receiver(enrolment_changed, dispatch_uid="learning.progress_follows_enrolment")
def after_enrolment(*, enrolment_id: int, **_kwargs: Any) -> None:
    """Whoever is enrolled stands somewhere, if at the beginning."""
    progress_refresh(enrolment_id=enrolment_id)
