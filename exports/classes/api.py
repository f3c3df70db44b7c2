"""Files of classes for programs."""

import uuid
from typing import Any, cast

from django.http import HttpRequest, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academy.accounts.models import User
from academy.platform.http.throttling import ActionThrottle, PersonThrottle
from exports.artifacts.names import attachment
from exports.artifacts.serving import artifact_answer
from exports.classes import services
from exports.classes.errors import ClassExportNotFoundError
from exports.classes.formats import EXTENSION, FORMATS
from exports.classes.selectors import class_export_for
from exports.lessons.api import WhateverIsAccepted
from learning.enrolments.api.places import course_at
from scheduler.idempotency.api import idempotent
from scheduler.jobs.api import StatusDocumentSerializer, document_of_submission, status_url


class ClassExportRequestSerializer(serializers.Serializer[Any]):
    """`csv`: one row a learner; `csv-lessons`: with a column for each lesson."""

    format = serializers.ChoiceField(choices=list(FORMATS))


class ClassExportReadySerializer(serializers.Serializer[Any]):
    """A fresh file stands."""

    format = serializers.ChoiceField(choices=list(FORMATS))
    download_url = serializers.CharField()
    generated_at = serializers.DateTimeField()
    file_size = serializers.IntegerField(help_text="bytes")
    stale = serializers.BooleanField(default=False)


class ClassExportStartedSerializer(StatusDocumentSerializer):
    """The job that makes the file."""

    format = serializers.ChoiceField(choices=list(FORMATS))


class ClassExportApi(APIView):
    throttle_classes = (PersonThrottle, ActionThrottle)
    rate_scope = "export"

    @extend_schema(
        operation_id="class_export",
        request=ClassExportRequestSerializer,
        parameters=[
            OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=False)
        ],
        responses={200: ClassExportReadySerializer, 202: ClassExportStartedSerializer},
        tags=["exports"],
    )
    @idempotent
    def post(self, request: Request, course: str) -> Response:
        assert isinstance(request.user, User)
        asked = ClassExportRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        format = asked.validated_data["format"]
        found = course_at(request, course, "class.export")
        outcome = services.class_export_request(person=request.user, course=found, format=format)
        if isinstance(outcome, services.Ready):
            return Response(ClassExportReadySerializer(outcome.exported).data)
        submission = outcome.submission
        return Response(
            {**document_of_submission(request, submission), "format": format},
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": status_url(submission.job)},
        )


class ClassExportDownloadApi(APIView):
    throttle_classes = (PersonThrottle,)
    content_negotiation_class = WhateverIsAccepted

    @extend_schema(
        operation_id="class_export_download",
        parameters=[
            OpenApiParameter("Range", str, OpenApiParameter.HEADER, required=False),
            OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, required=False),
        ],
        responses={
            (200, "text/csv"): OpenApiTypes.BINARY,
            (206, "text/csv"): OpenApiTypes.BINARY,
            304: OpenApiResponse(description="You have it already."),
            416: OpenApiResponse(description="The file ends before that part."),
        },
        tags=["exports"],
    )
    def get(self, request: Request, export_id: uuid.UUID) -> HttpResponseBase:
        assert isinstance(request.user, User)
        export = class_export_for(request.user, export_id)
        course = export.course
        name = attachment(title=course.title, fallback=course.slug, extension=EXTENSION)
        try:
            return artifact_answer(_plain(request), export.artifact, disposition=name)
        except FileNotFoundError:
            services.class_export_vanished(export=export)
            raise ClassExportNotFoundError from None


def _plain(request: Request) -> HttpRequest:
    # How an answer is streamed depends on the server, which DRF's wrapper does not tell.
    return cast(HttpRequest, cast(Any, request)._request)  # noqa: SLF001 - DRF has no public name
