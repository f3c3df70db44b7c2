"""`/api/courses/<course>/releases/`: what was published, and publishing."""

from typing import Final

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academy.accounts.permissions import require
from academy.platform.http.resources import UNCHANGED, ResourceView, conditional
from learning.courses.selectors import course_named
from learning.enrolments.api.places import person_of
from learning.enrolments.api.shapes import IDEMPOTENCY_KEY
from learning.releases.comparing import release_changes, release_compare
from learning.releases.history import release_numbered, releases_of
from learning.releases.impact import release_impact
from learning.releases.models import Release
from learning.releases.selectors import entries_of
from learning.releases.services import course_withdraw, release_publish
from learning.releases.shapes import (
    ChangesOutput,
    ReleaseChangesOutput,
    ReleaseDetailOutput,
    ReleaseInput,
    ReleaseOutput,
)
from scheduler.idempotency.api import idempotent

_OPEN_AGAIN: Final = OpenApiResponse(
    ReleaseOutput, "Nothing had changed: the course is open again with the release that it had."
)


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
        tags=["releases"],
    )
    def get(self, request: Request, course: str) -> Response:
        """The course's releases, the newest first."""
        return self.list_answer(request)

    @extend_schema(
        operation_id="courses_releases_create",
        parameters=[IDEMPOTENCY_KEY],
        request=ReleaseInput,
        responses={200: _OPEN_AGAIN, 201: ReleaseOutput},
        tags=["releases"],
    )
    @idempotent
    def post(self, request: Request, course: str) -> Response:
        """Publishes what is written; 409 where readers see it already."""
        found = course_named(request.user, course)
        require(request.user, "course.publish", found)
        asked = ReleaseInput(data=request.data)
        asked.is_valid(raise_exception=True)
        before = found.newest_release_id
        release = release_publish(
            course=found, acting_user=person_of(request), note=asked.validated_data["note"]
        )
        place = reverse("api-releases:detail", args=[found.api_name, release.number])
        is_new = release.pk != before
        return Response(
            ReleaseOutput(release).data,
            status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK,
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
        tags=["releases"],
    )
    def get(self, request: Request, course: str, number: int) -> Response:
        """One release with its lessons in reading order."""
        found = course_named(request.user, course)
        release = release_numbered(found, number)
        entries = entries_of(release.pk)
        for entry in entries:
            entry.lesson.course = found
        return self.answer(request, release, entries=entries)


class ReleaseChangesApi(APIView):
    @extend_schema(
        operation_id="courses_releases_changes",
        responses={200: ReleaseChangesOutput, **UNCHANGED},
        tags=["releases"],
    )
    def get(self, request: Request, course: str, number: int) -> Response:
        """What this release changed, beside the one before it."""
        found = course_named(request.user, course)
        require(request.user, "course.see_draft", found)
        diff = release_changes(found, release_numbered(found, number))
        return conditional(request, ReleaseChangesOutput(diff).data)


class ChangesApi(APIView):
    @extend_schema(
        operation_id="courses_changes",
        responses={200: ChangesOutput, **UNCHANGED},
        tags=["releases"],
    )
    def get(self, request: Request, course: str) -> Response:
        """What publishing now would change, and what it would do to learners."""
        found = course_named(request.user, course)
        require(request.user, "course.see_draft", found)
        context = {"impact": release_impact(found)}
        return conditional(request, ChangesOutput(release_compare(found), context=context).data)


class WithdrawApi(APIView):
    @extend_schema(
        operation_id="courses_withdraw", request=None, responses={204: None}, tags=["releases"]
    )
    def post(self, request: Request, course: str) -> Response:
        """Only the course's staff see it; its releases stay."""
        found = course_named(request.user, course)
        require(request.user, "course.withdraw", found)
        course_withdraw(course=found, acting_user=person_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
