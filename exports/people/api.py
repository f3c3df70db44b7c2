"""One's own data for programs."""

import uuid

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academy.accounts.api.me import person_of
from academy.accounts.api.tokens import plain_request
from academy.platform.http.throttling import ActionThrottle, PersonThrottle
from exports.artifacts.names import attachment
from exports.artifacts.serving import artifact_answer
from exports.lessons.api import WhateverIsAccepted
from exports.people.errors import PortraitNotFoundError
from exports.people.selectors import portrait_for
from exports.people.services import portrait_ask, portraits_drop
from scheduler.idempotency.api import idempotent
from scheduler.jobs.api import StatusDocumentSerializer, document_of_submission, status_url


class PortraitApi(APIView):
    throttle_classes = (PersonThrottle, ActionThrottle)
    rate_scope = "export"

    @extend_schema(
        operation_id="me_export",
        request=None,
        parameters=[
            OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=False)
        ],
        responses={202: StatusDocumentSerializer},
        tags=["me"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """A job makes a ZIP with everything that the academy knows of you."""
        submission = portrait_ask(person=person_of(request))
        return Response(
            document_of_submission(request, submission),
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": status_url(submission.job)},
        )


class PortraitDownloadApi(APIView):
    throttle_classes = (PersonThrottle,)
    content_negotiation_class = WhateverIsAccepted

    @extend_schema(
        operation_id="me_export_download",
        parameters=[
            OpenApiParameter("Range", str, OpenApiParameter.HEADER, required=False),
            OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, required=False),
        ],
        responses={
            (200, "application/zip"): OpenApiTypes.BINARY,
            (206, "application/zip"): OpenApiTypes.BINARY,
            304: OpenApiResponse(description="You have it already."),
            416: OpenApiResponse(description="The file ends before that part."),
        },
        tags=["me"],
    )
    def get(self, request: Request, portrait_id: uuid.UUID) -> HttpResponseBase:
        """The file; for its person alone, for a day."""
        person = person_of(request)
        portrait = portrait_for(person, portrait_id)
        name = attachment(title="academy-data", fallback="academy-data", extension="zip")
        try:
            return artifact_answer(plain_request(request), portrait.artifact, disposition=name)
        except FileNotFoundError:
            portraits_drop(person_id=person.pk)
            raise PortraitNotFoundError from None
