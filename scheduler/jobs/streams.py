"""A job's state as server-sent events (HTML Standard, section 9.2)."""

import json
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _

from academy.accounts.authentication import person_of_request
from academy.platform.errors import AcademyError
from academy.platform.http.answers import error_answer
from academy.platform.http.limiting import require
from academy.platform.realtime.hub import Frame, Subscription, hub
from academy.platform.realtime.threads import in_thread
from scheduler.jobs.live import frames, personal
from scheduler.jobs.selectors import job_for

_BEAT_SECONDS: Final = 15.0


async def job_stream(request: HttpRequest, job_id: uuid.UUID) -> HttpResponseBase:
    """`connected`, then a `status_update` for each newer state, then `disconnected`.

    Ends at the terminal state or after 300 s. `id:` is the state's seq; a client that comes back
    with `Last-Event-ID` gets the state now, at once, whatever it missed.
    """
    if request.method != "GET":
        return await in_thread(error_answer)(request, MethodNotAllowedError())
    subscription = hub().subscribe(f"task:{job_id}")
    try:
        person_id = await in_thread(_admit)(request, job_id)
        frame = (await in_thread(frames)([str(job_id)])).get(str(job_id))
    except AcademyError as error:
        subscription.close()
        return await in_thread(error_answer)(request, error)
    except BaseException:
        subscription.close()
        raise
    if frame is None:
        subscription.close()
        return await in_thread(error_answer)(request, AcademyError(_("Gone.")))
    subscription.start_from(frame)
    return StreamingHttpResponse(
        _events(subscription, frame, person_id=person_id),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


class MethodNotAllowedError(AcademyError):
    """A stream is read by GET."""

    code = "method_not_allowed"
    http_status = 405


def _admit(request: HttpRequest, job_id: uuid.UUID) -> int:
    person = person_of_request(request)
    request.user = person
    require(request, "status")
    job_for(job_id=job_id, person=person)
    return person.pk


async def _events(
    subscription: Subscription, first: Frame, *, person_id: int
) -> AsyncIterator[bytes]:
    ends_at = time.monotonic() + settings.STREAM_SECONDS
    frame = personal(first, person_id=person_id)
    try:
        yield _event("connected", frame.data, seq=frame.seq)
        while not frame.last:
            left = ends_at - time.monotonic()
            if left <= 0:
                yield _event("disconnected", {"reason": "timeout"})
                return
            newer = await subscription.next(timeout_seconds=min(left, _BEAT_SECONDS))
            if newer is None:
                yield b": still here\n\n"
                continue
            frame = personal(newer, person_id=person_id)
            yield _event("status_update", frame.data, seq=frame.seq)
        yield _event("disconnected", {"reason": "finished"})
    finally:
        subscription.close()


def _event(name: str, data: Any, *, seq: int | None = None) -> bytes:
    body = json.dumps(data, ensure_ascii=False, default=str)
    id_line = f"id: {seq}\n" if seq is not None else ""
    return f"event: {name}\n{id_line}data: {body}\n\n".encode()
