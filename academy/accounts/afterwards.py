"""What is done once the answer has left, so that the time of the answer tells nothing about it."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Final

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

_NOTES: Final = "_academy_afterwards"
_log = logging.getLogger(__name__)


def put_off(request: HttpRequest, work: Callable[[], object]) -> None:
    """`work` is done when the answer to `request` has been sent, in the request's thread."""
    request.__dict__.setdefault(_NOTES, []).append(work)


def hang_on(request: HttpRequest, response: HttpResponse) -> None:
    """What was put off during `request` is done when `response` is closed."""
    works: list[Callable[[], object]] = request.__dict__.pop(_NOTES, [])
    if works:
        # Servers call this once they have sent the answer. `request_finished`, which it sends at its
        # end, comes too late: by then the request's connection to the database is closed.
        response.__dict__["close"] = partial(_closed, response.close, works)


def _closed(close: Callable[[], None], works: list[Callable[[], object]]) -> None:
    try:
        while works:
            _do(works.pop(0))
    finally:
        close()


def _do(work: Callable[[], object]) -> None:
    try:
        work()
    except (DatabaseError, OSError):
        # Nobody is there any more to be told.
        _log.exception("what was put off until after the answer failed")
