"""The topics `task:<id>` of open sockets and streams."""

import uuid
from collections.abc import Mapping, Sequence
from typing import cast

from django.utils import translation

from academy.accounts.languages import spoken
from academy.accounts.models import User
from academy.platform.realtime.hub import Frame, register_loader
from scheduler.jobs.models import FINISHED
from scheduler.jobs.selectors import (
    StatusDocument,
    for_person,
    in_words,
    plain_documents,
    withdrawals,
)


def frames(job_ids: Sequence[str]) -> Mapping[str, Frame]:
    """The state of each job that exists, for everyone who follows it."""
    wanted = [job_id for job_id in job_ids if _is_uuid(job_id)]
    # In this order: who withdraws or comes back in between is never shown a seq too high.
    # Without a language: each who follows it reads it in theirs.
    with translation.override(None):
        documents = plain_documents(wanted)
    withdrawn = withdrawals(wanted)
    return {
        job_id: Frame(
            seq=document["seq"],
            data=document,
            last=document["status"] in FINISHED,
            private=withdrawn.get(job_id, {}),
        )
        for job_id, document in documents.items()
    }


def personal(frame: Frame, *, person: User) -> Frame:
    """The frame as that person sees it, in their language: for who withdrew, it is cancelled."""
    document = for_person(
        cast(StatusDocument, frame.data), withdrawn=frame.private or {}, person_id=person.pk
    )
    with translation.override(spoken(person.language)):
        document = in_words(document)
    return Frame(seq=document["seq"], data=document, last=document["status"] in FINISHED)


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


register_loader("task", frames)
