"""Asking for the file of one's own data, recording it, and letting go of it."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from academy.accounts.languages import spoken
from academy.accounts.models import User
from academy.accounts.portrait import sections
from academy.platform.storage.store import Stored
from exports.artifacts.models import Artifact
from exports.artifacts.selectors import artifact_store
from exports.artifacts.services import artifact_record
from exports.people.errors import PortraitPersonGoneError
from exports.people.models import PersonPortrait
from exports.people.selectors import PORTRAIT_KIND, portraits_outdated
from exports.people.writing import Report, write_portrait
from scheduler.jobs.services import Submission, job_submit

CONTENT_TYPE: Final = "application/zip"


@dataclass(frozen=True, slots=True)
class MadePortrait:
    """A file that is kept and whose rows are still to be written."""

    id: uuid.UUID
    person_id: int
    stored: Stored


def portrait_ask(*, person: User) -> Submission:
    """One job makes the file of all that is known of the person; who asks again joins it.

    Raises:
        QueueFullError, LaneFullError: as for any job.
    """
    return job_submit(
        kind=PORTRAIT_KIND,
        params={"person_id": person.pk},
        person_id=person.pk,
        title=_("Your data"),
        dedup_key=f"portrait:{person.pk}",
    )


def portrait_make(*, person_id: int, report: Report) -> MadePortrait:
    """The file is kept, in the person's language; record it in the transaction that ends the job.

    Raises:
        PortraitPersonGoneError: the account was deleted meanwhile.
    """
    person = User.objects.filter(pk=person_id, is_active=True).first()
    if person is None:
        raise PortraitPersonGoneError
    with (
        translation.override(spoken(person.language)),
        artifact_store().writing() as draft,
    ):
        write_portrait(target=draft.file, person_id=person_id, sections=sections(), report=report)
        stored = draft.keep()
    return MadePortrait(id=uuid.uuid4(), person_id=person_id, stored=stored)


@transaction.atomic
def portrait_record(*, made: MadePortrait) -> None:
    """The file can be downloaded by its person; earlier ones are gone.

    Raises:
        PortraitPersonGoneError: the account was deleted meanwhile; the file is gone at once.
    """
    people = User.objects.select_for_update(no_key=True, of=("self",)).filter(
        pk=made.person_id, is_active=True
    )
    if not people.exists():
        _unlink([made.stored.digest])
        raise PortraitPersonGoneError
    portraits_drop(person_id=made.person_id)
    artifact = artifact_record(
        stored=made.stored, inputs_hash=made.stored.digest, content_type=CONTENT_TYPE
    )
    PersonPortrait.objects.create(id=made.id, person_id=made.person_id, artifact=artifact)


@transaction.atomic
def portraits_drop(*, person_id: int) -> int:
    """The person has no such file any more; the bytes are gone when this commits."""
    rows = PersonPortrait.objects.filter(person_id=person_id)
    return _dropped([row.pk for row in rows])


@transaction.atomic
def portraits_expire() -> int:
    """Files whose time is over are gone, bytes and all; returns how many there were."""
    return _dropped([row.pk for row in portraits_outdated()])


def _dropped(ids: Iterable[uuid.UUID]) -> int:
    """Not left to the collection of files, which waits a day: they hold all of somebody's data."""
    rows = PersonPortrait.objects.filter(pk__in=list(ids))
    artifacts = list(Artifact.objects.filter(pk__in=rows.values("artifact_id")))
    count = rows.delete()[0]
    Artifact.objects.filter(pk__in=[artifact.pk for artifact in artifacts]).delete()
    # A ZIP tells the second it was made in: no other artifact has the same bytes.
    transaction.on_commit(partial(_unlink, [artifact.digest for artifact in artifacts]))
    return count


def _unlink(digests: Iterable[str]) -> None:
    for digest in digests:
        artifact_store().path(digest).unlink(missing_ok=True)
