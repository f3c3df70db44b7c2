"""`/api/auth/`: tokens for programs, tickets for sockets."""

from typing import Any, cast

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academy.accounts.backends import count_code
from academy.accounts.errors import (
    BadCredentialsError,
    FactorRequiredError,
    FactorWrongError,
)
from academy.accounts.models import User
from academy.accounts.selectors import has_second_factor
from academy.accounts.services import (
    factor_spend,
    family_revoke,
    ticket_issue,
    token_pair_issue,
    token_refresh,
)
from academy.accounts.sources import source_of
from academy.accounts.tokens import read_token

_NAME_CHARACTERS = 254
_PASSWORD_CHARACTERS = 1024
_TOKEN_CHARACTERS = 4096
_CODE_CHARACTERS = 32


class CredentialsInput(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=_NAME_CHARACTERS)
    password = serializers.CharField(max_length=_PASSWORD_CHARACTERS, trim_whitespace=False)
    otp = serializers.CharField(
        max_length=_CODE_CHARACTERS,
        required=False,
        allow_blank=True,
        help_text="A code of the app or a recovery code, where a second factor is on.",
    )


class RefreshInput(serializers.Serializer[Any]):
    refresh = serializers.CharField(max_length=_TOKEN_CHARACTERS)


class PairOutput(serializers.Serializer[Any]):
    access = serializers.CharField()
    refresh = serializers.CharField()


class TicketOutput(serializers.Serializer[Any]):
    ticket = serializers.CharField()
    expires_in_seconds = serializers.FloatField()


class OpenView(APIView):
    """Needs no sign-in: what is sent is the credential."""

    permission_classes = (AllowAny,)
    authentication_classes = ()

    def get_authenticate_header(self, request: Request) -> str:
        return "Bearer"


class TokenView(OpenView):
    @extend_schema(request=CredentialsInput, responses=PairOutput)
    def post(self, request: Request) -> Response:
        """Sign in: name or e-mail address, password and second factor for a pair of tokens."""
        credentials = CredentialsInput(data=request.data)
        credentials.is_valid(raise_exception=True)
        given = credentials.validated_data
        plain = plain_request(request)
        person = authenticate(plain, username=given["username"], password=given["password"])
        if not isinstance(person, User):
            raise BadCredentialsError
        if has_second_factor(person):
            _spend_code(plain, person, given.get("otp", ""))
        return Response(PairOutput(token_pair_issue(person=person)).data)


def _spend_code(request: HttpRequest, person: User, code: str) -> None:
    if not code:
        raise FactorRequiredError
    count_code(request, person)
    if not factor_spend(person=person, code=code):
        raise FactorWrongError


def plain_request(request: Request) -> HttpRequest:
    """Django's request: limits note their state there, for the answer's headers."""
    return cast(HttpRequest, cast(Any, request)._request)  # noqa: SLF001 - DRF has no public name


class RefreshView(OpenView):
    @extend_schema(request=RefreshInput, responses=PairOutput)
    def post(self, request: Request) -> Response:
        """Spend a refresh token for the next pair; one that was spent before revokes them all."""
        given = RefreshInput(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(PairOutput(token_refresh(refresh=given.validated_data["refresh"])).data)


class RevokeView(OpenView):
    @extend_schema(request=RefreshInput, responses={204: None})
    def post(self, request: Request) -> Response:
        """Sign out: every token of this sign-in is dead, access tokens too."""
        given = RefreshInput(data=request.data)
        given.is_valid(raise_exception=True)
        claims = read_token(given.validated_data["refresh"], kind="refresh")
        family_revoke(family_id=claims.family_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class TicketView(APIView):
    @extend_schema(request=None, responses={201: TicketOutput})
    def post(self, request: Request) -> Response:
        """A ticket that opens one socket: `/ws/...?ticket=`, once, within seconds."""
        ticket = ticket_issue(person=cast(User, request.user), source=source_of(request))
        answer = {"ticket": ticket, "expires_in_seconds": settings.TICKET_SECONDS}
        return Response(TicketOutput(answer).data, status=status.HTTP_201_CREATED)
