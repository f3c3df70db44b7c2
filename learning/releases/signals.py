"""What happens to releases."""

from django.dispatch import Signal

release_published = Signal()
"""Inside the publishing transaction: `release_id: int`, `course_id: int`; the sender is None."""
