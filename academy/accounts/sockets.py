"""Who opens a socket: a bearer, a ticket, or a browser with a session.

Everything here reads the database: call it in one hop of `database_sync_to_async`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.cookie import parse_cookie
from django.http.request import split_domain_port, validate_host
from django.utils.http import is_same_domain

from academy.accounts.authentication import bearer, person_of_request
from academy.accounts.errors import ForeignOriginError, SignedOutError
from academy.accounts.models import User
from academy.accounts.selectors import person_of_family, person_of_session
from academy.accounts.services import ticket_spend
from academy.accounts.sources import Source, parsed_source


@dataclass(frozen=True, slots=True)
class SocketSignIn:
    """Whom a socket belongs to, and the sign-in that it stands on."""

    person: User
    source: Source


def authenticate_socket(scope: Mapping[str, Any]) -> SocketSignIn:
    """The sign-in that the handshake proves: Bearer header, else `?ticket=`, else session cookie.

    A cookie is sent by the browser whoever wrote the page, so it counts only with an `Origin` of
    ours (RFC 6455, section 10.2), and for `?person=`, where the page says whose it is, alone. A token in the URL is never read.

    Raises:
        ForeignOriginError: the page is not ours, or a cookie came without `Origin`: 403.
        TokenInvalidError: the bearer token is not good: 4401.
        SignedOutError: no credential, or one that is spent or over: 4401.
    """
    headers = _headers(scope)
    scheme, _space, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return _sign_in_of_bearer(token.strip())
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    tickets = asked.get("ticket")
    if tickets:
        person, source = ticket_spend(ticket=tickets[0])
        sign_in = SocketSignIn(person, parsed_source(source))
        if person_still_signed_in(sign_in) is None:
            # Signed out since the ticket was asked for.
            raise SignedOutError
        return sign_in
    session_key = parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME, "")
    origin = headers.get("origin")
    if (origin is None and session_key) or (
        origin is not None and not is_own_origin(origin, host=headers.get("host", ""))
    ):
        raise ForeignOriginError
    session_person = person_of_session(session_key) if session_key else None
    if session_person is None or asked.get("person", [str(session_person.pk)]) != [
        str(session_person.pk)
    ]:
        # Nobody, or somebody else than whose page it is.
        raise SignedOutError
    return SocketSignIn(session_person, Source("session", session_key))


def sign_in_of_request(request: HttpRequest) -> SocketSignIn:
    """The sign-in behind a request to a plain view that only reads, and streams.

    Raises:
        TokenInvalidError: the bearer token is not good.
        SignedOutError: nobody is signed in.
    """
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return _sign_in_of_bearer(token.strip())
    person = person_of_request(request)
    return SocketSignIn(person, Source("session", request.session.session_key or ""))


def _sign_in_of_bearer(token: str) -> SocketSignIn:
    person, claims = bearer(token)
    return SocketSignIn(person, Source("family", str(claims.family_id), claims.expires_at))


def person_still_signed_in(sign_in: SocketSignIn) -> User | None:
    """The person, read anew, while the session or token family that the socket stands on is good.

    Rights are asked of this object: since the socket was opened the role may have changed.
    """
    source = sign_in.source
    if source.expires_at is not None and source.expires_at <= datetime.now(UTC):
        return None
    if source.kind == "session":
        person = person_of_session(source.reference)
    else:
        person = person_of_family(person_id=sign_in.person.pk, family_id=source.family_id)
    return person if person is not None and person.pk == sign_in.person.pk else None


def is_own_origin(origin: str, *, host: str) -> bool:
    """True of the page's own site (RFC 6454) and of `CSRF_TRUSTED_ORIGINS`."""
    try:
        parts = urlsplit(origin.lower())
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return False
    for trusted in settings.CSRF_TRUSTED_ORIGINS:
        wanted = urlsplit(trusted.lower())
        pattern = wanted.netloc.removeprefix("*")
        if wanted.scheme == parts.scheme and is_same_domain(parts.netloc, pattern):
            return True
    if settings.HTTPS and parts.scheme != "https":
        return False
    name, _port = split_domain_port(host.lower())
    return parts.netloc == host.lower() and validate_host(name, settings.ALLOWED_HOSTS)


def _headers(scope: Mapping[str, Any]) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): value.decode("latin-1")
        for name, value in scope.get("headers", ())
    }
