"""`/api/lessons/<permalink>/opening/`: when a lesson opens, and for whom otherwise."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academy.platform.http.resources import UNCHANGED, ResourceView
from learning.enrolments import services
from learning.enrolments.api.places import cohort_in, lesson_at, person_of
from learning.enrolments.api.shapes import (
    OpeningOutput,
    OverrideInput,
    OverrideOutput,
    RulesInput,
)
from learning.enrolments.errors import (
    EnrolmentNotFoundError,
    OverrideNotFoundError,
    RuleUnusableError,
)
from learning.enrolments.models import Enrolment
from learning.enrolments.selectors import overrides_of, rules_of
from learning.lessons.models import Lesson


class OpeningApi(ResourceView[Lesson]):
    serializer_class = OpeningOutput
    model = Lesson
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="lesson_opening",
        responses={200: OpeningOutput, **UNCHANGED},
        tags=["opening"],
    )
    def get(self, request: Request, course: str, slug: str) -> Response:
        """The rules and exceptions of a lesson, for those who see the class."""
        return self.answer(request, _opening(lesson_at(request, course, slug, "class.see")))

    @extend_schema(
        operation_id="lesson_opening_put",
        request=RulesInput,
        responses={200: OpeningOutput},
        tags=["opening"],
    )
    def put(self, request: Request, course: str, slug: str) -> Response:
        """The lesson has these rules and no others; none: it is open from the start."""
        lesson = lesson_at(request, course, slug, "class.manage")
        asked = RulesInput(data=request.data)
        asked.is_valid(raise_exception=True)
        rules = [_rule(lesson, values, n) for n, values in enumerate(asked.validated_data["rules"])]
        services.drip_rules_set(lesson=lesson, rules=rules, acting_user=person_of(request))
        return Response(OpeningOutput(_opening(lesson)).data)


class OverridesApi(APIView):
    @extend_schema(
        operation_id="lesson_opening_except",
        request=OverrideInput,
        responses={200: OverrideOutput},
        tags=["opening"],
    )
    def put(self, request: Request, course: str, slug: str) -> Response:
        """For one learner or one cohort the lesson opens at another time."""
        lesson = lesson_at(request, course, slug, "class.manage")
        asked = OverrideInput(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        override = services.drip_override_set(
            lesson=lesson,
            enrolment=_enrolment(lesson, values["enrolment"]),
            cohort=cohort_in(lesson.course, values["cohort"]),
            opens_at=values["opens_at"],
            acting_user=person_of(request),
        )
        return Response(OverrideOutput(override).data)


class OverrideApi(APIView):
    @extend_schema(
        operation_id="lesson_opening_except_no_more",
        responses={204: None},
        tags=["opening"],
    )
    def delete(self, request: Request, course: str, slug: str, override: int) -> Response:
        """The lesson opens by its rules again."""
        lesson = lesson_at(request, course, slug, "class.manage")
        found = overrides_of(lesson).filter(pk=override).first()
        if found is None:
            raise OverrideNotFoundError
        services.drip_override_clear(override=found, acting_user=person_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _opening(lesson: Lesson) -> dict[str, Any]:
    return {
        "lesson": lesson.permalink,
        "rules": rules_of(lesson),
        "overrides": overrides_of(lesson),
    }


def _rule(lesson: Lesson, values: dict[str, Any], number: int) -> services.NewRule:
    named: str | None = values.pop("after")
    after = None
    if named is not None:
        course_slug, _slash, slug = named.partition("/")
        is_here = course_slug == lesson.course.slug
        after = Lesson.objects.filter(course_id=lesson.course_id, slug=slug).first()
        if after is None or not is_here:
            raise RuleUnusableError(
                _("“after” is the permalink of another lesson of the course, %(course)s/…")
                % {"course": lesson.course.slug},
                attr=f"rules.{number}.after",
            )
    return services.NewRule(after=after, **values)


def _enrolment(lesson: Lesson, enrolment_id: int | None) -> Enrolment | None:
    if enrolment_id is None:
        return None
    found = Enrolment.objects.filter(course_id=lesson.course_id, pk=enrolment_id)
    enrolment = found.select_related("person").first()
    if enrolment is None:
        raise EnrolmentNotFoundError
    return enrolment
