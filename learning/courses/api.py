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
from rest_framework.views import APIView

from academy.accounts.models import User
from academy.accounts.permissions import may, require, signed_in
from academy.accounts.selectors import person_by_address
from academy.platform.http.resources import (
    UNCHANGED,
    ResourceView,
    YesOrNo,
    flag_in,
    flag_parameter,
    ordering_parameter,
)
from learning.courses.errors import MakerUnfitError, PersonNotFoundError, StaffUnknownError
from learning.courses.inputs import (
    CourseDraftOutput,
    CourseInput,
    OwnerInput,
    StaffInput,
    StaffOutput,
)
from learning.courses.models import Course, CourseStaff, Level, Visibility
from learning.courses.searching import MAX_QUERY_CHARACTERS, about
from learning.courses.selectors import (
    CourseCard,
    course_cards,
    course_named,
    course_page,
    listed_courses,
)
from learning.courses.services.editing import (
    course_delete,
    course_edit,
    owner_set,
    staff_remove,
    staff_set,
)
from learning.lessons.selectors import DraftState, course_contents
from learning.rights.selectors import standing_of
from scheduler.idempotency.api import idempotent

_ORDERINGS = {"title": "shown_title", "updated_at": "updated_at"}
_MEMBER = OpenApiParameter(
    "username",
    str,
    OpenApiParameter.PATH,
    description="A user name, or the person's confirmed e-mail address, whatever the case.",
)


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
    draft_state = serializers.CharField(
        help_text="What the next release would do with a draft, for those who teach the course:"
        f" {', '.join(DraftState.values)}; or empty"
    )
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
    teachers = serializers.ListField(
        child=serializers.CharField(), help_text="Names: the owner's, then the co-instructors'"
    )
    release_policy = serializers.CharField()
    sections = serializers.SerializerMethodField()

    @extend_schema_field(SectionOutput(many=True))
    def get_sections(self, _course: object) -> Any:
        return SectionOutput(self.context["sections"], many=True).data


class CourseFilters(django_filters.FilterSet):
    language = django_filters.CharFilter(method="in_language", max_length=35)
    level = django_filters.ChoiceFilter(choices=Level.choices, method="of_level")
    is_free = YesOrNo(method="free")
    q = django_filters.CharFilter(
        method="about",
        max_length=MAX_QUERY_CHARACTERS,
        label="Words in titles or summaries, of the course or of its lessons",
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
            about(value, standing_of(self.request.user if self.request else None))
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

    @extend_schema(
        operation_id="courses_create",
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
        request=CourseInput,
        responses={201: CourseDraftOutput},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """A new course of the caller's, which its staff alone see until it is published."""
        _require_maker(request)
        asked = CourseInput(data=request.data)
        asked.is_valid(raise_exception=True)
        made = course_edit(course=Course(owner=person_of(request)), values=asked.validated_data)
        place = reverse("api-courses:detail", args=[made.slug])
        return Response(
            CourseDraftOutput(made).data,
            status=status.HTTP_201_CREATED,
            headers={"Location": place},
        )


class CourseApi(ResourceView[Course]):
    permission_classes = (AllowAny,)
    serializer_class = CourseOutput
    model = Course
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="courses_retrieve",
        parameters=[flag_parameter("draft", "For those who teach it.")],
        responses={
            200: CourseOutput,
            301: OpenApiResponse(description="An old address; Location has the present one."),
            **UNCHANGED,
        },
    )
    def get(self, request: Request, course: str) -> Response:
        """One course with its sections, and the lessons in them that the caller may know of."""
        found = course_named(request.user, course)
        if found.api_name != course:
            place = reverse("api-courses:detail", args=[found.api_name])
            return Response(status=status.HTTP_301_MOVED_PERMANENTLY, headers={"Location": place})
        standing = standing_of(request.user, course_id=found.pk)
        draft = flag_in(request, "draft") and standing.teaches(found)
        sections = course_contents(request.user, found, draft=draft, standing=standing)
        page = course_page(found, standing=standing, draft=draft)
        return self.answer(request, page, sections=sections)

    @extend_schema(
        operation_id="courses_update",
        request=CourseInput(partial=True),
        responses={200: CourseDraftOutput},
    )
    def patch(self, request: Request, course: str) -> Response:
        """What is written of the course; title to level reach readers with the next release."""
        found = course_named(request.user, course)
        require(request.user, "course.edit", found)
        asked = CourseInput(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        return Response(
            CourseDraftOutput(course_edit(course=found, values=asked.validated_data)).data
        )

    @extend_schema(operation_id="courses_destroy", responses={204: None})
    def delete(self, request: Request, course: str) -> Response:
        """The course is gone; 409 where anybody is or was enrolled."""
        found = course_named(request.user, course)
        require(request.user, "course.delete", found)
        course_delete(course=found)
        return Response(status=status.HTTP_204_NO_CONTENT)


class CourseStaffApi(ResourceView[CourseStaff]):
    serializer_class = StaffOutput
    model = CourseStaff
    related = ("person",)
    filter_backends = ()

    def rows(self) -> QuerySet[CourseStaff]:
        found = course_named(self.request.user, self.kwargs["course"])
        require(self.request.user, "course.see_draft", found)
        return CourseStaff.objects.filter(course=found).order_by("role", "pk")

    @extend_schema(
        operation_id="courses_staff_list", responses={200: StaffOutput(many=True), **UNCHANGED}
    )
    def get(self, request: Request, course: str) -> Response:
        """Co-instructors and assistants."""
        return self.list_answer(request)


class CourseStaffMemberApi(APIView):
    @extend_schema(
        operation_id="courses_staff_set",
        parameters=[_MEMBER],
        request=StaffInput,
        responses={200: StaffOutput},
    )
    def put(self, request: Request, course: str, username: str) -> Response:
        """The person has this post, and no other."""
        found = course_named(request.user, course)
        require(request.user, "course.manage_staff", found)
        asked = StaffInput(data=request.data)
        asked.is_valid(raise_exception=True)
        post = staff_set(
            course=found,
            person=_member(username),
            role=asked.validated_data["role"],
            acting_user=person_of(request),
        )
        return Response(StaffOutput(post).data)

    @extend_schema(operation_id="courses_staff_remove", parameters=[_MEMBER], responses={204: None})
    def delete(self, request: Request, course: str, username: str) -> Response:
        """The person has no post in the course."""
        found = course_named(request.user, course)
        require(request.user, "course.manage_staff", found)
        # Who left the academy has a post to lose, and a name.
        named = User.objects.filter(username__iexact=username).first()
        person = named or person_by_address(username)
        if person is None:
            raise StaffUnknownError
        staff_remove(course=found, person=person)
        return Response(status=status.HTTP_204_NO_CONTENT)


class CourseOwnerApi(APIView):
    @extend_schema(
        operation_id="courses_owner_set", request=OwnerInput, responses={200: CourseDraftOutput}
    )
    def put(self, request: Request, course: str) -> Response:
        """The course is handed over; its former owner goes on as a co-instructor."""
        found = course_named(request.user, course)
        require(request.user, "course.manage_staff", found)
        asked = OwnerInput(data=request.data)
        asked.is_valid(raise_exception=True)
        saved = owner_set(
            course=found,
            person=_member(asked.validated_data["username"]),
            acting_user=person_of(request),
        )
        return Response(CourseDraftOutput(saved).data)


def _member(username: str) -> User:
    """The person with this user name, else whose confirmed address this is, whatever the case.

    Raises:
        PersonNotFoundError: it is nobody's.
    """
    named = User.objects.filter(username__iexact=username, is_active=True).first()
    person = named or person_by_address(username)
    if person is None:
        raise PersonNotFoundError
    return person


def _require_maker(request: Request) -> None:
    if signed_in(request.user) and not may(request.user, "course.create"):
        raise MakerUnfitError
    require(request.user, "course.create")


def person_of(request: Request) -> User:
    """Whoever asks, once a permission was required of them."""
    assert isinstance(request.user, User)
    return request.user
