"""Asking for documents, recording them, and letting go of old ones."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from academy.accounts.errors import SignedOutError
from academy.accounts.models import User
from academy.platform.storage.store import Stored
from exports.artifacts.services import artifact_record
from exports.lessons.engine import engine_fingerprint
from exports.lessons.errors import ExportLessonGoneError
from exports.lessons.formats import format_named
from exports.lessons.inputs import lesson_inputs_hash
from exports.lessons.models import FigurePicture, LessonExport
from exports.lessons.selectors import (
    EXPORT_KIND,
    Exported,
    export_current,
    export_current_id,
    lesson_subject,
    young,
)
from learning.courses.models import CourseFigure
from learning.courses.selectors import Person
from learning.lessons.errors import LessonNotFoundError
from learning.lessons.models import Lesson
from learning.lessons.selectors import lesson_require_full
from scheduler.jobs.models import Job
from scheduler.jobs.services import Submission, job_submit


@dataclass(frozen=True, slots=True)
class Ready:
    """A fresh document stands."""

    exported: Exported


@dataclass(frozen=True, slots=True)
class Started:
    """A job makes the document; `stale` is what can serve meanwhile."""

    submission: Submission
    stale: Exported | None

    @property
    def job(self) -> Job:
        """The job, new or joined."""
        return self.submission.job


class _MadeMeanwhileError(Exception):
    def __init__(self, exported: Exported) -> None:
        super().__init__()
        self.exported = exported


def lesson_export_request(*, person: Person, lesson: Lesson, format: str) -> Ready | Started:
    """A fresh document stands, or exactly one job is making it, whoever else asks.

    `lesson.course` should be loaded. At most about a dozen queries, however many documents.

    Raises:
        UnknownFormatError: lessons are not exported in this format.
        SignedOutError: nobody is signed in.
        LessonNotFoundError: the person may not know of the lesson.
        LessonLockedError: the lesson is premium, and the person has no access.
        QueueFullError, LaneFullError: as for any job.
    """
    format_named(format)
    if not isinstance(person, User):
        raise SignedOutError
    lesson_require_full(person, lesson)
    exported = export_current(lesson, format=format)
    if exported is not None and exported.is_fresh:
        if not exported.is_current:
            _restore(lesson, exported)
        return Ready(exported)
    try:
        submission = _submitted(lesson, known=exported, person_id=person.pk, format=format)
    except _MadeMeanwhileError as made:
        return Ready(made.exported)
    return Started(submission=submission, stale=exported)


@transaction.atomic
def _restore(lesson: Lesson, exported: Exported) -> None:
    """The document is the current one again; lists and pages tell of it."""
    if _locked(lesson.pk):
        _replace_current(lesson_id=lesson.pk, format=exported.format)
        LessonExport.objects.filter(pk=exported.id).update(replaced_at=None)


@transaction.atomic
def _submitted(
    lesson: Lesson, *, known: Exported | None, person_id: int, format: str
) -> Submission:
    submission = _submit(lesson, person_id=person_id, format=format)
    newest = export_current_id(lesson, format=format)
    if not submission.joined and newest != (known.id if known else None):
        # The job of another request finished between our look and our insert, and then its key
        # was free: the insert is undone, on_commit and all.
        exported = export_current(lesson, format=format)
        if exported is not None and exported.is_fresh:
            raise _MadeMeanwhileError(exported)
    return submission


def lesson_export_resubmit(
    *, params: Mapping[str, Any], person_id: int | None, retry_of: uuid.UUID
) -> Submission:
    """A job makes the document of one that ended badly, of the lesson as it is now.

    Raises:
        LessonNotFoundError: the lesson is gone, or the person may not know of it.
        LessonLockedError: the lesson is premium, and the person has no access.
        QueueFullError, LaneFullError: as for any job.
    """
    lesson = Lesson.objects.select_related("course").filter(pk=params["lesson_id"]).first()
    if lesson is None:
        raise LessonNotFoundError
    person = User.objects.filter(pk=person_id).first() if person_id is not None else None
    lesson_require_full(person, lesson)
    return _submit(lesson, person_id=person_id, format=params["format"], retry_of=retry_of)


def _submit(
    lesson: Lesson, *, person_id: int | None, format: str, retry_of: uuid.UUID | None = None
) -> Submission:
    wanted = lesson_inputs_hash(lesson, content_hash=lesson.content_hash, format=format)
    label = str(format_named(format).label)
    return job_submit(
        kind=EXPORT_KIND,
        params={"lesson_id": lesson.pk, "format": format},
        person_id=person_id,
        subject=lesson_subject(lesson.pk),
        title=f"{lesson.course.title}: {lesson.title} - {label}",
        dedup_key=f"export:{lesson.pk}:{format}:{wanted}",
        retry_of=retry_of,
    )


@dataclass(frozen=True, slots=True)
class Made:
    """A document whose file is kept and whose rows are still to be written.

    `pictures` are the digests of PNGs by the digest of the figure that they were drawn of.
    """

    id: uuid.UUID
    lesson_id: int
    format: str
    inputs_hash: str
    stored: Stored
    page_count: int | None
    pictures: Collection[tuple[str, str]] = ()


@transaction.atomic
def lesson_export_record(*, made: Made) -> None:
    """The document is the lesson's current one in its format; the one before is replaced.

    Call it in the transaction that finishes the job, so that a cancelled job leaves nothing.

    Raises:
        ExportLessonGoneError: the lesson was deleted meanwhile.
    """
    if not _locked(made.lesson_id):
        raise ExportLessonGoneError
    _replace_current(lesson_id=made.lesson_id, format=made.format)
    _record_pictures(made.pictures)
    artifact = artifact_record(
        stored=made.stored,
        inputs_hash=made.inputs_hash,
        content_type=format_named(made.format).content_type,
    )
    LessonExport.objects.create(
        id=made.id,
        lesson_id=made.lesson_id,
        format=made.format,
        artifact=artifact,
        inputs_hash=made.inputs_hash,
        page_count=made.page_count,
    )


def _locked(lesson_id: int) -> bool:
    """Two who change the current document of a lesson are one after the other.

    The later one sees the row that it replaces. False: there is no such lesson any more.
    """
    lesson = Lesson.objects.select_for_update(no_key=True, of=("self",)).filter(pk=lesson_id)
    return bool(list(lesson.values_list("pk")))


def _replace_current(*, lesson_id: int, format: str) -> None:
    current = LessonExport.objects.filter(lesson_id=lesson_id, format=format, replaced_at=None)
    current.update(replaced_at=Now())


def _record_pictures(pictures: Collection[tuple[str, str]]) -> None:
    FigurePicture.objects.bulk_create(
        [
            FigurePicture(source_digest=source, recipe=engine_fingerprint(), digest=digest)
            for source, digest in sorted(pictures)
        ],
        # A PNG that vanished was drawn again.
        update_conflicts=True,
        unique_fields=["source_digest", "recipe"],
        update_fields=["digest"],
    )


@transaction.atomic
def lesson_export_vanished(*, export: LessonExport) -> None:
    """The file is not on the disk: no row leads to it, and the next request makes it anew."""
    LessonExport.objects.filter(artifact__digest=export.artifact.digest).delete()


@transaction.atomic
def lesson_export_renew(*, export: LessonExport, acting_user: User) -> Job:
    """The lesson has no fresh document in that format, and a job for `acting_user` makes one.

    Raises:
        QueueFullError, LaneFullError: as for any job; nothing was changed.
    """
    # All of them: an earlier one of the same inputs would be as good otherwise.
    standing = LessonExport.objects.filter(lesson_id=export.lesson_id, format=export.format)
    standing.update(renewal_asked_at=Now())
    return _submit(export.lesson, person_id=acting_user.pk, format=export.format).job


def lesson_exports_expire(*, older_than_seconds: float) -> int:
    """Documents that were replaced this long ago are gone, pictures of deleted figures too.

    A young document stays: the lesson may become again what it was made from.
    """
    horizon = Now() - timedelta(seconds=older_than_seconds)
    replaced = LessonExport.objects.filter(~young(), replaced_at__lt=horizon).delete()[0]
    in_use = CourseFigure.objects.values("digest")
    # The age spares the picture of a figure whose course is just being imported again.
    pictures = FigurePicture.objects.filter(created_at__lt=horizon).exclude(
        source_digest__in=in_use, recipe=engine_fingerprint()
    )
    return replaced + pictures.delete()[0]
