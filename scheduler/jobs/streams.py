"""A job's state as server-sent events (HTML Standard, section 9.2)."""

import json
import logging
import time
import uuid
import weakref
from collections.abc import AsyncIterator
from typing import Any, Final

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _

from academy.accounts.sockets import SocketSignIn, person_still_signed_in, sign_in_of_request
from academy.platform.errors import AcademyError, TooManyError
from academy.platform.http.answers import error_answer
from academy.platform.http.limiting import require
from academy.platform.realtime.hub import Frame, Subscription, hub
from academy.platform.realtime.places import leave_place, take_place
from academy.platform.realtime.threads import in_thread
from scheduler.jobs.live import frames, personal
from scheduler.jobs.selectors import job_for

EVENT_STREAM: Final = "text/event-stream"
_BEAT_SECONDS: Final = 15.0
_log: Final = logging.getLogger("academy.realtime")


async def job_stream(request: HttpRequest, job_id: uuid.UUID) -> HttpResponseBase:
    """`connected`, then a `status_update` for each newer state, then `disconnected`.

    Ends at the terminal state or after 300 s. `id:` is the state's seq; a client that comes back
    with `Last-Event-ID` gets the state now, at once, whatever it missed.
    """
    if request.method != "GET":
        return await in_thread(error_answer)(request, MethodNotAllowedError())
    subscription = hub().subscribe(f"task:{job_id}")
    try:
        sign_in, frame = await _begin(request, job_id)
    except AcademyError as error:
        subscription.close()
        return await in_thread(error_answer)(request, error)
    except BaseException:
        subscription.close()
        raise
    subscription.start_from(frame)
    stream = _Stream(subscription, frame, sign_in=sign_in, job_id=job_id)
    response = StreamingHttpResponse(
        stream.events(),
        content_type=EVENT_STREAM,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
    # A client may be gone before the first event; then the events never begin, nor end.
    weakref.finalize(response, stream.close)
    return response


class MethodNotAllowedError(AcademyError):
    """A stream is read by GET."""

    code = "method_not_allowed"
    http_status = 405


async def _begin(request: HttpRequest, job_id: uuid.UUID) -> tuple[SocketSignIn, Frame]:
    """The person has a place, and this is what they see first."""
    sign_in = await in_thread(_admit)(request, job_id)
    frame = (await in_thread(frames)([str(job_id)])).get(str(job_id))
    if frame is None:
        raise AcademyError(_("Gone."))
    if not take_place(sign_in.person.pk):
        raise TooManyError(_("You follow too many jobs at once."), retry_after_seconds=5)
    return sign_in, frame


def _admit(request: HttpRequest, job_id: uuid.UUID) -> SocketSignIn:
    sign_in = sign_in_of_request(request)
    request.user = sign_in.person
    require(request, "status")
    job_for(job_id=job_id, person=sign_in.person)
    return sign_in


class _Stream:
    def __init__(
        self, subscription: Subscription, first: Frame, *, sign_in: SocketSignIn, job_id: uuid.UUID
    ) -> None:
        self._subscription = subscription
        self._first = first
        self._sign_in = sign_in
        self._job_id = job_id
        self._is_open = True

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._subscription.close()
            leave_place(self._sign_in.person.pk)

    async def events(self) -> AsyncIterator[bytes]:
        person = self._sign_in.person
        frame = personal(self._first, person=person)
        try:
            yield _event("connected", frame.data, seq=frame.seq)
            ends_at = time.monotonic() + settings.STREAM_SECONDS
            check_at = time.monotonic() + settings.SOCKET_RECHECK_SECONDS
            while not frame.last:
                now = time.monotonic()
                if now >= ends_at:
                    yield _event("disconnected", {"reason": "timeout"})
                    return
                if now >= check_at:
                    if not await in_thread(self._is_still_admitted)():
                        yield _event("disconnected", {"reason": "signed_out"})
                        return
                    check_at = now + settings.SOCKET_RECHECK_SECONDS
                wait_seconds = min(ends_at - now, check_at - now, _BEAT_SECONDS)
                newer = await self._subscription.next(timeout_seconds=wait_seconds)
                if newer is None:
                    yield b": still here\n\n"
                    continue
                frame = personal(newer, person=person)
                yield _event("status_update", frame.data, seq=frame.seq)
            yield _event("disconnected", {"reason": "finished"})
        finally:
            self.close()

    def _is_still_admitted(self) -> bool:
        try:
            person = person_still_signed_in(self._sign_in)
            if person is None:
                return False
            job_for(job_id=self._job_id, person=person)
        except AcademyError:
            return False
        except DatabaseTrouble as error:
            # Asked again at the next turn; a database that is away shows nothing new either.
            _log.warning("a stream goes on: the database answered %s", type(error).__name__)
        return True


def _event(name: str, data: Any, *, seq: int | None = None) -> bytes:
    body = json.dumps(data, ensure_ascii=False, default=str)
    id_line = f"id: {seq}\n" if seq is not None else ""
    return f"event: {name}\n{id_line}data: {body}\n\n".encode()
