"""What happened to courses; ids alone, and sent inside the transaction of the change."""

from typing import Final

from django.dispatch import Signal

release_policy_changed: Final = Signal()
"""`course_id`: its learners may read another release from now on.

What a receiver writes commits with the change; what it raises undoes it.
"""
