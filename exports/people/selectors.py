"""Reading files of one's own data."""

import uuid
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Now

from academy.accounts.models import User
from exports.people.errors import PortraitNotFoundError
from exports.people.models import PersonPortrait
from scheduler.jobs.models import JobWatch

PORTRAIT_KIND: Final = "exports.personal_data"


def portraits_outdated() -> QuerySet[PersonPortrait]:
    """Files whose time is over, by the database's clock."""
    horizon = Now() - timedelta(seconds=settings.PORTRAIT_KEEP_SECONDS)
    return PersonPortrait.objects.filter(generated_at__lte=horizon)


def portrait_for(person: User, portrait_id: uuid.UUID) -> PersonPortrait:
    """The person's own file; operators see only theirs, too.

    Raises:
        PortraitNotFoundError: it is somebody else's, too old, or was never made.
    """
    young = PersonPortrait.objects.exclude(pk__in=portraits_outdated().values("pk"))
    found = young.select_related("artifact").filter(pk=portrait_id, person=person).first()
    if found is None:
        raise PortraitNotFoundError
    return found


def jobs_of(person_id: int) -> Iterator[Mapping[str, Any]]:
    """What the academy made, or was asked to make, for the person."""
    watches = JobWatch.objects.filter(person_id=person_id).select_related("job").order_by("pk")
    for watch in watches.iterator(chunk_size=500):
        yield {
            "task_id": watch.job_id,
            "kind": watch.job.kind,
            "title": watch.job.title,
            "status": watch.job.status,
            "asked_at": watch.asked_at,
            "withdrawn_at": watch.withdrawn_at,
            "finished_at": watch.job.finished_at,
        }
