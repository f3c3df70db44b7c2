"""Why a mail is not sent."""

from academy.platform.errors import (
    AcademyError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    TransientError,
)


class MailTooLargeError(InvalidInputError):
    """A mail with its attachments is 10 MB at most."""

    code = "mail_too_large"


class MailUnsentError(TransientError):
    """The mail server cannot be reached, or says to come back later."""

    code = "mail_server_unavailable"


class MailRefusedError(AcademyError):
    """The mail server refuses this mail for good."""

    code = "mail_refused"
    http_status = 502


class MailForgottenError(ConflictError):
    """What this mail said is no longer kept, for it may lead into an account. Let it be asked for anew."""

    code = "mail_forgotten"


class MailUnderWayError(ConflictError):
    """This mail is on its way already."""

    code = "mail_under_way"


class MailOutdatedError(ConflictError):
    """A link in this mail leads nowhere any more: it was used, or is too old. Let it be asked for anew."""

    code = "mail_outdated"


class MailServerMissingError(ConflictError):
    """There is no mail server that could take this mail: ACADEMY_MAIL_URL names none."""

    code = "mail_server_missing"


class MailboxClosedError(NotFoundError):
    """This academy shows no mailbox page."""
