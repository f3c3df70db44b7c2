"""Who sends a request: a bearer of our token, or a browser with a session."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.authentication import SessionAuthentication as DjangoSessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from academy.accounts.errors import SignedOutError, TokenInvalidError
from academy.accounts.models import User
from academy.accounts.selectors import person_of_family
from academy.accounts.tokens import Claims, read_token


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`; one query reads the person and the live family."""

    def authenticate(self, request: Request) -> tuple[User, Claims] | None:
        scheme, _space, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        return bearer(token.decode("latin-1").strip())

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class SessionAuthentication(DjangoSessionAuthentication):
    """A signed-in browser; a request that changes something needs the CSRF token.

    A page says whose it is. Who signed in since with the same browser neither reads there nor does
    what the page has kept of the other.
    """

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        meant = request.headers.get("X-Person")
        user = getattr(request._request, "user", None)  # noqa: SLF001 - as Django's own class asks
        if meant and isinstance(user, User) and meant != str(user.pk):
            raise SignedOutError
        return super().authenticate(request)

    def enforce_csrf(self, request: Any) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            detail = _("The CSRF token is missing or wrong.")
            raise PermissionDenied(detail, code="csrf_failed") from error


def person_of_request(request: HttpRequest) -> User:
    """The person behind a request to a plain view: Bearer header, else session.

    Only for reads: it does not ask for the CSRF token.

    Raises:
        TokenInvalidError: the bearer token is not good.
        SignedOutError: nobody is signed in.
    """
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return bearer(token.strip())[0]
    if not isinstance(request.user, User):
        raise SignedOutError
    return request.user


def bearer(token: str) -> tuple[User, Claims]:
    """The person whom an access token stands for, and what it claims.

    Raises:
        TokenInvalidError: the token or its family is not good, or the person is gone.
    """
    claims = read_token(token, kind="access")
    person = person_of_family(person_id=claims.person_id, family_id=claims.family_id)
    if person is None:
        raise TokenInvalidError
    return person, claims
