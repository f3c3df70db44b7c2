"""Jobs for programs."""

import uuid
from typing import Any, ClassVar

import django_filters
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academy.accounts.models import User
from academy.platform.http.throttling import PersonThrottle, StatusThrottle
from scheduler.idempotency.api import idempotent
from scheduler.jobs import selectors, services
from scheduler.jobs.models import Job, Status


class JobResultSerializer(serializers.Serializer[Any]):
    download_url = serializers.CharField(allow_null=True)
    file_size = serializers.IntegerField(allow_null=True, help_text="bytes")
    content_type = serializers.CharField(allow_null=True)


class JobErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class StatusDocumentSerializer(serializers.Serializer[Any]):
    """What poll, bulk, stream and socket say of a job."""

    task_id = serializers.UUIDField()
    kind = serializers.CharField()
    title = serializers.CharField()
    lane = serializers.CharField()
    status = serializers.ChoiceField(choices=Status.choices)
    progress = serializers.IntegerField(min_value=0, max_value=100)
    step = serializers.CharField(allow_blank=True)
    queue_position = serializers.IntegerField(allow_null=True, min_value=1)
    attempt = serializers.IntegerField()
    max_attempts = serializers.IntegerField()
    retry_count = serializers.IntegerField()
    next_attempt_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    checked_at = serializers.DateTimeField()
    task_age_seconds = serializers.FloatField()
    estimated_remaining_seconds = serializers.FloatField(allow_null=True)
    can_cancel = serializers.BooleanField()
    can_retry = serializers.BooleanField()
    cancel_requested_at = serializers.DateTimeField(allow_null=True)
    seq = serializers.IntegerField()
    result = JobResultSerializer(allow_null=True)
    error = JobErrorSerializer(allow_null=True)
    correlation_id = serializers.CharField(allow_blank=True)
    retry_of = serializers.UUIDField(allow_null=True)


class JobFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=Status.choices)
    kind = django_filters.CharFilter(max_length=100)
    lane = django_filters.CharFilter(max_length=16)
    subject = django_filters.CharFilter(max_length=100)
    min_age_seconds = django_filters.NumberFilter(method="older_than", min_value=0, max_value=10**9)
    q = django_filters.CharFilter(method="mentions", max_length=200)

    class Meta:
        model = Job
        fields: ClassVar[list[str]] = []

    def older_than(self, jobs: QuerySet[Job], name: str, value: Any) -> QuerySet[Job]:
        return selectors.older_than(jobs, seconds=float(value))

    def mentions(self, jobs: QuerySet[Job], name: str, value: str) -> QuerySet[Job]:
        return jobs.annotate(params_text=Cast("params", TextField())).filter(
            Q(params_text__icontains=value)
            | Q(error_code__icontains=value)
            | Q(error_detail__icontains=value)
            | Q(title__icontains=value)
        )


def person_of(request: Request) -> User:
    """The signed-in person; the permission class has seen to it that there is one."""
    assert isinstance(request.user, User)
    return request.user


def document_of(request: Request, job: Job) -> selectors.StatusDocument:
    """The job as whoever asks sees it."""
    return selectors.status_document(job, person_id=person_of(request).pk)


def document_of_submission(
    request: Request, submission: services.Submission
) -> selectors.StatusDocument:
    """The job as whoever asked for it sees it."""
    if submission.ahead is None:
        return document_of(request, submission.job)
    return selectors.document_of_new(submission.job, ahead=submission.ahead)


def status_url(job: Job) -> str:
    """The path that a 202 names in `Location`."""
    return reverse("monitoring:status", args=[job.pk])


class JobListApi(GenericAPIView[Job]):
    serializer_class = StatusDocumentSerializer
    filterset_class = JobFilter
    queryset = Job.objects.none()

    def get_queryset(self) -> QuerySet[Job]:
        if not self.request.user.is_authenticated:
            return Job.objects.none()
        return selectors.jobs_visible_to(self.request.user).order_by("-created_at", "-pk")

    @extend_schema(
        operation_id="tasks_list", responses=StatusDocumentSerializer(many=True), tags=["tasks"]
    )
    def get(self, request: Request) -> Response:
        jobs = self.filter_queryset(self.get_queryset())
        page = self.paginate_queryset(jobs) or []
        ids = [job.pk for job in page]
        documents = selectors.status_documents(ids, person_id=person_of(request).pk)
        return self.get_paginated_response(
            [documents[str(pk)] for pk in ids if str(pk) in documents]
        )


class JobStatusApi(APIView):
    throttle_classes = (StatusThrottle,)

    @extend_schema(operation_id="task_status", responses=StatusDocumentSerializer, tags=["tasks"])
    def get(self, request: Request, job_id: uuid.UUID) -> Response:
        job = selectors.job_for(job_id=job_id, person=person_of(request))
        return Response(document_of(request, job))


class JobBulkStatusApi(APIView):
    throttle_classes = (StatusThrottle,)

    class InputSerializer(serializers.Serializer[Any]):
        task_ids = serializers.ListField(
            child=serializers.CharField(max_length=64), max_length=100, allow_empty=False
        )

    @extend_schema(
        operation_id="task_bulk_status",
        request=InputSerializer,
        responses=OpenApiResponse(
            response={
                "type": "object",
                "additionalProperties": {
                    "anyOf": [
                        {"$ref": "#/components/schemas/StatusDocument"},
                        {"type": "null"},
                    ]
                },
            }
        ),
        tags=["tasks"],
    )
    def post(self, request: Request) -> Response:
        body = self.InputSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted: list[str] = body.validated_data["task_ids"]
        documents = selectors.documents_visible_to(wanted, person=person_of(request))
        return Response({task_id: documents.get(task_id) for task_id in wanted})


class JobCancelApi(APIView):
    throttle_classes = (PersonThrottle,)

    @extend_schema(
        operation_id="task_cancel",
        request=None,
        responses={202: StatusDocumentSerializer},
        tags=["tasks"],
    )
    def post(self, request: Request, job_id: uuid.UUID) -> Response:
        job = services.job_cancel(job_id=job_id, acting_user=person_of(request))
        return Response(document_of(request, job), status=status.HTTP_202_ACCEPTED)


class JobRetryApi(APIView):
    throttle_classes = (PersonThrottle,)

    @extend_schema(
        operation_id="task_retry",
        request=None,
        responses={202: StatusDocumentSerializer},
        tags=["tasks"],
    )
    @idempotent
    def post(self, request: Request, job_id: uuid.UUID) -> Response:
        job = services.job_retry(job_id=job_id, acting_user=person_of(request)).job
        return Response(
            document_of(request, job),
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": status_url(job)},
        )
