"""Reading files of classes: which are fresh, and who may have them."""

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Count, Max, Sum
from django.db.models.functions import Now
from django.utils import translation

from academy.accounts.models import User
from academy.accounts.permissions import may
from academy.accounts.selectors import GONE_PREFIX
from exports.classes.errors import ClassExportNotFoundError
from exports.classes.formats import FORMATS
from exports.classes.models import ClassExport
from exports.classes.paths import class_download_path
from learning.courses.models import Course
from learning.enrolments.models import Cohort, Enrolment
from scheduler.jobs.models import Job, JobWatch, Status
from scheduler.jobs.selectors import StatusDocument, status_documents

CLASS_KIND: Final = "exports.class_csv"
_FRESH_SECONDS: Final = 120
# Names, addresses and what has ended by the clock leave no mark that could be hashed.
_SHOWN_SECONDS: Final = 3600
_MOST_JOBS: Final = 20
_TABLE_VERSION: Final = 3


@dataclass(frozen=True, slots=True)
class ExportedClass:
    """A file that can be downloaded."""

    id: uuid.UUID
    format: str
    download_url: str
    generated_at: datetime
    file_size: int


@dataclass(frozen=True, slots=True)
class FileState:
    """The class in one shape as a person sees it; `document` is their newest job for it."""

    format: str
    label: str
    document: StatusDocument | None


def class_subject(course_id: int) -> str:
    """What jobs about the class have as their subject."""
    return f"class:{course_id}"


def class_inputs_hash(course: Course, *, format: str, language: str) -> str:
    """SHA-256 over whatever moves when the class does; two queries."""
    people = Enrolment.objects.filter(course_id=course.pk).aggregate(
        count=Count("pk"),
        changed=Max("changed_at"),
        moved=Sum("progress__seq"),
        moved_at=Max("progress__changed_at"),
    )
    cohorts = list(Cohort.objects.filter(course_id=course.pk).values_list("pk", "name", "ends_at"))
    parts = [
        _TABLE_VERSION,
        course.pk,
        course.newest_release_id,
        format,
        language,
        [str(people[name]) for name in sorted(people)],
        [[str(part) for part in cohort] for cohort in cohorts],
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def gone_people(course_id: int) -> int:
    """How many of the class deleted their accounts."""
    people = Enrolment.objects.filter(course_id=course_id, person__is_active=False)
    return people.filter(person__username__startswith=GONE_PREFIX).count()


def class_export_fresh(course: Course, *, format: str, inputs_hash: str) -> ExportedClass | None:
    """A file of exactly these inputs that was made just now; None if there is none."""
    rows = ClassExport.objects.filter(
        course=course,
        format=format,
        inputs_hash=inputs_hash,
        generated_at__gt=Now() - timedelta(seconds=_FRESH_SECONDS),
    )
    row = rows.select_related("artifact").order_by("-generated_at").first()
    if row is None:
        return None
    return ExportedClass(
        id=row.pk,
        format=row.format,
        download_url=class_download_path(row.pk),
        generated_at=row.generated_at,
        file_size=row.artifact.size,
    )


def file_states(course: Course, *, person: User) -> list[FileState]:
    """Each shape as this person sees it. One query; with a job to show, at most four more."""
    newest = _newest_jobs(course, person_id=person.pk)
    documents = status_documents(list(newest.values()), person_id=person.pk) if newest else {}
    return [
        FileState(
            format=known.identifier,
            label=str(known.label),
            document=documents.get(str(newest.get(known.identifier))),
        )
        for known in FORMATS.values()
    ]


def _newest_jobs(course: Course, *, person_id: int) -> dict[str, uuid.UUID]:
    """By format: the person's newest job, unless it ended well or long ago.

    What a job has made is a file of that moment: the control offers to make another.
    """
    watched = JobWatch.objects.filter(person_id=person_id, withdrawn_at=None)
    lately = Now() - timedelta(seconds=_SHOWN_SECONDS)
    jobs = (
        Job.objects.filter(
            kind=CLASS_KIND,
            subject=class_subject(course.pk),
            pk__in=watched.values("job_id"),
            created_at__gt=lately,
        )
        .exclude(status=Status.CANCELLED)
        .order_by("-created_at", "-pk")
    )
    found: dict[str, tuple[uuid.UUID, str]] = {}
    for pk, params, status in jobs.values_list("pk", "params", "status")[:_MOST_JOBS]:
        found.setdefault(str(params.get("format")), (pk, status))
    return {format: pk for format, (pk, status) in found.items() if status != Status.SUCCEEDED}


def class_export_for(person: User, export_id: uuid.UUID) -> ClassExport:
    """The file, for somebody who may export its class at this moment.

    Raises:
        ClassExportNotFoundError: there is none, it has expired, or it is none of theirs.
    """
    young = Now() - timedelta(seconds=settings.EXPORT_TTL_SECONDS)
    rows = ClassExport.objects.select_related("artifact", "course")
    export = rows.filter(pk=export_id, generated_at__gt=young).first()
    if export is None or not may(person, "class.export", export.course):
        raise ClassExportNotFoundError
    return export


def spoken_language() -> str:
    """The language in which the columns are named."""
    return translation.get_language() or settings.LANGUAGE_CODE
