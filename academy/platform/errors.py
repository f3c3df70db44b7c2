"""The failures that every room raises; each room subclasses these in its own `errors.py`."""

from typing import ClassVar

from django.utils.translation import gettext


class AcademyError(Exception):
    """An expected failure: the message is for people, `code` is stable and for programs.

    `attr` names the offending field when there is one. `retry_after_seconds` is what a refusal
    puts into `Retry-After`; None sends no such header.
    """

    code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 400

    def __init__(
        self, message: str = "", *, attr: str | None = None, retry_after_seconds: int | None = None
    ) -> None:
        super().__init__(message or gettext((type(self).__doc__ or "").split("\n", 1)[0]))
        self.attr = attr
        self.retry_after_seconds = retry_after_seconds


class InvalidInputError(AcademyError):
    """The input cannot be used as it is."""

    code = "invalid"
    http_status = 400


class NotFoundError(AcademyError):
    """Nothing here goes by that name, or its owner keeps it from you."""

    code = "not_found"
    http_status = 404


class PermissionDeniedError(AcademyError):
    """You may see that this exists, but not do this to it."""

    code = "permission_denied"
    http_status = 403


class ConflictError(AcademyError):
    """The state of the thing does not allow this."""

    code = "conflict"
    http_status = 409


class TooManyError(AcademyError):
    """A limit is reached; the same call may succeed later."""

    code = "throttled"
    http_status = 429


class UnavailableError(AcademyError):
    """The academy is too busy for this just now; the same call may succeed later."""

    code = "unavailable"
    http_status = 503


class PreconditionFailedError(AcademyError):
    """This is no longer what `If-Match` names."""

    code = "precondition_failed"
    http_status = 412


class TransientError(AcademyError):
    """The same work may succeed later: jobs are retried on this and on nothing else."""

    code = "try_again"
    http_status = 503
