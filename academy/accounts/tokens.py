"""What our JSON Web Tokens say; simplejwt signs and reads them."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, cast

from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token

from academy.accounts.errors import TokenInvalidError


@dataclass(frozen=True, slots=True)
class Claims:
    """A token that is signed by us, of the right type and not expired."""

    person_id: int
    family_id: uuid.UUID
    jti: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a client keeps: `access` for each request, `refresh` for the next pair."""

    access: str
    refresh: str


def pair_for(*, person_id: int, family_id: uuid.UUID) -> tuple[TokenPair, str]:
    """A new pair, and the id by which the family knows its refresh token."""
    access, refresh = AccessToken(), RefreshToken()
    for token in (access, refresh):
        token["user_id"] = str(person_id)
        token["sid"] = str(family_id)
    return TokenPair(access=str(access), refresh=str(refresh)), str(refresh["jti"])


def read_token(text: str, *, kind: Literal["access", "refresh"]) -> Claims:
    """The claims of `text`.

    Raises:
        TokenInvalidError: it is not signed with our key and algorithm, has expired, is of the
            other kind, or lacks a claim.
    """
    token_class: type[Token] = AccessToken if kind == "access" else RefreshToken
    try:
        token = token_class(cast(Any, text))
        return Claims(
            person_id=int(token["user_id"]),
            family_id=uuid.UUID(str(token["sid"])),
            jti=str(token["jti"]),
            expires_at=datetime.fromtimestamp(token["exp"], UTC),
        )
    except (TokenError, KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise TokenInvalidError from error
