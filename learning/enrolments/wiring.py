"""What enrolments do when something happens around them."""

from typing import Any

from django.dispatch import receiver

from academy.accounts.leaving import Hold, register_hold
from academy.accounts.signals import person_anonymised
from learning.enrolments.services import (
    enrolments_of_person_end,
    enrolments_pin,
    lists_forget_person,
)
from learning.enrolments.services.holding import courses_of_person, courses_of_person_held
from learning.releases.signals import release_published


@receiver(release_published, dispatch_uid="learning.enrolments_pinned")
def after_release(*, release_id: int, course_id: int, **_kwargs: Any) -> None:
    """Who was enrolled before there was any release starts on the first."""
    enrolments_pin(course_id=course_id, release_id=release_id)


@receiver(person_anonymised, dispatch_uid="learning.enrolments_of_nobody")
def after_anonymised(
    *, person_id: int, username: str, addresses: tuple[str, ...], **_kwargs: Any
) -> None:
    """Nobody learns there any more, and no list names them; what they completed still counts."""
    enrolments_of_person_end(person_id=person_id)
    lists_forget_person(person_id=person_id, names=(username, *addresses))


register_hold("enrolments", Hold(take=courses_of_person_held, needed=courses_of_person))
