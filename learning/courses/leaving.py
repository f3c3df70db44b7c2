"""What courses need of somebody who leaves the academy."""

from typing import Any

from django.dispatch import receiver
from django.utils.translation import ngettext

from academy.accounts.leaving import register_obstacle
from academy.accounts.signals import person_anonymised
from learning.courses.models import Course, CourseGrant, CourseStaff


def owned_courses(person_id: int) -> str | None:
    """A course without its owner would be nobody's to run."""
    count = Course.objects.filter(owner_id=person_id).count()
    if not count:
        return None
    text = ngettext(
        "You own %(count)d course: have an operator give it to somebody else first.",
        "You own %(count)d courses: have an operator give them to somebody else first.",
        count,
    )
    return text % {"count": count}


@receiver(person_anonymised, dispatch_uid="learning.staff_left")
def after_anonymised(*, person_id: int, **_kwargs: Any) -> None:
    """Nobody teaches there any more, and nothing is open to them."""
    CourseStaff.objects.filter(person_id=person_id).delete()
    CourseGrant.objects.filter(person_id=person_id).delete()


register_obstacle("courses", owned_courses)
