"""`/api/enrolments/`: one's own, and each of them for those who see its class."""

from typing import Any

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academy.accounts.permissions import require
from academy.platform.http.resources import UNCHANGED, ResourceView
from academy.platform.http.throttling import PersonThrottle
from learning.enrolments import services
from learning.enrolments.api.places import KeyThrottle, cohort_in, course_at, person_of
from learning.enrolments.api.shapes import (
    IDEMPOTENCY_KEY,
    CourseKeyInput,
    EnrolmentChangeInput,
    EnrolmentOutput,
    KeyInput,
)
from learning.enrolments.dates import State
from learning.enrolments.errors import ReleaseUnknownError
from learning.enrolments.models import Enrolment
from learning.enrolments.selectors import enrolment_for, my_enrolments
from learning.releases.models import Release
from scheduler.idempotency.api import idempotent

Status = Enrolment.Status


class MyEnrolmentFilters(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=State.choices)
    course = django_filters.CharFilter(field_name="course__slug", max_length=80)

    class Meta:
        model = Enrolment
        fields: tuple[str, ...] = ()


class MyEnrolmentsApi(ResourceView[Enrolment]):
    serializer_class = EnrolmentOutput
    filterset_class = MyEnrolmentFilters
    throttle_classes = (PersonThrottle, KeyThrottle)
    model = Enrolment

    def rows(self) -> QuerySet[Any]:
        return my_enrolments(self.request.user)

    @extend_schema(
        operation_id="enrolments_mine",
        responses={200: EnrolmentOutput(many=True), **UNCHANGED},
        tags=["enrolments"],
    )
    def get(self, request: Request) -> Response:
        """One's own enrolments, the newest change first."""
        return self.list_answer(request)

    @extend_schema(
        operation_id="enrolments_by_key",
        request=CourseKeyInput,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: EnrolmentOutput, 201: EnrolmentOutput},
        filters=False,
        tags=["enrolments"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """With a key, also into a course that only enrolled people see."""
        asked = CourseKeyInput(data=request.data)
        asked.is_valid(raise_exception=True)
        enrolment, is_new = services.enrolment_with_key(
            course_name=asked.validated_data["course"],
            person=person_of(request),
            key=asked.validated_data["key"],
        )
        return enrolment_answer(request, enrolment, is_new=is_new)


class CourseEnrolApi(APIView):
    throttle_classes = (PersonThrottle, KeyThrottle)

    @extend_schema(
        operation_id="course_enrol",
        request=KeyInput,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: EnrolmentOutput, 201: EnrolmentOutput},
        tags=["enrolments"],
    )
    @idempotent
    def post(self, request: Request, course: str) -> Response:
        """Enrols oneself; who is enrolled already gets the same enrolment."""
        asked = KeyInput(data=request.data)
        asked.is_valid(raise_exception=True)
        enrolment, is_new = services.enrolment_self_outcome(
            course=course_at(request, course, "course.enrol"),
            person=person_of(request),
            key=asked.validated_data["key"],
        )
        return enrolment_answer(request, enrolment, is_new=is_new)


class EnrolmentApi(ResourceView[Enrolment]):
    serializer_class = EnrolmentOutput
    model = Enrolment
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="enrolment_retrieve",
        responses={200: EnrolmentOutput, **UNCHANGED},
        tags=["enrolments"],
    )
    def get(self, request: Request, enrolment: int) -> Response:
        """An enrolment, for the learner and for those who see the class."""
        return self.answer(request, enrolment_for(request.user, enrolment))

    @extend_schema(
        operation_id="enrolment_change",
        request=EnrolmentChangeInput,
        responses={200: EnrolmentOutput},
        tags=["enrolments"],
    )
    @transaction.atomic
    def patch(self, request: Request, enrolment: int) -> Response:
        """Staff change dates, cohort, release and status; all of it or nothing."""
        found = enrolment_for(request.user, enrolment)
        require(request.user, "class.manage", found.course)
        asked = EnrolmentChangeInput(data=request.data)
        asked.is_valid(raise_exception=True)
        _change(request, found, asked.validated_data)
        return Response(EnrolmentOutput(enrolment_for(request.user, enrolment)).data)


class WithdrawApi(APIView):
    @extend_schema(
        operation_id="enrolment_withdraw",
        request=None,
        responses={200: EnrolmentOutput},
        tags=["enrolments"],
    )
    def post(self, request: Request, enrolment: int) -> Response:
        """Leaves the course, or puts somebody out; the progress is kept."""
        person = person_of(request)
        found = enrolment_for(person, enrolment)
        if found.person_id != person.pk:
            require(person, "class.manage", found.course)
        services.enrolment_withdraw(enrolment=found, acting_user=person)
        return Response(EnrolmentOutput(enrolment_for(person, enrolment)).data)


def enrolment_answer(request: Request, enrolment: Enrolment, *, is_new: bool) -> Response:
    """201 for an enrolment that was not there, 200 for one that was."""
    body = EnrolmentOutput(enrolment_for(request.user, enrolment.pk)).data
    if not is_new:
        return Response(body)
    place = reverse("api-enrolments:detail", args=[enrolment.pk])
    return Response(body, status=status.HTTP_201_CREATED, headers={"Location": place})


def _change(request: Request, enrolment: Enrolment, asked: dict[str, Any]) -> None:
    person = person_of(request)
    if "expires_at" in asked or "cohort" in asked:
        services.enrolment_reschedule(
            enrolment=enrolment,
            expires_at=asked.get("expires_at"),
            cohort=cohort_in(enrolment.course, asked.get("cohort")),
            acting_user=person,
            fields=asked,
        )
    if "release" in asked:
        release = Release.objects.filter(
            course_id=enrolment.course_id, number=asked["release"]
        ).first()
        if release is None:
            raise ReleaseUnknownError(attr="release")
        services.enrolment_move(enrolment=enrolment, release=release, acting_user=person)
    if "status" in asked:
        act = {
            Status.ACTIVE: services.enrolment_resume,
            Status.SUSPENDED: services.enrolment_suspend,
            Status.WITHDRAWN: services.enrolment_withdraw,
        }[Status(asked["status"])]
        act(enrolment=enrolment, acting_user=person)
