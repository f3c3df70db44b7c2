"""Refusals of lessons."""

from academy.platform.errors import NotFoundError, PermissionDeniedError


class LessonNotFoundError(NotFoundError):
    """There is no such lesson here."""

    code = "not_found"


class FigureNotFoundError(NotFoundError):
    """There is no such figure here."""

    code = "not_found"


class LessonLockedError(PermissionDeniedError):
    """This lesson is premium: its course has to be opened to you first."""

    code = "premium_lesson"
