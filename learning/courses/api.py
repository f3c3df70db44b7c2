"""`/api/courses/`: courses for programs."""

from typing import Any, cast

import django_filters
from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from drf_standardized_errors.openapi_validation_errors import extend_validation_errors
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academy.platform.http.pagination import ordering_of
from learning.courses.models import Course, Level
from learning.courses.selectors import (
    MAX_QUERY_CHARACTERS,
    CountedCourse,
    about,
    course_cards,
    course_for,
    course_page,
    listed_courses,
    searched,
)
from learning.lessons.selectors import course_contents

_ORDERINGS = {"title": "title", "updated_at": "updated_at"}


class CourseCardOutput(serializers.Serializer[Any]):
    slug = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    language = serializers.CharField()
    direction = serializers.ChoiceField(choices=["ltr", "rtl"])
    level = serializers.CharField(help_text=f"{', '.join(Level.values)}, or empty")
    lesson_count = serializers.IntegerField(min_value=0)
    minutes = serializers.IntegerField(min_value=0)
    is_draft = serializers.BooleanField()
    url = serializers.CharField()


class LessonLinkOutput(serializers.Serializer[Any]):
    permalink = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    url = serializers.CharField()
    language = serializers.CharField()
    direction = serializers.ChoiceField(choices=["ltr", "rtl"])
    is_premium = serializers.BooleanField()
    is_locked = serializers.BooleanField()
    is_draft = serializers.BooleanField()
    minutes = serializers.IntegerField(min_value=0)
    number = serializers.IntegerField(min_value=1)


class SectionOutput(serializers.Serializer[Any]):
    title = serializers.CharField()
    lessons = LessonLinkOutput(many=True)


class CourseOutput(CourseCardOutput):
    description_html = serializers.CharField()
    owner_name = serializers.CharField()
    sections = serializers.SerializerMethodField()

    @extend_schema_field(SectionOutput(many=True))
    def get_sections(self, _course: object) -> Any:
        return SectionOutput(self.context["sections"], many=True).data


class CourseFilters(django_filters.FilterSet):
    language = django_filters.CharFilter(lookup_expr="iexact", max_length=35)
    level = django_filters.ChoiceFilter(choices=Level.choices)
    q = django_filters.CharFilter(
        method="about",
        max_length=MAX_QUERY_CHARACTERS,
        label="Words in the title, the summary or the title of a lesson",
    )

    class Meta:
        model = Course
        fields: tuple[str, ...] = ()

    def about(self, queryset: QuerySet[Course], _name: str, value: str) -> QuerySet[Course]:
        return queryset.filter(about(searched(value)))


@extend_validation_errors(["invalid"], field_name="page", methods=["get"])
class CourseListApi(ListAPIView[Course]):
    permission_classes = (AllowAny,)
    serializer_class = CourseCardOutput
    filterset_class = CourseFilters

    def get_queryset(self) -> QuerySet[Course]:
        if getattr(self, "swagger_fake_view", False):
            return Course.objects.none()
        order = ordering_of(self.request.query_params, allowed=_ORDERINGS, default="title")
        return listed_courses(self.request.user).order_by(*order)

    @extend_schema(
        operation_id="courses_list",
        parameters=[
            OpenApiParameter(
                "ordering", str, enum=[*_ORDERINGS, *(f"-{name}" for name in _ORDERINGS)]
            )
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The courses that the caller may see, by title."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        cards = course_cards(cast("list[CountedCourse]", page or []))
        return self.get_paginated_response(self.get_serializer(cards, many=True).data)


class CourseApi(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="courses_retrieve",
        responses={
            200: CourseOutput,
            301: OpenApiResponse(description="An old address; Location has the present one."),
        },
    )
    def get(self, request: Request, course: str) -> Response:
        """One course with its sections, and the lessons in them that the caller may know of."""
        found = course_for(request.user, course)
        if found.slug != course:
            place = reverse("api-courses:detail", args=[found.slug])
            return Response(status=status.HTTP_301_MOVED_PERMANENTLY, headers={"Location": place})
        sections = course_contents(request.user, found)
        page = CourseOutput(course_page(found), context={"sections": sections})
        return Response(page.data)
