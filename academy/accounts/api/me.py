"""`/api/me/`: one's own account for programs."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academy.accounts.api.tokens import plain_request
from academy.accounts.backends import count_code, count_try
from academy.accounts.models import Role, User, validate_name, validate_time_zone
from academy.accounts.selectors import account_state, has_second_factor
from academy.accounts.services import person_anonymise, person_confirm, profile_change
from academy.platform.http.resources import UNCHANGED, ResourceView

_PASSWORD_CHARACTERS = 1024
_CODE_CHARACTERS = 32


class MeOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    display_name = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    email_confirmed = serializers.BooleanField()
    email_waiting = serializers.CharField(
        allow_null=True, help_text="a new address that waits to be confirmed"
    )
    language = serializers.CharField()
    time_zone = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    second_factor = serializers.BooleanField()
    joined_at = serializers.DateTimeField()


class MeInput(serializers.Serializer[Any]):
    display_name = serializers.CharField(
        max_length=120, allow_blank=True, required=False, validators=[validate_name]
    )
    language = serializers.CharField(max_length=35, required=False)
    time_zone = serializers.CharField(
        max_length=64, required=False, validators=[validate_time_zone]
    )

    def validate_language(self, value: str) -> str:
        if value not in dict(settings.LANGUAGES):
            raise serializers.ValidationError(_("The academy does not speak this language."))
        return value


class DeleteInput(serializers.Serializer[Any]):
    password = serializers.CharField(max_length=_PASSWORD_CHARACTERS, trim_whitespace=False)
    otp = serializers.CharField(
        max_length=_CODE_CHARACTERS,
        required=False,
        allow_blank=True,
        help_text="A code of the app or a recovery code, where a second factor is on.",
    )


class MeApi(ResourceView[User]):
    serializer_class = MeOutput
    model = User
    pagination_class = None
    filter_backends = ()

    @extend_schema(operation_id="me", responses={200: MeOutput, **UNCHANGED}, tags=["me"])
    def get(self, request: Request) -> Response:
        """Your account."""
        return self.answer(request, _account(person_of(request)))

    @extend_schema(operation_id="me_change", request=MeInput, responses=MeOutput, tags=["me"])
    def patch(self, request: Request) -> Response:
        """Your name, language and time zone are these; what you do not send stays."""
        given = MeInput(data=request.data)
        given.is_valid(raise_exception=True)
        person = profile_change(person=person_of(request), values=given.validated_data)
        return Response(MeOutput(_account(person)).data)


class MeDeleteApi(APIView):
    @extend_schema(
        operation_id="me_delete",
        request=DeleteInput,
        responses={204: None},
        tags=["me"],
    )
    def post(self, request: Request) -> Response:
        """Your account is anonymised for good; needs the password, and the second factor if on."""
        given = DeleteInput(data=request.data)
        given.is_valid(raise_exception=True)
        person = person_of(request)
        code = given.validated_data.get("otp", "")
        plain = plain_request(request)
        count_try(plain, person)
        if code and has_second_factor(person):
            count_code(plain, person)
        person_confirm(person=person, password=given.validated_data["password"], code=code)
        person_anonymise(person_id=person.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


def person_of(request: Request) -> User:
    """The signed-in person; the permission class has seen to it that there is one."""
    assert isinstance(request.user, User)
    return request.user


def _account(person: User) -> dict[str, Any]:
    state = account_state(person)
    return {
        "id": person.pk,
        "username": person.username,
        "display_name": person.display_name,
        "email": person.email,
        "email_confirmed": state.email_confirmed,
        "email_waiting": state.email_waiting,
        "language": person.language,
        "time_zone": person.time_zone,
        "role": person.role,
        "second_factor": state.second_factor,
        "joined_at": person.date_joined,
    }
