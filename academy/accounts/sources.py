"""The sign-in that a request or a socket stands on, in one word."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rest_framework.request import Request

from academy.accounts.tokens import Claims


@dataclass(frozen=True, slots=True)
class Source:
    """A session or a token family; `expires_at` is the access token's, None without one."""

    kind: Literal["session", "family"]
    reference: str
    expires_at: datetime | None = None

    def __str__(self) -> str:
        return f"{self.kind}:{self.reference}"

    @property
    def family_id(self) -> uuid.UUID:
        return uuid.UUID(self.reference)


def source_of(request: Request) -> str:
    """What a ticket for this signed-in request stands for."""
    claims = request.auth
    if isinstance(claims, Claims):
        return str(Source("family", str(claims.family_id)))
    return str(Source("session", request.session.session_key or ""))


def parsed_source(text: str) -> Source:
    """The source that `str(source)` wrote."""
    kind, _colon, reference = text.partition(":")
    return Source("family" if kind == "family" else "session", reference)
