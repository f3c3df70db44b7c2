"""What every page says of one's jobs."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from scheduler.jobs.selectors import unfinished_count


def live_jobs(request: HttpRequest) -> dict[str, Any]:
    """`live_jobs`: how many of the person's jobs are unfinished; counted only where it is shown."""
    person_id = getattr(getattr(request, "user", None), "pk", None)
    if person_id is None:
        return {"live_jobs": 0}
    return {"live_jobs": SimpleLazyObject(lambda: unfinished_count(person_id=person_id))}
