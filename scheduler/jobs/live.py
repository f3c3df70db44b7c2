"""The topics `task:<id>` of open sockets and streams."""

import uuid
from collections.abc import Mapping, Sequence
from typing import cast

from academy.platform.realtime.hub import Frame, register_loader
from scheduler.jobs.models import FINISHED
from scheduler.jobs.selectors import (
    StatusDocument,
    for_person,
    plain_documents,
    withdrawals,
)


def frames(job_ids: Sequence[str]) -> Mapping[str, Frame]:
    """The state of each job that exists, for everyone who follows it."""
    wanted = [job_id for job_id in job_ids if _is_uuid(job_id)]
    # In this order: who withdraws or comes back in between is never shown a seq too high.
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


def personal(frame: Frame, *, person_id: int) -> Frame:
    """The frame as that person sees it: for who withdrew, the job is cancelled."""
    document = for_person(
        cast(StatusDocument, frame.data), withdrawn=frame.private or {}, person_id=person_id
    )
    return Frame(seq=document["seq"], data=document, last=document["status"] in FINISHED)


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


register_loader("task", frames)
