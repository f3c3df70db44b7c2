"""A view that counts its effects in rows."""

import time

from django.contrib.auth.models import Group
from django.urls import path
from rest_framework.response import Response
from rest_framework.views import APIView

from academy.platform.errors import ConflictError
from scheduler.idempotency.api import idempotent


class Make(APIView):
    throttle_classes = ()

    @idempotent
    def post(self, request):
        how = request.data.get("how", "")
        Group.objects.create(name=f"effect {time.time_ns()}")
        if how == "slow":
            time.sleep(0.3)
        if how == "refused":
            raise ConflictError
        if how == "broken":
            raise ZeroDivisionError
        if how == "answer 409":
            return Response({"code": "no"}, status=409)
        body = {"made": Group.objects.count(), "title": "入門 😀"}
        return Response(body, status=202, headers={"Location": "/there/", "X-Other": "1"})


urlpatterns = [path("make/", Make.as_view()), path("make-more/", Make.as_view())]
