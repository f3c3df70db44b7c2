"""`/api/courses/<course>/enrolment-lists/`: people by the list, and what became of each line."""

import uuid
from collections.abc import Mapping
from typing import IO, Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academy.platform.http.parsers import JSONParser
from academy.platform.http.resources import UNCHANGED, ResourceView
from learning.enrolments import services
from learning.enrolments.api.places import course_at, person_of
from learning.enrolments.api.shapes import (
    IDEMPOTENCY_KEY,
    LineOutput,
    ListInput,
    ListOutput,
)
from learning.enrolments.models import EnrolmentList, EnrolmentListLine
from learning.enrolments.selectors import lines_shown, list_of, list_sheet, lists_of
from learning.enrolments.sheets import MAX_LIST_BYTES, ListText, list_text, text_of
from scheduler.idempotency.api import idempotent
from scheduler.jobs.api import status_url


class CsvParser(BaseParser):
    """The body itself is the list, of which at most one byte too many is read."""

    media_type = "text/csv"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """As JSON would say it."""
        return {"csv": text_of(stream.read(MAX_LIST_BYTES + 1))}


class AnyType(BaseContentNegotiation):
    """The file has the type that it has; only refusals are rendered, as JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> Any:
        return renderers[0], renderers[0].media_type


class ListsApi(ResourceView[EnrolmentList]):
    serializer_class = ListOutput
    model = EnrolmentList
    filter_backends = ()
    parser_classes = (JSONParser, CsvParser)

    def rows(self) -> QuerySet[Any]:
        return lists_of(course_at(self.request, self.kwargs["course"], "class.see"))

    @extend_schema(
        operation_id="enrolment_lists",
        responses={200: ListOutput(many=True), **UNCHANGED},
        tags=["enrolment lists"],
    )
    def get(self, request: Request, course: str) -> Response:
        """The lists that were sent for the course, the newest first."""
        return self.list_answer(request)

    @extend_schema(
        operation_id="enrolment_list_send",
        request={"application/json": ListInput, "text/csv": OpenApiTypes.STR},
        parameters=[IDEMPOTENCY_KEY],
        responses={202: ListOutput},
        tags=["enrolment lists"],
    )
    def post(self, request: Request, course: str) -> Response:
        """A job enrols the people on the list; `Location` is its status."""
        course_at(request, course, "class.manage")
        asked = ListInput(data=request.data)
        asked.is_valid(raise_exception=True)
        # Read before the transaction: SQLite has one writer, and a long list would hold it up.
        return self._kept(request, course, list_text(asked.validated_data["csv"].encode()))

    @idempotent
    def _kept(self, request: Request, course: str, text: ListText) -> Response:
        found = course_at(request, course, "class.manage")
        kept, submission = services.list_keep(
            course=found, text=text, acting_user=person_of(request)
        )
        return Response(
            ListOutput(list_of(found, kept.pk)).data,
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": status_url(submission.job)},
        )


class ListApi(ResourceView[EnrolmentList]):
    serializer_class = ListOutput
    model = EnrolmentList
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="enrolment_list",
        responses={200: ListOutput, **UNCHANGED},
        tags=["enrolment lists"],
    )
    def get(self, request: Request, course: str, list_id: uuid.UUID) -> Response:
        """A list and its counts."""
        return self.answer(request, list_of(course_at(request, course, "class.see"), list_id))


class LineFilters(django_filters.FilterSet):
    outcome = django_filters.ChoiceFilter(choices=EnrolmentListLine.Outcome.choices)

    class Meta:
        model = EnrolmentListLine
        fields: tuple[str, ...] = ()


class ListLinesApi(ResourceView[EnrolmentListLine]):
    serializer_class = LineOutput
    filterset_class = LineFilters
    model = EnrolmentListLine

    def rows(self) -> QuerySet[EnrolmentListLine]:
        course = course_at(self.request, self.kwargs["course"], "class.see")
        return lines_shown(list_of(course, self.kwargs["list_id"]))

    @extend_schema(
        operation_id="enrolment_list_lines",
        responses={200: LineOutput(many=True), **UNCHANGED},
        tags=["enrolment lists"],
    )
    def get(self, request: Request, course: str, list_id: uuid.UUID) -> Response:
        """The report: each line as it was written, and what became of it."""
        return self.list_answer(request)


class ListSheetApi(APIView):
    content_negotiation_class = AnyType

    @extend_schema(
        operation_id="enrolment_list_sheet",
        responses={(200, "text/csv"): OpenApiTypes.STR},
        tags=["enrolment lists"],
    )
    def get(self, request: Request, course: str, list_id: uuid.UUID) -> HttpResponse:
        """The report as CSV; what looks like a formula is text."""
        kept = list_of(course_at(request, course, "class.see"), list_id)
        return sheet_answer(kept)


def sheet_answer(kept: EnrolmentList) -> HttpResponse:
    """The report as a file to save."""
    answer = HttpResponse(list_sheet(kept), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="enrolment-list-{kept.pk}.csv"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
