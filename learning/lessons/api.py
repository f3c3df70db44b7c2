"""`/api/lessons/`: lessons for programs."""

from dataclasses import replace
from typing import Any

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from drf_standardized_errors.openapi_validation_errors import extend_validation_errors
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from academy.accounts.permissions import require
from academy.platform.http.resources import (
    UNCHANGED,
    ResourceView,
    YesOrNo,
    etag_of,
    flag_in,
    flag_parameter,
    ordering_parameter,
)
from academy.platform.http.schema import RefusalOutput
from learning.courses.searching import MAX_QUERY_CHARACTERS, all_titled
from learning.courses.selectors import course_named
from learning.lessons.errors import LessonChangedError, LessonNotFoundError
from learning.lessons.facets import facets_of, registered
from learning.lessons.inputs import ContentsInput, LessonDraftOutput, LessonInput
from learning.lessons.models import Lesson, LessonRevision, Tier
from learning.lessons.selectors import (
    Access,
    LessonSummary,
    lesson_page,
    lesson_summaries,
    reading_for,
    readings_of,
    shown_revisions,
)
from learning.lessons.services import contents_set, course_lock, lesson_edit, lessons_delete
from learning.rights.selectors import standing_of
from scheduler.idempotency.api import idempotent

_ORDERINGS = {"title": "title", "updated_at": "created_at"}
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

    id = serializers.IntegerField()
    permalink = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    url = serializers.CharField()
    language = serializers.CharField()
    direction = serializers.ChoiceField(choices=["ltr", "rtl"])
    access = serializers.ChoiceField(choices=["full", "gated", "locked"])
    is_premium = serializers.BooleanField()
    is_draft = serializers.BooleanField()
    minutes = serializers.IntegerField(min_value=0)
    course_title = serializers.CharField()
    course_url = serializers.CharField()
    updated_at = serializers.DateTimeField()
    release = serializers.IntegerField(
        allow_null=True, help_text="Number of the release that you read it in; null: a draft."
    )
    content_hash = serializers.CharField()
    opens = serializers.CharField(help_text="What a locked lesson waits for, in a sentence.")
    opens_at = serializers.DateTimeField(allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        for facet in registered():
            make = _FACET_FIELDS[facet.kind]
            fields[facet.name] = make(source=f"facets.{facet.name}", allow_null=True)
        return fields


class LessonOutput(LessonSummaryOutput):
    """A lesson with its text, as far as the caller may read it."""

    body_html = serializers.CharField()
    video_url = serializers.CharField()
    is_required = serializers.BooleanField()
    has_draft = serializers.BooleanField(help_text="You may read a draft that differs.")
    state = serializers.ChoiceField(choices=["ready", "rendering", "unusable"])
    problem = serializers.CharField()
    outline = OutlineEntryOutput(many=True)


class LessonFilters(django_filters.FilterSet):
    course = django_filters.CharFilter(field_name="lesson__course__slug", max_length=80)
    language = django_filters.CharFilter(lookup_expr="iexact", max_length=35)
    is_premium = YesOrNo(method="of_tier")
    q = django_filters.CharFilter(
        method="about", max_length=MAX_QUERY_CHARACTERS, label="Words in title or summary"
    )

    class Meta:
        model = LessonRevision
        fields: tuple[str, ...] = ()

    def of_tier(
        self,
        queryset: QuerySet[LessonRevision],
        _name: str,
        value: bool,  # noqa: FBT001 - django-filter's signature
    ) -> QuerySet[LessonRevision]:
        return queryset.filter(access=Tier.PREMIUM if value else Tier.FREE)

    def about(
        self, queryset: QuerySet[LessonRevision], _name: str, value: str
    ) -> QuerySet[LessonRevision]:
        return queryset.filter(all_titled(value))


@extend_validation_errors(["invalid"], field_name="page", methods=["get"])
class LessonListApi(ResourceView[LessonRevision]):
    """The lessons that the caller may know of, in reading order."""

    permission_classes = (AllowAny,)
    serializer_class = LessonSummaryOutput
    filterset_class = LessonFilters
    model = LessonRevision
    orderings = _ORDERINGS

    def rows(self) -> QuerySet[LessonRevision]:
        self.standing = standing_of(self.request.user)
        return shown_revisions(self.standing)

    def shown(self, rows: list[LessonRevision]) -> list[LessonSummary]:
        readings = readings_of(self.standing, rows)
        facets = facets_of(readings)
        summaries = lesson_summaries(readings)
        return [replace(summary, facets=facets[summary.id]) for summary in summaries]

    @extend_schema(
        operation_id="lessons_list",
        parameters=[ordering_parameter(_ORDERINGS)],
        responses={200: LessonSummaryOutput(many=True), **UNCHANGED},
    )
    def get(self, request: Request) -> Response:
        """The lessons that the caller may know of, in reading order."""
        return self.list_answer(request)


_IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="ETag of the draft that you changed."
)
_IDEMPOTENCY_KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)
_CHANGED = {412: OpenApiResponse(RefusalOutput, "The draft has changed since you read it.")}
DRAFT_PARAMETER = flag_parameter("draft", "What is written now, for those who teach the course.")


class LessonApi(ResourceView[LessonRevision]):
    permission_classes = (AllowAny,)
    serializer_class = LessonOutput
    model = LessonRevision
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="lessons_retrieve",
        parameters=[DRAFT_PARAMETER],
        responses={
            200: LessonOutput,
            301: OpenApiResponse(description="An old permalink; Location has the present one."),
            **UNCHANGED,
        },
    )
    def get(self, request: Request, course: str, slug: str) -> Response:
        """One lesson as you read it: all of it, its beginning, or only what it waits for."""
        draft = flag_in(request, "draft")
        reading = reading_for(request.user, f"{course}/{slug}", draft=draft)
        if reading.permalink != f"{course}/{slug}":
            place = reverse("api-lessons:detail", args=reading.permalink.split("/"))
            return Response(status=status.HTTP_301_MOVED_PERMANENTLY, headers={"Location": place})
        facets = facets_of([reading])[reading.lesson.pk]
        response = self.answer(request, replace(lesson_page(reading), facets=facets))
        if reading.access is not Access.FULL:
            response["X-Robots-Tag"] = "noindex"
        return response

    @extend_schema(
        operation_id="lessons_update",
        parameters=[_IF_MATCH],
        request=LessonInput(partial=True),
        responses={200: LessonDraftOutput, **_CHANGED},
    )
    def patch(self, request: Request, course: str, slug: str) -> Response:
        """The draft has these values; readers see them with the next release."""
        lesson = _lesson_to_edit(request, course, slug)
        asked = LessonInput(data=request.data, partial=True, context={"course": lesson.course})
        asked.is_valid(raise_exception=True)
        with transaction.atomic():
            course_lock(lesson.course_id)
            lesson = _lesson_to_edit(request, course, slug)
            _require_match(request, lesson)
            lesson_edit(lesson=lesson, values=asked.validated_data)
        return draft_answer(lesson)

    @extend_schema(
        operation_id="lessons_destroy", parameters=[_IF_MATCH], responses={204: None, **_CHANGED}
    )
    def delete(self, request: Request, course: str, slug: str) -> Response:
        """The lesson is gone; 409 for one of a release: set its status to `draft` instead."""
        lesson = _lesson_to_edit(request, course, slug)
        _require_match(request, lesson)
        lessons_delete(lessons=Lesson.objects.filter(pk=lesson.pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


class LessonDraftApi(ResourceView[Lesson]):
    serializer_class = LessonDraftOutput
    model = Lesson
    pagination_class = None
    filter_backends = ()

    @extend_schema(operation_id="lessons_draft", responses={200: LessonDraftOutput})
    def get(self, request: Request, course: str, slug: str) -> Response:
        """What is written now, for those who teach the course; its ETag is for `If-Match`."""
        return draft_answer(_lesson_of_staff(request, course, slug, "course.see_draft"))


class CourseLessonsApi(ResourceView[Lesson]):
    serializer_class = LessonDraftOutput
    model = Lesson
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="courses_lessons_create",
        parameters=[_IDEMPOTENCY_KEY],
        request=LessonInput,
        responses={201: LessonDraftOutput},
    )
    @idempotent
    def post(self, request: Request, course: str) -> Response:
        """A new lesson, as a draft unless `status` is `published`; readers see it when released."""
        found = course_named(request.user, course)
        require(request.user, "course.edit", found)
        asked = LessonInput(data=request.data, context={"course": found})
        asked.is_valid(raise_exception=True)
        lesson = lesson_edit(lesson=Lesson(course=found), values=asked.validated_data)
        place = reverse("api-lessons:detail", args=[found.slug, lesson.slug])
        return draft_answer(lesson, status=status.HTTP_201_CREATED, headers={"Location": place})


class CourseContentsApi(ResourceView[Lesson]):
    serializer_class = ContentsInput
    model = Lesson
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="courses_contents_update",
        request=ContentsInput,
        responses={200: ContentsInput},
    )
    def put(self, request: Request, course: str) -> Response:
        """The draft's sections and the order of all its lessons."""
        found = course_named(request.user, course)
        require(request.user, "course.edit", found)
        asked = ContentsInput(data=request.data)
        asked.is_valid(raise_exception=True)
        sections = asked.validated_data["sections"]
        contents_set(
            course=found, sections=[(section["title"], section["lessons"]) for section in sections]
        )
        return Response(ContentsInput(asked.validated_data).data)


def _lesson_to_edit(request: Request, course: str, slug: str) -> Lesson:
    return _lesson_of_staff(request, course, slug, "course.edit")


def _lesson_of_staff(request: Request, course: str, slug: str, action: str) -> Lesson:
    """Whether there is a lesson that no release has is nobody's to find out by what is refused."""
    lesson = reading_for(request.user, f"{course}/{slug}", pages=False).lesson
    require(request.user, action, lesson.course)
    return _draft(lesson)


def _draft(lesson: Lesson) -> Lesson:
    """The lesson with its text, which whoever looked for it left out."""
    found = Lesson.objects.select_related("course__owner", "section").filter(pk=lesson.pk).first()
    if found is None:
        raise LessonNotFoundError
    return found


def draft_answer(lesson: Lesson, **more: Any) -> Response:
    """The draft, with the ETag that `If-Match` is compared with."""
    data = LessonDraftOutput(lesson).data
    response = Response(data, **more)
    response["ETag"] = etag_of(data).removeprefix("W/")
    response["Cache-Control"] = "private, no-cache"
    return response


def _require_match(request: Request, lesson: Lesson) -> None:
    wanted = request.headers.get("If-Match")
    if wanted is None or wanted.strip() == "*":
        return
    if draft_answer(lesson)["ETag"] not in parse_etags(wanted):
        raise LessonChangedError
