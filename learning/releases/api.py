"""`/api/courses/<course>/releases/`: what was published, and publishing."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academy.accounts.models import User
from academy.accounts.permissions import require
from academy.platform.http.resources import UNCHANGED, ResourceView, conditional
from learning.courses.selectors import course_named
from learning.releases.comparing import release_compare
from learning.releases.history import release_numbered, releases_of
from learning.releases.impact import release_impact
from learning.releases.models import Release
from learning.releases.selectors import entries_of
from learning.releases.services import MAX_NOTE_CHARACTERS, course_withdraw, release_publish
from scheduler.idempotency.api import idempotent


class ReleaseOutput(serializers.Serializer[Any]):
    number = serializers.IntegerField(min_value=1)
    title = serializers.CharField()
    note = serializers.CharField()
    author = serializers.SerializerMethodField()
    published_at = serializers.DateTimeField()
    lesson_count = serializers.IntegerField(min_value=0)
    required_count = serializers.IntegerField(min_value=0)

    def get_author(self, release: Release) -> str:
        return str(release.author) if release.author else ""


class EntryOutput(serializers.Serializer[Any]):
    permalink = serializers.CharField()
    title = serializers.CharField(source="revision.title")
    section = serializers.CharField(source="section_title")
    position = serializers.IntegerField()
    is_required = serializers.BooleanField()
    content_hash = serializers.CharField(source="revision.content_hash")


class ReleaseDetailOutput(ReleaseOutput):
    lessons = serializers.SerializerMethodField()

    @extend_schema_field(EntryOutput(many=True))
    def get_lessons(self, _release: Release) -> Any:
        return EntryOutput(self.context["entries"], many=True).data


class ReleaseInput(serializers.Serializer[Any]):
    note = serializers.CharField(
        max_length=MAX_NOTE_CHARACTERS, required=False, allow_blank=True, default=""
    )


class PlaceOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="lesson_id")
    permalink = serializers.CharField()
    title = serializers.CharField()
    section = serializers.CharField()
    position = serializers.IntegerField()
    is_required = serializers.BooleanField()


class MoveOutput(serializers.Serializer[Any]):
    before = PlaceOutput()
    after = PlaceOutput()


class SettingOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class LineOutput(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=["same", "added", "removed", "gap"])
    text = serializers.CharField()


class TextOutput(serializers.Serializer[Any]):
    lines = LineOutput(many=True)
    left_out_count = serializers.IntegerField()
    problem = serializers.CharField()


class ChangeOutput(serializers.Serializer[Any]):
    lesson = PlaceOutput(source="place")
    settings = SettingOutput(many=True)
    text = TextOutput(allow_null=True)


class ExampleOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    before = serializers.IntegerField()
    after = serializers.IntegerField()


class ImpactOutput(serializers.Serializer[Any]):
    follower_count = serializers.IntegerField()
    moving_count = serializers.IntegerField()
    rising_count = serializers.IntegerField()
    falling_count = serializers.IntegerField()
    finished_count = serializers.IntegerField()
    unfinished_count = serializers.IntegerField()
    examples = ExampleOutput(many=True)


class ChangesOutput(serializers.Serializer[Any]):
    """The newest release beside the one that publishing would make now."""

    number = serializers.IntegerField(allow_null=True)
    next_number = serializers.IntegerField()
    opens = serializers.BooleanField()
    is_nothing = serializers.BooleanField()
    lesson_count = serializers.IntegerField()
    required_count = serializers.IntegerField()
    course_settings = SettingOutput(many=True)
    added = PlaceOutput(many=True)
    removed = PlaceOutput(many=True)
    moved = MoveOutput(many=True)
    changed = ChangeOutput(many=True)
    touched = PlaceOutput(many=True)
    impact = serializers.SerializerMethodField()

    @extend_schema_field(ImpactOutput)
    def get_impact(self, _diff: object) -> Any:
        return ImpactOutput(self.context["impact"]).data


class ReleasesApi(ResourceView[Release]):
    permission_classes = (AllowAny,)
    serializer_class = ReleaseOutput
    model = Release
    filter_backends = ()

    def rows(self) -> QuerySet[Release]:
        return releases_of(course_named(self.request.user, self.kwargs["course"]))

    @extend_schema(
        operation_id="courses_releases_list",
        responses={200: ReleaseOutput(many=True), **UNCHANGED},
    )
    def get(self, request: Request, course: str) -> Response:
        """The course's releases, the newest first."""
        return self.list_answer(request)

    @extend_schema(
        operation_id="courses_releases_create",
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
        request=ReleaseInput,
        responses={201: ReleaseOutput},
    )
    @idempotent
    def post(self, request: Request, course: str) -> Response:
        """Publishes what is written; 409 where readers see it already."""
        found = course_named(request.user, course)
        require(request.user, "course.publish", found)
        asked = ReleaseInput(data=request.data)
        asked.is_valid(raise_exception=True)
        assert isinstance(request.user, User)
        release = release_publish(
            course=found, acting_user=request.user, note=asked.validated_data["note"]
        )
        place = reverse("api-releases:detail", args=[found.slug, release.number])
        return Response(
            ReleaseOutput(release).data,
            status=status.HTTP_201_CREATED,
            headers={"Location": place},
        )


class ReleaseApi(ResourceView[Release]):
    permission_classes = (AllowAny,)
    serializer_class = ReleaseDetailOutput
    model = Release
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="courses_releases_retrieve",
        responses={200: ReleaseDetailOutput, **UNCHANGED},
    )
    def get(self, request: Request, course: str, number: int) -> Response:
        """One release with its lessons in reading order."""
        found = course_named(request.user, course)
        release = release_numbered(found, number)
        entries = entries_of(release.pk)
        for entry in entries:
            entry.lesson.course = found
        shown = [_entry(entry) for entry in entries]
        return self.answer(request, release, entries=shown)


def _entry(entry: Any) -> Any:
    entry.permalink = entry.lesson.permalink
    return entry


class ChangesApi(APIView):
    @extend_schema(operation_id="courses_changes", responses={200: ChangesOutput, **UNCHANGED})
    def get(self, request: Request, course: str) -> Response:
        """What publishing now would change, and what it would do to learners."""
        found = course_named(request.user, course)
        require(request.user, "course.see_draft", found)
        context = {"impact": release_impact(found)}
        return conditional(request, ChangesOutput(release_compare(found), context=context).data)


class WithdrawApi(APIView):
    @extend_schema(operation_id="courses_withdraw", request=None, responses={204: None})
    def post(self, request: Request, course: str) -> Response:
        """Only the course's staff see it; its releases stay."""
        found = course_named(request.user, course)
        require(request.user, "course.withdraw", found)
        assert isinstance(request.user, User)
        course_withdraw(course=found, acting_user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
