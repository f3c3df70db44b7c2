"""`/api/lessons/`: lessons for programs."""

import hashlib
from dataclasses import replace
from typing import Any, cast

import django_filters
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from drf_standardized_errors.openapi_validation_errors import extend_validation_errors
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academy.platform.http.pagination import ordering_of
from learning.courses.selectors import MAX_QUERY_CHARACTERS, searched
from learning.lessons.facets import facets_of, registered
from learning.lessons.models import Lesson, Tier
from learning.lessons.selectors import (
    Access,
    TimedLesson,
    in_reading_order,
    lesson_for,
    lesson_page,
    lesson_summaries,
    visible_lessons,
)

_ORDERINGS = {"title": "title", "updated_at": "updated_at"}
_FACET_FIELDS: dict[str, type[serializers.Field[Any, Any, Any, Any]]] = {
    "text": serializers.CharField,
    "time": serializers.DateTimeField,
}


class OutlineEntryOutput(serializers.Serializer[Any]):
    level = serializers.IntegerField(min_value=2, max_value=6)
    text = serializers.CharField()
    anchor = serializers.CharField()


class LessonSummaryOutput(serializers.Serializer[Any]):
    """A lesson, and the facets that other apps registered."""

    permalink = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    url = serializers.CharField()
    language = serializers.CharField()
    direction = serializers.ChoiceField(choices=["ltr", "rtl"])
    access = serializers.ChoiceField(choices=[Access.FULL.value, Access.GATED.value])
    is_premium = serializers.BooleanField()
    is_draft = serializers.BooleanField()
    minutes = serializers.IntegerField(min_value=0)
    course_title = serializers.CharField()
    course_url = serializers.CharField()
    updated_at = serializers.DateTimeField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        for facet in registered():
            make = _FACET_FIELDS[facet.kind]
            fields[facet.name] = make(source=f"facets.{facet.name}", allow_null=True)
        return fields


class LessonOutput(LessonSummaryOutput):
    """A lesson with its text, as far as the caller may read it."""

    body_html = serializers.CharField()
    state = serializers.ChoiceField(choices=["ready", "rendering", "unusable"])
    problem = serializers.CharField()
    outline = OutlineEntryOutput(many=True)


class LessonFilters(django_filters.FilterSet):
    course = django_filters.CharFilter(field_name="course__slug", max_length=80)
    language = django_filters.CharFilter(method="in_language", max_length=35)
    is_premium = django_filters.BooleanFilter(method="of_tier")
    q = django_filters.CharFilter(
        method="about", max_length=MAX_QUERY_CHARACTERS, label="Words in title or summary"
    )

    class Meta:
        model = Lesson
        fields: tuple[str, ...] = ()

    def in_language(self, queryset: QuerySet[Lesson], _name: str, value: str) -> QuerySet[Lesson]:
        spoken = Coalesce(NullIf(F("language"), Value("")), F("course__language"))
        return queryset.alias(spoken=spoken).filter(spoken__iexact=value)

    def of_tier(
        self,
        queryset: QuerySet[Lesson],
        _name: str,
        value: bool,  # noqa: FBT001 - django-filter's signature
    ) -> QuerySet[Lesson]:
        return queryset.filter(access=Tier.PREMIUM if value else Tier.FREE)

    def about(self, queryset: QuerySet[Lesson], _name: str, value: str) -> QuerySet[Lesson]:
        words = searched(value)
        return queryset.filter(Q(title__icontains=words) | Q(summary__icontains=words))


@extend_validation_errors(["invalid"], field_name="page", methods=["get"])
class LessonListApi(ListAPIView[Lesson]):
    """The lessons that the caller may know of, in reading order."""

    permission_classes = (AllowAny,)
    serializer_class = LessonSummaryOutput
    filterset_class = LessonFilters

    def get_queryset(self) -> QuerySet[Lesson]:
        if getattr(self, "swagger_fake_view", False):
            return Lesson.objects.none()
        lessons = in_reading_order(visible_lessons(self.request.user))
        if "ordering" not in self.request.query_params:
            return lessons
        order = ordering_of(self.request.query_params, allowed=_ORDERINGS, default="title")
        return lessons.order_by(*order)

    @extend_schema(
        operation_id="lessons_list",
        parameters=[
            OpenApiParameter(
                "ordering", str, enum=[*_ORDERINGS, *(f"-{name}" for name in _ORDERINGS)]
            )
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The lessons that the caller may know of, in reading order."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        lessons = list(cast("list[TimedLesson]", page or []))
        facets = facets_of(lessons, request.user)
        rows = [
            replace(row, facets=facets[lesson.pk])
            for lesson, row in zip(lessons, lesson_summaries(request.user, lessons), strict=True)
        ]
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)


class LessonApi(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="lessons_retrieve",
        responses={
            200: LessonOutput,
            301: OpenApiResponse(description="An old permalink; Location has the present one."),
            304: OpenApiResponse(description="Unchanged since the answer with this ETag."),
        },
    )
    def get(self, request: Request, course: str, slug: str) -> HttpResponseBase:
        """One lesson: all of it, or its beginning where it is premium and not open to the caller."""
        lesson = lesson_for(request.user, f"{course}/{slug}")
        if lesson.permalink != f"{course}/{slug}":
            place = reverse("api-lessons:detail", args=[lesson.course.slug, lesson.slug])
            return Response(status=status.HTTP_301_MOVED_PERMANENTLY, headers={"Location": place})
        facets = facets_of([lesson], request.user)[lesson.pk]
        page = replace(lesson_page(request.user, lesson), facets=facets)
        response = with_etag(request, LessonOutput(page).data)
        if page.access == Access.GATED:
            response["X-Robots-Tag"] = "noindex"
        return response


def with_etag(request: Request, data: Any) -> HttpResponseBase:
    """The answer, or 304 for a caller who has it; never from a shared cache."""
    digest = hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:32]
    # Weak: a compressing proxy may serve the same content in other bytes.
    etag = f'W/"{digest}"'
    unchanged = get_conditional_response(cast(HttpRequest, request), etag=etag)
    response = unchanged or Response(data)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Authorization", "Cookie"])
    return response
