"""`/api/courses/<course>/cover/`: the picture itself is the body."""

from collections.abc import Mapping
from typing import IO, Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academy.accounts.permissions import require
from learning.courses.api import person_of
from learning.courses.errors import CoverUnusableError
from learning.courses.inputs import CoverOutput
from learning.courses.selectors import course_named
from learning.courses.services.covers import MAX_COVER_BYTES, cover_remove, cover_set

_KINDS: Final = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/svg+xml")


class PictureParser(BaseParser):
    """The body itself is the picture, of which at most one byte too many is read."""

    media_type = "image/*"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The bytes; what they are is looked at later, whatever they are called."""
        return stream.read(MAX_COVER_BYTES + 1)


class CourseCoverApi(APIView):
    parser_classes = (PictureParser,)

    @extend_schema(
        operation_id="courses_cover_set",
        request=dict.fromkeys(_KINDS, OpenApiTypes.BINARY),
        responses={200: CoverOutput},
    )
    def put(self, request: Request, course: str) -> Response:
        """The picture is the course's cover; readers see it at once.

        At most 1 MB (SVG: 100 kB) and as many pixels as 1,200 by 1,200. What it is, its
        bytes say; an SVG is kept without whatever acts.
        """
        found = course_named(request.user, course)
        require(request.user, "course.edit", found)
        data: object = request.data
        if not isinstance(data, bytes):
            raise CoverUnusableError
        cover = cover_set(course=found, data=data, acting_user=person_of(request))
        return Response(CoverOutput(cover).data)

    @extend_schema(operation_id="courses_cover_remove", request=None, responses={204: None})
    def delete(self, request: Request, course: str) -> Response:
        """The course has no cover."""
        found = course_named(request.user, course)
        require(request.user, "course.edit", found)
        cover_remove(course=found, acting_user=person_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
