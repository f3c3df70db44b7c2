"""Is the academy well?"""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from scheduler.health.selectors import health


class CheckSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    code = serializers.CharField(help_text="“ok”, or what is wrong")
    detail = serializers.CharField(allow_blank=True)


class HealthSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=["ok", "failing"])
    checks = CheckSerializer(many=True)


class HealthApi(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()

    @extend_schema(
        operation_id="health",
        responses={200: HealthSerializer, 503: HealthSerializer},
        auth=[],
        tags=["health"],
    )
    def get(self, request: Request) -> Response:
        checks = health()
        well = all(check.code == "ok" for check in checks)
        body = {
            "status": "ok" if well else "failing",
            "checks": [check.as_dict() for check in checks],
        }
        return Response(body, status=200 if well else 503, headers={"Cache-Control": "no-store"})
