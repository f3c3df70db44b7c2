"""What happened to enrolments; ids alone, and sent inside the transaction of the change."""

from typing import Final

from django.dispatch import Signal

enrolment_changed: Final = Signal()
"""`enrolment_id`, `course_id`: the learner came, left, or reads another release from now on.

What a receiver writes commits with the change; what it raises undoes it.
"""

openings_changed: Final = Signal()
"""`course_id`, `enrolment_id`, `cohort_id`: lessons open at other times from now on, for that
learner or that cohort; for everybody in the course where both are None.

What a receiver writes commits with the change; what it raises undoes it.
"""
