"""Asking for files of classes, recording them, and letting go of old ones."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from academy.accounts.models import User
from academy.accounts.permissions import require
from academy.platform.storage.store import Stored
from exports.artifacts.models import Artifact
from exports.artifacts.selectors import artifact_store
from exports.artifacts.services import artifact_record
from exports.classes.errors import ClassGoneError, ClassLeftError
from exports.classes.formats import CONTENT_TYPE, format_named
from exports.classes.models import ClassExport
from exports.classes.selectors import (
    CLASS_KIND,
    ExportedClass,
    class_export_fresh,
    class_inputs_hash,
    class_subject,
    gone_people,
    spoken_language,
)
from learning.courses.errors import CourseNotFoundError
from learning.courses.models import Course
from learning.enrolments.models import Enrolment
from scheduler.jobs.services import Submission, job_submit


@dataclass(frozen=True, slots=True)
class Ready:
    """A fresh file stands."""

    exported: ExportedClass


@dataclass(frozen=True, slots=True)
class Started:
    """A job makes the file."""

    submission: Submission


def class_export_request(*, person: User, course: Course, format: str) -> Ready | Started:
    """A fresh file of the class stands, or exactly one job is making it, whoever else asks.

    Raises:
        UnknownColumnsError: classes are not exported in this format.
        NotFoundError: the person may not know of the course.
        PermissionDeniedError: they may not export its class.
        QueueFullError, LaneFullError: as for any job.
    """
    format_named(format)
    require(person, "class.export", course)
    language = spoken_language()
    wanted = class_inputs_hash(course, format=format, language=language)
    exported = class_export_fresh(course, format=format, inputs_hash=wanted)
    if exported is not None:
        return Ready(exported)
    return Started(
        _submit(course, person_id=person.pk, format=format, language=language, inputs_hash=wanted)
    )


def class_export_resubmit(
    *, params: Mapping[str, Any], person_id: int | None, retry_of: uuid.UUID
) -> Submission:
    """A job makes the file of one that ended badly, of the class as it is now.

    Raises:
        CourseNotFoundError: the course is gone, or its class is none of the person's.
        PermissionDeniedError: they may not export it any more.
        QueueFullError, LaneFullError: as for any job.
    """
    course = Course.objects.filter(pk=params["course_id"]).first()
    if course is None:
        raise CourseNotFoundError
    person = User.objects.filter(pk=person_id).first() if person_id is not None else None
    require(person, "class.export", course)
    format, language = params["format"], params["language"]
    return _submit(
        course,
        person_id=person_id,
        format=format,
        language=language,
        inputs_hash=class_inputs_hash(course, format=format, language=language),
        retry_of=retry_of,
    )


def _submit(
    course: Course,
    *,
    person_id: int | None,
    format: str,
    language: str,
    inputs_hash: str,
    retry_of: uuid.UUID | None = None,
) -> Submission:
    return job_submit(
        kind=CLASS_KIND,
        params={"course_id": course.pk, "format": format, "language": language},
        person_id=person_id,
        subject=class_subject(course.pk),
        title=f"{course.title} - {format_named(format).label}",
        dedup_key=f"class:{course.pk}:{format}:{inputs_hash}",
        retry_of=retry_of,
    )


@dataclass(frozen=True, slots=True)
class MadeClass:
    """A table whose file is kept and whose rows are still to be written."""

    id: uuid.UUID
    course_id: int
    format: str
    inputs_hash: str
    stored: Stored
    row_count: int
    gone_people: int


@transaction.atomic
def class_export_record(*, made: MadeClass) -> None:
    """The file has a row, and can be downloaded.

    Call it in the transaction that finishes the job, so that a cancelled job leaves nothing.

    Raises:
        ClassGoneError: the course was deleted meanwhile.
        ClassLeftError: somebody in it left the academy meanwhile; the file, which names them, is gone.
    """
    courses = Course.objects.select_for_update(no_key=True, of=("self",))
    if not list(courses.filter(pk=made.course_id).values_list("pk")):
        raise ClassGoneError
    if gone_people(made.course_id) != made.gone_people:
        _unlink_unless_held([made.stored.digest])
        raise ClassLeftError
    artifact = artifact_record(
        stored=made.stored, inputs_hash=made.inputs_hash, content_type=CONTENT_TYPE
    )
    ClassExport.objects.create(
        id=made.id,
        course_id=made.course_id,
        format=made.format,
        artifact=artifact,
        inputs_hash=made.inputs_hash,
        row_count=made.row_count,
    )


@transaction.atomic
def class_export_vanished(*, export: ClassExport) -> None:
    """The file is not on the disk: no row leads to it, and the next request makes it anew."""
    ClassExport.objects.filter(artifact__digest=export.artifact.digest).delete()


@transaction.atomic
def class_exports_drop(*, person_id: int) -> int:
    """Files of every class that the person is or was in are gone; returns how many there were."""
    courses = Enrolment.objects.filter(person_id=person_id).order_by().values("course_id")
    rows = ClassExport.objects.filter(course_id__in=courses)
    artifacts = list(Artifact.objects.filter(pk__in=rows.values("artifact_id")))
    count = rows.delete()[0]
    Artifact.objects.filter(pk__in=[artifact.pk for artifact in artifacts]).delete()
    # Not left to the collection of files, which waits a day: they hold a name and an address.
    digests = [artifact.digest for artifact in artifacts]
    transaction.on_commit(partial(_unlink_unless_held, digests))
    return count


def _unlink_unless_held(digests: Iterable[str]) -> None:
    """Two files of one class may be the same, and the other is to stay."""
    for digest in digests:
        if not Artifact.objects.filter(digest=digest).exists():
            artifact_store().path(digest).unlink(missing_ok=True)


def class_exports_expire(*, older_than_seconds: float) -> int:
    """Files that are this old are gone; returns how many there were."""
    horizon = Now() - timedelta(seconds=older_than_seconds)
    return ClassExport.objects.filter(generated_at__lt=horizon).delete()[0]
