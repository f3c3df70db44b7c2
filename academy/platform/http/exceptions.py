"""The one place where an exception becomes an answer of the API."""

import contextlib
from typing import Any, Final

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, DataError, InterfaceError, OperationalError
from django.http import UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from drf_standardized_errors.handler import ExceptionHandler, exception_handler
from rest_framework import exceptions, status
from rest_framework.exceptions import ErrorDetail

from academy.platform.errors import AcademyError, InvalidInputError, UnavailableError
from academy.platform.http.bodies import BodyTooLargeError

__all__ = ["AnswerHandler", "Refusal", "exception_handler", "known_error", "refusal_of"]

BUSY_SECONDS: Final = 2
# https://www.sqlite.org/rescode.html: 1 is an error in the statement, ours and not the weather's.
_SQLITE_STATEMENT_ERROR: Final = 1
_UNREADABLE: Final = (
    BadRequest,
    MultiPartParserError,
    SuspiciousOperation,
    UnreadablePostError,
    UnicodeError,
)


class Refusal(exceptions.APIException):
    """An `AcademyError` as the REST framework knows errors."""

    def __init__(self, error: AcademyError) -> None:
        super().__init__(code=error.code)
        self.status_code = error.http_status
        self.wait = error.retry_after_seconds
        entry = ErrorDetail(str(error), code=error.code)
        self.detail = {error.attr: [entry]} if error.attr else entry


class InvalidInput(Refusal, exceptions.ValidationError):
    """A refusal that names what is wrong with the input."""


def known_error(error: BaseException) -> AcademyError | None:
    """The refusal that `error` amounts to; None when it is nobody's but ours."""
    if isinstance(error, AcademyError):
        return error
    if isinstance(error, RequestDataTooBig):
        return BodyTooLargeError()
    if isinstance(error, _UNREADABLE):
        return InvalidInputError(_("The request cannot be read."))
    if isinstance(error, DataError) or _overflows(error):
        return InvalidInputError(_("A value is larger than can be stored, or has a NUL in it."))
    if isinstance(error, DatabaseError | InterfaceError) and _is_weather(error):
        return UnavailableError(
            _("The database is busy. Please try again."), retry_after_seconds=BUSY_SECONDS
        )
    return None


def _overflows(error: BaseException) -> bool:
    return isinstance(error, OverflowError) and "SQLite INTEGER" in str(error)


def _is_weather(error: BaseException) -> bool:
    """True of a lock that was not had in time, a lost connection, a full disk."""
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    code = getattr(error.__cause__, "sqlite_errorcode", None)
    return code is None or code & 0xFF != _SQLITE_STATEMENT_ERROR


def refusal_of(error: AcademyError) -> Refusal:
    """`error` in the REST framework's clothes."""
    if error.http_status == status.HTTP_400_BAD_REQUEST and error.attr:
        return InvalidInput(error)
    return Refusal(error)


class AnswerHandler(ExceptionHandler):
    """drf-standardized-errors' answers, for our own refusals and for the database's as well."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        """Refusals, ours and those that come down to one, as the REST framework knows them."""
        error = known_error(exc)
        return refusal_of(error) if error else super().convert_known_exceptions(exc)

    def get_headers(self, exc: exceptions.APIException) -> dict[str, Any]:
        """`WWW-Authenticate` with every 401, `Retry-After` in whole seconds."""
        headers: dict[str, Any] = super().get_headers(exc)
        if exc.status_code == status.HTTP_401_UNAUTHORIZED:
            headers.setdefault("WWW-Authenticate", "Bearer")
        wait = getattr(exc, "wait", None)
        if wait is not None:
            headers["Retry-After"] = str(max(1, int(-(-wait // 1))))
        return headers

    def set_rollback(self) -> None:
        """The request's transaction is undone, where there is one."""
        # A connection that is gone cannot be told to roll back.
        with contextlib.suppress(InterfaceError, OperationalError):
            super().set_rollback()

    def report_exception(self, exc: exceptions.APIException, response: Any) -> None:
        """Crashes are reported, refusals are not."""
        if not isinstance(exc, Refusal):
            super().report_exception(exc, response)
