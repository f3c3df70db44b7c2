"""Refusals of a class as a file."""

from academy.platform.errors import InvalidInputError, NotFoundError


class UnknownColumnsError(InvalidInputError):
    """A class is not exported with these columns."""

    code = "unknown_format"


class ClassExportNotFoundError(NotFoundError):
    """This file is not here, or not any more. Make it again on the class's page."""


class ClassGoneError(NotFoundError):
    """The course was deleted before the file of its class was made."""
