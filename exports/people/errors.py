"""Why a file of one's own data is not there."""

from academy.platform.errors import ConflictError, NotFoundError


class PortraitNotFoundError(NotFoundError):
    """There is no such file, it is too old, or it is none of yours."""


class PortraitPersonGoneError(ConflictError):
    """The account was deleted meanwhile."""

    code = "person_gone"
