"""`/api/courses/<course>/...`: enrolments, cohorts and keys, for those who see the class."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academy.platform.http.resources import UNCHANGED, ResourceView
from learning.enrolments import services
from learning.enrolments.api.mine import enrolment_answer
from learning.enrolments.api.places import cohort_in, course_at, person_of
from learning.enrolments.api.shapes import (
    IDEMPOTENCY_KEY,
    CohortInput,
    CohortOutput,
    EnrolmentOutput,
    KeyOutput,
    NewEnrolmentInput,
    NewKeyInput,
)
from learning.enrolments.dates import State
from learning.enrolments.errors import PersonUnknownError
from learning.enrolments.models import Cohort, Enrolment, EnrolmentKey
from learning.enrolments.selectors import (
    MAX_QUERY_CHARACTERS,
    class_enrolments,
    cohort_of,
    cohorts_of,
    key_of,
    keys_of,
    learner_called,
    words_in_person,
)
from scheduler.idempotency.api import idempotent


class ClassFilters(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=Enrolment.Status.choices)
    state = django_filters.ChoiceFilter(choices=State.choices)
    cohort = django_filters.NumberFilter(field_name="cohort_id", min_value=1, max_value=2**63 - 1)
    q = django_filters.CharFilter(
        method="named", max_length=MAX_QUERY_CHARACTERS, label="Words in name or e-mail address"
    )

    class Meta:
        model = Enrolment
        fields: tuple[str, ...] = ()

    def named(self, rows: QuerySet[Enrolment], _name: str, value: str) -> QuerySet[Enrolment]:
        return rows.filter(words_in_person(value))


class ClassEnrolmentsApi(ResourceView[Enrolment]):
    serializer_class = EnrolmentOutput
    filterset_class = ClassFilters
    model = Enrolment

    def rows(self) -> QuerySet[Any]:
        return class_enrolments(course_at(self.request, self.kwargs["course"], "class.see"))

    @extend_schema(
        operation_id="course_enrolments",
        responses={200: EnrolmentOutput(many=True), **UNCHANGED},
        tags=["enrolments"],
    )
    def get(self, request: Request, course: str) -> Response:
        """Everybody who is or was in the course, by name."""
        return self.list_answer(request)

    @extend_schema(
        operation_id="course_enrolments_add",
        request=NewEnrolmentInput,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: EnrolmentOutput, 201: EnrolmentOutput},
        filters=False,
        tags=["enrolments"],
    )
    @idempotent
    def post(self, request: Request, course: str) -> Response:
        """Enrols somebody; who is enrolled already keeps the same enrolment."""
        found = course_at(request, course, "class.manage")
        asked = NewEnrolmentInput(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        person = learner_called(values["person"])
        if person is None:
            raise PersonUnknownError(attr="person")
        enrolment, is_new = services.enrolment_by_staff_outcome(
            course=found,
            arrival=services.Arrival(
                person=person,
                source=Enrolment.Source.INSTRUCTOR,
                enrolled_by=person_of(request),
                cohort=cohort_in(found, values["cohort"]),
                expires_at=values["expires_at"],
            ),
        )
        return enrolment_answer(request, enrolment, is_new=is_new)


class CohortsApi(ResourceView[Cohort]):
    serializer_class = CohortOutput
    model = Cohort
    filter_backends = ()

    def rows(self) -> QuerySet[Any]:
        return cohorts_of(course_at(self.request, self.kwargs["course"], "class.see"))

    @extend_schema(
        operation_id="cohorts_list",
        responses={200: CohortOutput(many=True), **UNCHANGED},
        tags=["cohorts"],
    )
    def get(self, request: Request, course: str) -> Response:
        """The cohorts of the course in the order in which they begin."""
        return self.list_answer(request)

    @extend_schema(
        operation_id="cohorts_add",
        request=CohortInput,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: CohortOutput},
        tags=["cohorts"],
    )
    @idempotent
    def post(self, request: Request, course: str) -> Response:
        """Makes a cohort."""
        found = course_at(request, course, "class.manage")
        asked = CohortInput(data=request.data)
        asked.is_valid(raise_exception=True)
        cohort = Cohort(course=found, **asked.validated_data)
        services.cohort_save(cohort=cohort, acting_user=person_of(request))
        body = CohortOutput(cohort_of(found, cohort.pk)).data
        return Response(body, status=status.HTTP_201_CREATED)


class CohortApi(ResourceView[Cohort]):
    serializer_class = CohortOutput
    model = Cohort
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="cohort_retrieve",
        responses={200: CohortOutput, **UNCHANGED},
        tags=["cohorts"],
    )
    def get(self, request: Request, course: str, cohort: int) -> Response:
        """A cohort."""
        return self.answer(request, cohort_of(course_at(request, course, "class.see"), cohort))

    @extend_schema(
        operation_id="cohort_change",
        request=CohortInput(partial=True),
        responses={200: CohortOutput},
        tags=["cohorts"],
    )
    def patch(self, request: Request, course: str, cohort: int) -> Response:
        """Changes its name or dates, which hold for its people at once."""
        found = course_at(request, course, "class.manage")
        row = cohort_of(found, cohort)
        asked = CohortInput(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        for name, value in asked.validated_data.items():
            setattr(row, name, value)
        services.cohort_save(
            cohort=row, acting_user=person_of(request), fields=asked.validated_data
        )
        return Response(CohortOutput(cohort_of(found, cohort)).data)

    @extend_schema(operation_id="cohort_delete", responses={204: None}, tags=["cohorts"])
    def delete(self, request: Request, course: str, cohort: int) -> Response:
        """Deletes it; its people stay in the course, without its dates."""
        found = course_at(request, course, "class.manage")
        services.cohort_delete(cohort=cohort_of(found, cohort), acting_user=person_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class KeysApi(ResourceView[EnrolmentKey]):
    serializer_class = KeyOutput
    model = EnrolmentKey
    filter_backends = ()

    def rows(self) -> QuerySet[Any]:
        return keys_of(course_at(self.request, self.kwargs["course"], "class.manage"))

    @extend_schema(
        operation_id="keys_list",
        responses={200: KeyOutput(many=True), **UNCHANGED},
        tags=["keys"],
    )
    def get(self, request: Request, course: str) -> Response:
        """The keys of the course, the newest first; for those who may enrol people."""
        return self.list_answer(request)

    @extend_schema(
        operation_id="keys_add",
        request=NewKeyInput,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: KeyOutput},
        tags=["keys"],
    )
    @idempotent
    def post(self, request: Request, course: str) -> Response:
        """Makes a key."""
        found = course_at(request, course, "class.manage")
        asked = NewKeyInput(data=request.data)
        asked.is_valid(raise_exception=True)
        values = {
            **asked.validated_data,
            "cohort": cohort_in(found, asked.validated_data["cohort"]),
        }
        made = services.key_make(course=found, acting_user=person_of(request), **values)
        return Response(KeyOutput(key_of(found, made.pk)).data, status=status.HTTP_201_CREATED)


class KeyRevokeApi(APIView):
    @extend_schema(
        operation_id="key_revoke",
        request=None,
        responses={200: KeyOutput},
        tags=["keys"],
    )
    def post(self, request: Request, course: str, key: int) -> Response:
        """Revokes it; who came with it stays."""
        found = course_at(request, course, "class.manage")
        services.key_revoke(key=key_of(found, key), acting_user=person_of(request))
        return Response(KeyOutput(key_of(found, key)).data)
