"""Why a mail is not sent."""

from academy.platform.errors import AcademyError, InvalidInputError, NotFoundError, TransientError


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


class MailboxClosedError(NotFoundError):
    """This academy shows no mailbox page."""
