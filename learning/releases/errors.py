"""Refusals of releases."""

from academy.platform.errors import ConflictError, NotFoundError


class NothingToPublishError(ConflictError):
    """Nothing has changed since the last release."""

    code = "nothing_to_publish"


class ReleaseNotFoundError(NotFoundError):
    """There is no such release here."""

    code = "not_found"
