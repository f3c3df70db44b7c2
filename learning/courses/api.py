"""`/api/courses/`: courses for programs."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.urls import reverse
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from drf_standardized_errors.openapi_validation_errors import extend_validation_errors
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from academy.platform.http.resources import UNCHANGED, ResourceView, ordering_parameter
from learning.courses.models import Course, Level, Visibility
from learning.courses.selectors import (
    MAX_QUERY_CHARACTERS,
    CourseCard,
    about,
    course_cards,
    course_named,
    course_page,
    listed_courses,
    searched,
)
from learning.lessons.selectors import course_contents
from learning.rights.selectors import standing_of

_ORDERINGS = {"title": "shown_title", "updated_at": "updated_at"}


class CourseCardOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    language = serializers.CharField()
    direction = serializers.ChoiceField(choices=["ltr", "rtl"])
    level = serializers.CharField(help_text=f"{', '.join(Level.values)}, or empty")
    lesson_count = serializers.IntegerField(min_value=0)
    minutes = serializers.IntegerField(min_value=0)
    is_draft = serializers.BooleanField()
    visibility = serializers.ChoiceField(choices=Visibility.choices)
    price = serializers.IntegerField(min_value=0, help_text="minor units of `currency`")
    currency = serializers.CharField()
    cover_url = serializers.CharField(allow_null=True)
    release = serializers.IntegerField(allow_null=True, help_text="its number")
    url = serializers.CharField()


class LessonLinkOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="lesson_id")
    permalink = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    url = serializers.CharField()
    language = serializers.CharField()
    direction = serializers.ChoiceField(choices=["ltr", "rtl"])
    is_premium = serializers.BooleanField()
    is_locked = serializers.BooleanField()
    is_draft = serializers.BooleanField()
    is_required = serializers.BooleanField()
    minutes = serializers.IntegerField(min_value=0)
    number = serializers.IntegerField(min_value=1)
    opens = serializers.CharField(help_text="What a locked lesson waits for, in a sentence.")
    opens_at = serializers.DateTimeField(allow_null=True)


class SectionOutput(serializers.Serializer[Any]):
    title = serializers.CharField()
    lessons = LessonLinkOutput(many=True)


class CourseOutput(CourseCardOutput):
    description_html = serializers.CharField()
    owner_name = serializers.CharField()
    release_policy = serializers.CharField()
    sections = serializers.SerializerMethodField()

    @extend_schema_field(SectionOutput(many=True))
    def get_sections(self, _course: object) -> Any:
        return SectionOutput(self.context["sections"], many=True).data


class CourseFilters(django_filters.FilterSet):
    language = django_filters.CharFilter(method="in_language", max_length=35)
    level = django_filters.ChoiceFilter(choices=Level.choices, method="of_level")
    is_free = django_filters.BooleanFilter(method="free")
    q = django_filters.CharFilter(
        method="about",
        max_length=MAX_QUERY_CHARACTERS,
        label="Words in the title, the summary or the title of a lesson",
    )

    class Meta:
        model = Course
        fields: tuple[str, ...] = ()

    def in_language(self, queryset: QuerySet[Course], _name: str, value: str) -> QuerySet[Course]:
        return queryset.filter(
            Q(newest_release__language__iexact=value)
            | Q(newest_release=None, language__iexact=value)
        )

    def of_level(self, queryset: QuerySet[Course], _name: str, value: str) -> QuerySet[Course]:
        return queryset.filter(Q(newest_release__level=value) | Q(newest_release=None, level=value))

    def free(
        self,
        queryset: QuerySet[Course],
        _name: str,
        value: bool,  # noqa: FBT001 - django-filter's signature
    ) -> QuerySet[Course]:
        return queryset.filter(price=0) if value else queryset.filter(price__gt=0)

    def about(self, queryset: QuerySet[Course], _name: str, value: str) -> QuerySet[Course]:
        return queryset.filter(
            about(searched(value), standing_of(self.request.user if self.request else None))
        )


@extend_validation_errors(["invalid"], field_name="page", methods=["get"])
class CourseListApi(ResourceView[Course]):
    permission_classes = (AllowAny,)
    serializer_class = CourseCardOutput
    filterset_class = CourseFilters
    model = Course
    orderings = _ORDERINGS

    def rows(self) -> QuerySet[Course]:
        return listed_courses(self.request.user)

    def shown(self, rows: list[Any]) -> list[CourseCard]:
        return course_cards(rows)

    @extend_schema(
        operation_id="courses_list",
        parameters=[ordering_parameter(_ORDERINGS)],
        responses={200: CourseCardOutput(many=True), **UNCHANGED},
    )
    def get(self, request: Request) -> Response:
        """The courses that the caller may find, by title."""
        return self.list_answer(request)


class CourseApi(ResourceView[Course]):
    permission_classes = (AllowAny,)
    serializer_class = CourseOutput
    model = Course
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="courses_retrieve",
        parameters=[
            OpenApiParameter("draft", str, enum=["1"], description="For those who teach it.")
        ],
        responses={
            200: CourseOutput,
            301: OpenApiResponse(description="An old address; Location has the present one."),
            **UNCHANGED,
        },
    )
    def get(self, request: Request, course: str) -> Response:
        """One course with its sections, and the lessons in them that the caller may know of."""
        found = course_named(request.user, course)
        if found.slug != course:
            place = reverse("api-courses:detail", args=[found.slug])
            return Response(status=status.HTTP_301_MOVED_PERMANENTLY, headers={"Location": place})
        standing = standing_of(request.user, course_id=found.pk)
        draft = request.query_params.get("draft") == "1" and standing.teaches(found)
        sections = course_contents(request.user, found, draft=draft, standing=standing)
        page = course_page(found, standing=standing, draft=draft)
        return self.answer(request, page, sections=sections)
