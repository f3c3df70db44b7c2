"""Asking for documents, recording them, and letting go of old ones."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from academy.accounts.errors import SignedOutError
from academy.accounts.models import User
from academy.accounts.permissions import Person, require
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
    lesson_of_job,
    lesson_subject,
    young,
)
from learning.courses.models import CourseFigure
from learning.lessons.errors import LessonNotFoundError
from learning.lessons.models import Lesson, LessonFigure, LessonRevision
from learning.lessons.selectors import Reading, reading_of, reading_require_full
from learning.rights.selectors import standing_of
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


def lesson_export_request(*, reading: Reading, format: str) -> Ready | Started:
    """A fresh document of what the person reads stands, or exactly one job is making it.

    At most about a dozen queries, however many documents.

    Raises:
        UnknownFormatError: lessons are not exported in this format.
        SignedOutError: nobody is signed in.
        LessonLockedError, LessonNotOpenError: the person does not read all of it.
        PermissionDeniedError: a draft, which those who only look at the course do not export.
        QueueFullError, LaneFullError: as for any job.
    """
    format_named(format)
    person = reading.standing.person
    if person is None:
        raise SignedOutError
    _require_export(person, reading)
    exported = export_current(reading, format=format)
    if exported is not None and exported.is_fresh:
        if not exported.is_current:
            _restore(reading, exported)
        return Ready(exported)
    try:
        submission = _submitted(reading, known=exported, person_id=person.pk, format=format)
    except _MadeMeanwhileError as made:
        return Ready(made.exported)
    return Started(submission=submission, stale=exported)


def _require_export(person: Person, reading: Reading) -> None:
    reading_require_full(reading)
    if reading.is_marked:
        require(person, "lesson.export_draft", reading.course)


@transaction.atomic
def _restore(reading: Reading, exported: Exported) -> None:
    """The document is the current one again; pages tell of it."""
    if _locked(reading.lesson.pk):
        _replace_current(
            lesson_id=reading.lesson.pk, format=exported.format, is_draft=reading.is_marked
        )
        LessonExport.objects.filter(pk=exported.id).update(replaced_at=None)


@transaction.atomic
def _submitted(
    reading: Reading, *, known: Exported | None, person_id: int, format: str
) -> Submission:
    before = known.id if known else None
    submission = _submit(
        reading.revision,
        lesson=reading.lesson,
        is_draft=reading.is_marked,
        person_id=person_id,
        format=format,
    )
    newest = export_current_id(reading, format=format)
    if not submission.joined and newest != before:
        # The job of another request finished between our look and our insert, and then its key
        # was free: the insert is undone, on_commit and all.
        exported = export_current(reading, format=format)
        if exported is not None and exported.is_fresh:
            raise _MadeMeanwhileError(exported)
    return submission


def lesson_export_resubmit(
    *, params: Mapping[str, Any], person_id: int | None, retry_of: uuid.UUID
) -> Submission:
    """A job makes the document of one that ended badly, of what the person reads now.

    Raises:
        LessonNotFoundError: the lesson is gone, or the person may not know of it.
        LessonLockedError, LessonNotOpenError: the person does not read all of it.
        PermissionDeniedError: it was a draft, and the person may not export it.
        QueueFullError, LaneFullError: as for any job.
    """
    lesson = lesson_of_job(retry_of)
    if lesson is None:
        raise LessonNotFoundError
    person = User.objects.filter(pk=person_id).first() if person_id is not None else None
    standing = standing_of(person, course_id=lesson.course_id)
    reading = reading_of(standing, lesson, draft=bool(params.get("is_draft")))
    _require_export(person, reading)
    return _submit(
        reading.revision,
        lesson=lesson,
        is_draft=reading.is_marked,
        person_id=person_id,
        format=params["format"],
        retry_of=retry_of,
    )


def _submit(
    revision: LessonRevision,
    *,
    lesson: Lesson,
    is_draft: bool,
    person_id: int | None,
    format: str,
    retry_of: uuid.UUID | None = None,
) -> Submission:
    wanted = lesson_inputs_hash(
        lesson, content_hash=revision.content_hash, format=format, is_draft=is_draft
    )
    label = str(format_named(format).label)
    return job_submit(
        kind=EXPORT_KIND,
        params={"revision_id": revision.pk, "format": format, "is_draft": is_draft},
        person_id=person_id,
        subject=lesson_subject(lesson.pk),
        title=f"{revision.course_title}: {revision.title} - {label}",
        dedup_key=f"export:{lesson.pk}:{format}:{wanted}",
        retry_of=retry_of,
    )


@dataclass(frozen=True, slots=True)
class Made:
    """A document whose file is kept and whose rows are still to be written.

    `pictures` are the digests of PNGs by the digest of the figure that they were drawn of.
    """

    id: uuid.UUID
    revision_id: int
    lesson_id: int
    is_draft: bool
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
    if not LessonRevision.objects.filter(pk=made.revision_id).exists():
        raise ExportLessonGoneError
    _replace_current(lesson_id=made.lesson_id, format=made.format, is_draft=made.is_draft)
    _record_pictures(made.pictures)
    artifact = artifact_record(
        stored=made.stored,
        inputs_hash=made.inputs_hash,
        content_type=format_named(made.format).content_type,
    )
    LessonExport.objects.create(
        id=made.id,
        lesson_id=made.lesson_id,
        revision_id=made.revision_id,
        is_draft=made.is_draft,
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


def _replace_current(*, lesson_id: int, format: str, is_draft: bool) -> None:
    current = LessonExport.objects.filter(
        lesson_id=lesson_id, format=format, is_draft=is_draft, replaced_at=None
    )
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

    It is of what they read now.

    Raises:
        QueueFullError, LaneFullError: as for any job; nothing was changed.
    """
    # All of them: an earlier one of the same inputs would be as good otherwise.
    made = LessonExport.objects.filter(
        lesson_id=export.lesson_id, format=export.format, is_draft=export.is_draft
    )
    made.update(renewal_asked_at=Now())
    standing = standing_of(acting_user, course_id=export.lesson.course_id)
    reading = reading_of(standing, export.lesson, draft=export.is_draft)
    return _submit(
        reading.revision,
        lesson=export.lesson,
        is_draft=reading.is_marked,
        person_id=acting_user.pk,
        format=export.format,
    ).job


def lesson_exports_expire(*, older_than_seconds: float) -> int:
    """Documents that were replaced this long ago are gone, pictures of deleted figures too.

    A young document stays: the lesson may become again what it was made from.
    """
    horizon = Now() - timedelta(seconds=older_than_seconds)
    replaced = LessonExport.objects.filter(~young(), replaced_at__lt=horizon).delete()[0]
    in_use = Q(source_digest__in=CourseFigure.objects.values("digest")) | Q(
        source_digest__in=LessonFigure.objects.values("digest")
    )
    # The age spares the picture of a figure whose course is just being imported again.
    pictures = FigurePicture.objects.filter(created_at__lt=horizon).exclude(
        in_use, recipe=engine_fingerprint()
    )
    return replaced + pictures.delete()[0]
