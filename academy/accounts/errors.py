"""Why a person is not let in."""

from academy.platform.errors import (
    AcademyError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)


class BadCredentialsError(AcademyError):
    """Name and password do not belong together. New here? Open the link in our mail first.

    One answer for both: whoever signs up with somebody's address and then signs in is not told
    whether it has an account.
    """

    code = "authentication_failed"
    http_status = 401


class TokenInvalidError(AcademyError):
    """The token is not ours, expired, or revoked."""

    code = "token_not_valid"
    http_status = 401


class TokenReusedError(AcademyError):
    """This refresh token was used before, so all tokens of its sign-in are revoked."""

    code = "token_reused"
    http_status = 401


class SignedOutError(AcademyError):
    """Nobody is signed in here, or not any more."""

    code = "not_authenticated"
    http_status = 401


class ForeignOriginError(AcademyError):
    """A page of another site may not use this person's sign-in."""

    code = "foreign_origin"
    http_status = 403


class OwnAccountError(ConflictError):
    """Nobody shuts themselves out: another operator does it."""

    code = "own_account"


class AccountGoneError(ConflictError):
    """This account was deleted for good, and nobody can sign in to it again."""

    code = "account_gone"


class LinkSpentError(NotFoundError):
    """This link was used already, is too old, or was made for somebody else."""

    code = "link_spent"


class FactorRequiredError(AcademyError):
    """A code from your app, or a recovery code, is needed besides the password."""

    code = "second_factor_required"
    http_status = 401


class FactorWrongError(AcademyError):
    """The code is not right, or was used already."""

    code = "second_factor_wrong"
    http_status = 401


class PasswordWrongError(PermissionDeniedError):
    """The password is not right."""

    code = "password_wrong"


class PasswordWeakError(InvalidInputError):
    """The password is too easy to guess."""

    code = "password_weak"


class FactorStateError(ConflictError):
    """The second factor is switched on already, or off already."""

    code = "second_factor_state"


class LeavingBlockedError(ConflictError):
    """Something has to be done before this account can be deleted."""

    code = "account_needed"


class SignUpClosedError(NotFoundError):
    """Accounts of this academy are made by its operators."""
