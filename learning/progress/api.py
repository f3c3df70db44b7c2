"""`/api/progress/` for learners, `/api/courses/<course>/progress/` for those who teach."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from drf_standardized_errors.openapi_validation_errors import extend_validation_errors
from rest_framework.fields import UUIDField
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academy.platform.http.resources import UNCHANGED, ResourceView
from learning.courses.models import Course
from learning.enrolments.api.places import course_at, person_of
from learning.enrolments.errors import EnrolmentNotFoundError
from learning.enrolments.models import Enrolment
from learning.progress.errors import EventUnusableError
from learning.progress.models import ProgressEvent
from learning.progress.selectors import (
    figures_of,
    learner_documents,
    learners_of,
    my_courses,
    progress_document,
    seat_of,
)
from learning.progress.services import NewEvent, progress_override, progress_record
from learning.progress.shapes import (
    CompletionInput,
    EventInput,
    EventsInput,
    LearnerProgressOutput,
    MyProgressOutput,
    OutcomesOutput,
    ProgressOutput,
)
from learning.progress.telling import ACTIONS, NO_LESSON, lesson_ids


@extend_validation_errors(["invalid"], field_name="page", methods=["get"])
class MyProgressApi(ResourceView[Enrolment]):
    model = Enrolment
    serializer_class = MyProgressOutput
    filter_backends = ()

    def rows(self) -> Any:
        # A few courses at most, read in a number of queries that does not grow with them.
        return my_courses(person_of(self.request))

    @extend_schema(
        operation_id="progress_mine",
        responses={200: MyProgressOutput(many=True), **UNCHANGED},
        tags=["progress"],
    )
    def get(self, request: Request) -> Response:
        """One's courses, the one of the last days first, and where to go on in each."""
        return self.list_answer(request)


class CourseProgressApi(ResourceView[Enrolment]):
    model = Enrolment
    serializer_class = ProgressOutput
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="progress_retrieve",
        responses={200: ProgressOutput, **UNCHANGED},
        tags=["progress"],
    )
    def get(self, request: Request, course: str) -> Response:
        """How far one is: for each lesson what is met and what is missing, in sentences."""
        found = course_at(request, course, "course.see")
        document = progress_document(enrolment_id=seat_of(person_of(request), found.pk))
        return self.answer(request, document)


class EventsApi(APIView):
    @extend_schema(
        operation_id="progress_tell",
        request=EventsInput,
        responses={200: OutcomesOutput},
        tags=["progress"],
    )
    def post(self, request: Request, course: str) -> Response:
        """Tells what one did, each event once; none that is refused or unreadable stops another."""
        found = course_at(request, course, "course.see")
        told = EventsInput(data=request.data)
        told.is_valid(raise_exception=True)
        enrolment_id = seat_of(person_of(request), found.pk)
        readings = [EventInput(data=event) for event in told.validated_data["events"]]
        recorded = iter(
            progress_record(
                enrolment_id=enrolment_id,
                events=_events(found, [one.validated_data for one in readings if one.is_valid()]),
                acting_user=person_of(request),
            )
        )
        outcomes = [_unreadable(one) if one.errors else next(recorded) for one in readings]
        answer = {**figures_of(enrolment_id), "outcomes": outcomes}
        return Response(OutcomesOutput(answer).data)


@extend_validation_errors(["invalid"], field_name="page", methods=["get"])
class ClassProgressApi(ResourceView[Enrolment]):
    model = Enrolment
    serializer_class = LearnerProgressOutput
    filter_backends = ()

    def rows(self) -> QuerySet[Enrolment]:
        return learners_of(course_at(self.request, self.kwargs["course"], "class.see").pk)

    def shown(self, rows: list[Enrolment]) -> Sequence[object]:
        return learner_documents(rows)

    @extend_schema(
        operation_id="class_progress",
        responses={200: LearnerProgressOutput(many=True), **UNCHANGED},
        tags=["progress"],
    )
    def get(self, request: Request, course: str) -> Response:
        """A class, those who were active last first."""
        return self.list_answer(request)


class LearnerProgressApi(ResourceView[Enrolment]):
    model = Enrolment
    serializer_class = ProgressOutput
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="class_progress_of_learner",
        responses={200: ProgressOutput, **UNCHANGED},
        tags=["progress"],
    )
    def get(self, request: Request, course: str, enrolment: int) -> Response:
        """One learner's progress, explained as they see it themselves."""
        found = course_at(request, course, "class.see")
        document = progress_document(enrolment_id=_in_class(found, enrolment))
        return self.answer(request, document)

    @extend_schema(
        operation_id="class_progress_override",
        request=CompletionInput,
        responses={200: ProgressOutput},
        tags=["progress"],
    )
    def post(self, request: Request, course: str, enrolment: int) -> Response:
        """Completes a lesson for a learner, or opens it anew, whatever its rules say."""
        found = course_at(request, course, "class.manage")
        asked = CompletionInput(data=request.data)
        asked.is_valid(raise_exception=True)
        permalink = asked.validated_data["lesson"]
        enrolment_id = _in_class(found, enrolment)
        progress_override(
            enrolment_id=enrolment_id,
            lesson_id=lesson_ids(found.pk, [permalink]).get(permalink, NO_LESSON),
            kind=ACTIONS[asked.validated_data["action"]],
            acting_user=person_of(request),
        )
        return Response(ProgressOutput(progress_document(enrolment_id=enrolment_id)).data)


def _in_class(course: Course, enrolment_id: int) -> int:
    if not Enrolment.objects.filter(pk=enrolment_id, course_id=course.pk).exists():
        raise EnrolmentNotFoundError
    return enrolment_id


def _events(course: Course, told: list[dict[str, Any]]) -> list[NewEvent]:
    known = lesson_ids(course.pk, [event["lesson"] for event in told])
    return [
        NewEvent(
            event_id=event["id"],
            kind=ProgressEvent.Kind(event["kind"]),
            lesson_id=known.get(event["lesson"], NO_LESSON),
            data=event.get("data", {}),
            occurred_at=event.get("at"),
        )
        for event in told
    ]


def _unreadable(reading: EventInput) -> dict[str, Any]:
    """The outcome of an event that tells nothing, with its id where that much can be read."""
    sent_id = reading.initial_data.get("id")
    (name, said), *_others = reading.errors.items()
    error = EventUnusableError(f"{name}: {said[0]}")
    return {
        "event_id": None if "id" in reading.errors else UUIDField().to_internal_value(sent_id),
        "accepted": False,
        "replayed": False,
        "code": error.code,
        "detail": str(error),
    }
