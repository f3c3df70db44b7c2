"""Exports for programs."""

import uuid
from typing import Any, cast

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers, status
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academy.accounts.models import User
from academy.platform.http.resources import UNCHANGED, conditional, flag_in, flag_parameter
from academy.platform.http.throttling import ActionThrottle, PersonThrottle, StatusThrottle
from exports.artifacts.names import attachment
from exports.artifacts.serving import artifact_answer
from exports.lessons import services
from exports.lessons.errors import ExportNotFoundError
from exports.lessons.formats import format_named, formats
from exports.lessons.selectors import Exported, FormatState, export_for, format_states
from learning.lessons.selectors import Reading, reading_for, reading_require_full
from scheduler.idempotency.api import idempotent
from scheduler.jobs.api import StatusDocumentSerializer, document_of_submission, status_url
from scheduler.jobs.models import Status

_DRAFT = flag_parameter("draft", "What is written now, for the course's instructors.")


class ExportRequestSerializer(serializers.Serializer[Any]):
    format = serializers.CharField(max_length=16, help_text="`pdf` or `docx`")

    def validate_format(self, value: str) -> str:
        return format_named(value).identifier


class ExportReadySerializer(serializers.Serializer[Any]):
    """A fresh document stands."""

    format = serializers.CharField()
    download_url = serializers.CharField()
    generated_at = serializers.DateTimeField()
    file_size = serializers.IntegerField(help_text="bytes")
    stale = serializers.BooleanField(default=False)


class StaleSerializer(serializers.Serializer[Any]):
    """An older document, which can serve until the job has ended."""

    download_url = serializers.CharField()
    generated_at = serializers.DateTimeField()


class ExportStartedSerializer(StatusDocumentSerializer):
    """The job that makes the document."""

    format = serializers.CharField()
    stale = StaleSerializer(allow_null=True)


class FormatStateSerializer(serializers.Serializer[Any]):
    """A lesson in one format.

    `status` is that of your job for it; without one `succeeded` where a document stands, else
    `none`.
    """

    format = serializers.CharField()
    status = serializers.ChoiceField(choices=[*Status.values, "none"])
    progress = serializers.IntegerField(min_value=0, max_value=100)
    step = serializers.CharField(allow_blank=True)
    task_id = serializers.UUIDField(allow_null=True)
    download_url = serializers.CharField(allow_null=True)
    generated_at = serializers.DateTimeField(allow_null=True)
    file_size = serializers.IntegerField(allow_null=True, help_text="bytes")
    stale = serializers.BooleanField()


class LessonExportApi(APIView):
    throttle_classes = (PersonThrottle, ActionThrottle)
    rate_scope = "export"

    @extend_schema(
        operation_id="lesson_export",
        request=ExportRequestSerializer,
        parameters=[
            OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=False),
            _DRAFT,
        ],
        responses={200: ExportReadySerializer, 202: ExportStartedSerializer},
        tags=["exports"],
    )
    def post(self, request: Request, course: str, lesson: str) -> Response:
        asked = ExportRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        reading = _reading(request, course, lesson)
        # A key's answer is stored in the transaction of its effect. Without a key only the
        # submission needs one, and a burst of clients waits less for the database's one writer.
        with_key = "Idempotency-Key" in request.headers
        answer = self._answer_once if with_key else self._answer
        return answer(request, reading, asked.validated_data["format"])

    def _answer(self, request: Request, reading: Reading, format: str, /) -> Response:
        outcome = services.lesson_export_request(reading=reading, format=format)
        if isinstance(outcome, services.Ready):
            return Response(_ready(outcome.exported))
        body = {
            **document_of_submission(request, outcome.submission),
            "format": format,
            "stale": _stale(outcome.stale),
        }
        location = {"Location": status_url(outcome.submission.job)}
        return Response(body, status=status.HTTP_202_ACCEPTED, headers=location)

    _answer_once = idempotent(_answer)


def _reading(request: Request, course: str, lesson: str) -> Reading:
    draft = flag_in(request, "draft")
    return reading_for(request.user, f"{course}/{lesson}", draft=draft, pages=False)


def _ready(exported: Exported) -> dict[str, Any]:
    return {
        "format": exported.format,
        "download_url": exported.download_url,
        "generated_at": _moment(exported),
        "file_size": exported.file_size,
        "stale": False,
    }


def _stale(exported: Exported | None) -> dict[str, Any] | None:
    if exported is None:
        return None
    return {"download_url": exported.download_url, "generated_at": _moment(exported)}


def _moment(exported: Exported) -> Any:
    return serializers.DateTimeField().to_representation(exported.generated_at)


class LessonExportStatusApi(APIView):
    throttle_classes = (StatusThrottle,)

    @extend_schema(
        operation_id="lesson_export_status",
        parameters=[
            OpenApiParameter("format", str, description="Only this format: `pdf` or `docx`."),
            _DRAFT,
        ],
        responses={
            200: inline_serializer(
                "LessonExportStatus",
                {identifier: FormatStateSerializer(required=False) for identifier in formats()},
            ),
            **UNCHANGED,
        },
        tags=["exports"],
    )
    def get(self, request: Request, course: str, lesson: str) -> Response:
        assert isinstance(request.user, User)
        reading = _reading(request, course, lesson)
        reading_require_full(reading)
        wanted = request.query_params.get("format")
        only = None if wanted is None else format_named(wanted).identifier
        states = format_states(reading, person=request.user)
        shown = {state.format: _state(state) for state in states if only in {None, state.format}}
        return conditional(request, shown)


def _state(state: FormatState) -> dict[str, Any]:
    return {
        "format": state.format,
        "status": state.status,
        "progress": state.progress,
        "step": state.document["step"] if state.document else "",
        "task_id": state.task_id,
        "download_url": state.download_url,
        "generated_at": _moment(state.exported) if state.exported else None,
        "file_size": state.file_size,
        "stale": state.is_stale,
    }


class WhateverIsAccepted(BaseContentNegotiation):
    """The file has the type that it has; only refusals are rendered, as JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> Any:
        return renderers[0], renderers[0].media_type


def _content_types() -> list[str]:
    return [offered.content_type for offered in formats().values()]


class ExportDownloadApi(APIView):
    throttle_classes = (PersonThrottle,)
    content_negotiation_class = WhateverIsAccepted

    @extend_schema(
        operation_id="export_download",
        parameters=[
            OpenApiParameter("Range", str, OpenApiParameter.HEADER, required=False),
            OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, required=False),
        ],
        responses={
            **{(200, kind): OpenApiTypes.BINARY for kind in _content_types()},
            **{(206, kind): OpenApiTypes.BINARY for kind in _content_types()},
            304: OpenApiResponse(description="You have it already."),
            416: OpenApiResponse(description="The file ends before that part."),
        },
        tags=["exports"],
    )
    def get(self, request: Request, export_id: uuid.UUID) -> HttpResponseBase:
        assert isinstance(request.user, User)
        export = export_for(request.user, export_id)
        # Side by side in a folder, a draft must not pass for what was published.
        mark = f" ({_('Draft')})" if export.is_draft else ""
        name = attachment(
            title=f"{export.revision.title}{mark}",
            fallback=f"{export.lesson.slug}-draft" if export.is_draft else export.lesson.slug,
            extension=format_named(export.format).extension,
        )
        try:
            return artifact_answer(_plain(request), export.artifact, disposition=name)
        except FileNotFoundError:
            services.lesson_export_vanished(export=export)
            raise ExportNotFoundError from None


def _plain(request: Request) -> HttpRequest:
    # How an answer is streamed depends on the server, which DRF's wrapper does not tell.
    return cast(HttpRequest, cast(Any, request)._request)  # noqa: SLF001 - DRF has no public name
