"""What is done once the answer has left, so that the time of the answer tells nothing about it."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Final, cast

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
    # Servers close what they have sent. What stands here runs while the request still has its
    # connection to the database; `request_finished`, the public word for it, comes too late.
    closers = cast(Any, response)._resource_closers  # noqa: SLF001 - Django has no public name
    closers.extend(partial(_do, work) for work in works)


def _do(work: Callable[[], object]) -> None:
    try:
        work()
    except (DatabaseError, OSError):
        # Nobody is there any more to be told, and Django would say nothing.
        _log.exception("what was put off until after the answer failed")
