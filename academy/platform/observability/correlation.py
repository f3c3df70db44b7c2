"""The id that ties one request to its jobs, logs and messages."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

import structlog

_ACCEPTED: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_current: Final[ContextVar[str]] = ContextVar("correlation_id", default="")


def correlation_id() -> str:
    """The id of what is being done now; empty outside requests and jobs."""
    return _current.get()


def new_correlation_id() -> str:
    """An id that nothing else has."""
    return uuid.uuid4().hex


def accepted_or_new(given: str) -> str:
    """`given`, when it is 1-64 of `A-Za-z0-9._-`; else a new id."""
    return given if _ACCEPTED.fullmatch(given) else new_correlation_id()


def bind_correlation_id(value: str) -> None:
    """`correlation_id()` and every log line of this context say `value` from now on."""
    _current.set(value)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(correlation_id=value)


@contextmanager
def correlated(value: str) -> Iterator[None]:
    """Within, `correlation_id()` and every log line say `value`; afterwards what they said."""
    token = _current.set(value)
    try:
        with structlog.contextvars.bound_contextvars(correlation_id=value):
            yield
    finally:
        _current.reset(token)
