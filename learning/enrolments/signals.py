"""What happened to enrolments; ids alone, and sent inside the transaction of the change."""

from typing import Final

from django.dispatch import Signal

enrolment_changed: Final = Signal()
"""`enrolment_id`, `course_id`: the learner came, left, or reads another release from now on.

What a receiver writes commits with the change; what it raises undoes it.
"""
