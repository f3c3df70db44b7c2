"""Refusals of lessons."""

from academy.platform.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)


class LessonNotFoundError(NotFoundError):
    """There is no such lesson here."""

    code = "not_found"


class FigureNotFoundError(NotFoundError):
    """There is no such figure here."""

    code = "not_found"


class LessonLockedError(PermissionDeniedError):
    """This lesson is premium: its course has to be opened to you first."""

    code = "premium_lesson"


class LessonNotOpenError(PermissionDeniedError):
    """This lesson is not open to you yet."""

    code = "lesson_not_open"


class LessonReleasedError(ConflictError):
    """This lesson is part of a release and cannot be deleted. Leave it out of the next one."""

    code = "lesson_released"


class ReservedSlugError(InvalidInputError):
    """This address is taken by a page of the course."""

    code = "reserved"


class LessonSlugTakenError(ConflictError):
    """Another lesson of the course has this address."""

    code = "slug_taken"


class LessonChangedError(ConflictError):
    """The lesson has changed since you read it. Read it again."""

    code = "changed_meanwhile"
    http_status = 412
