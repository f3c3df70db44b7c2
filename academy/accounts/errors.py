"""Why a person is not let in."""

from academy.platform.errors import AcademyError


class BadCredentialsError(AcademyError):
    """Name and password do not belong together."""

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
