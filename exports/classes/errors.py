"""Refusals of a class as a file."""

from academy.platform.errors import InvalidInputError, NotFoundError, TransientError


class UnknownColumnsError(InvalidInputError):
    """A class is not exported with these columns."""

    code = "unknown_format"


class ClassExportNotFoundError(NotFoundError):
    """This file is not here, or not any more. Make it again on the class's page."""


class ClassLeftError(TransientError):
    """Somebody of the class left the academy while its file was made."""

    code = "class_left"


class ClassGoneError(NotFoundError):
    """The course was deleted before the file of its class was made."""
