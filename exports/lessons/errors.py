"""Refusals of exports."""

from academy.platform.errors import InvalidInputError, NotFoundError


class UnknownFormatError(InvalidInputError):
    """Lessons are not exported in this format."""

    code = "unknown_format"


class ExportNotFoundError(NotFoundError):
    """This document is not here, or not any more. Export the lesson again."""


class ExportLessonGoneError(NotFoundError):
    """The lesson was deleted before its document was made."""
