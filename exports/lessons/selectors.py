"""Reading exports: which stand, which are fresh, and what pages and API say of them."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import BigIntegerField, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Now

from academy.accounts.models import User
from academy.accounts.permissions import require
from exports.lessons.errors import ExportNotFoundError
from exports.lessons.formats import formats
from exports.lessons.inputs import lesson_inputs_hash
from exports.lessons.models import FigurePicture, LessonExport
from exports.lessons.paths import download_path
from learning.courses.paths import lesson_path
from learning.lessons.errors import LessonNotFoundError
from learning.lessons.models import Lesson
from learning.lessons.selectors import Access, Reading, reading_of, reading_require_full
from learning.releases.models import ReleaseLesson
from learning.rights.selectors import standing_of
from scheduler.jobs.models import FINISHED, UNFINISHED, Job, Status
from scheduler.jobs.selectors import StatusDocument, status_documents

EXPORT_KIND: Final = "exports.lesson_document"
_FAILURE_SHOWN_SECONDS: Final = 3600
_FAILED: Final = (Status.FAILED, Status.DEAD)


@dataclass(frozen=True, slots=True)
class Exported:
    """A document that can be downloaded; `is_fresh` False: its successor should be made.

    `is_current` False: another one came after it, and then the lesson's content came back.
    """

    id: uuid.UUID
    format: str
    download_url: str
    generated_at: datetime
    file_size: int
    content_type: str
    page_count: int | None
    is_fresh: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class FormatState:
    """A lesson in one format, for one person; `document` is their job for it, None without one."""

    format: str
    label: str
    exported: Exported | None
    document: StatusDocument | None

    @property
    def download_url(self) -> str | None:
        """Where the document is downloaded."""
        return self.exported.download_url if self.exported else None

    @property
    def generated_at(self) -> datetime | None:
        """When the document was made."""
        return self.exported.generated_at if self.exported else None

    @property
    def file_size(self) -> int | None:
        """Bytes of the document."""
        return self.exported.file_size if self.exported else None

    @property
    def is_stale(self) -> bool:
        """True when there is a document, and it is an old one."""
        return self.exported is not None and not self.exported.is_fresh

    @property
    def task_id(self) -> str | None:
        """The job's id."""
        return self.document["task_id"] if self.document else None

    @property
    def status(self) -> str:
        """The job's state; without a job `succeeded` when there is a document, else `none`."""
        if self.document:
            return self.document["status"]
        return Status.SUCCEEDED.value if self.exported else "none"

    @property
    def progress(self) -> int:
        """Percent, 0 to 100."""
        if self.document:
            return self.document["progress"]
        return 100 if self.exported else 0


def reading_hash(reading: Reading, *, format: str) -> str:
    """What a document of that reading is made of; no query."""
    return lesson_inputs_hash(
        reading.lesson,
        content_hash=reading.revision.content_hash,
        format=format,
        is_draft=reading.is_marked,
    )


def exports_current(reading: Reading) -> dict[str, Exported]:
    """The best document in each format that has one; one query.

    A fresh one wins, even one that was replaced: documents are known by what they are made of.
    """
    wanted = {identifier: reading_hash(reading, format=identifier) for identifier in formats()}
    exported = [
        _exported(row, is_fresh=_is_young(row) and row.inputs_hash == wanted.get(row.format))
        for row in _standing(reading, inputs_hashes=wanted.values())
        if row.replaced_at is None or _is_young(row)
    ]
    by_worth = sorted(exported, key=lambda one: (one.is_fresh, one.is_current))
    return {one.format: one for one in by_worth}


def export_current(reading: Reading, *, format: str) -> Exported | None:
    """The best document in that format, fresh or not."""
    return exports_current(reading).get(format)


def export_current_id(reading: Reading, *, format: str) -> uuid.UUID | None:
    """Which document is the current one in that format; one small query."""
    rows = LessonExport.objects.filter(
        lesson=reading.lesson, format=format, is_draft=reading.is_marked, replaced_at=None
    )
    return rows.values_list("pk", flat=True).first()


def export_for_inputs(*, revision_id: int, format: str, inputs_hash: str) -> Exported | None:
    """A young document in that format that is made from exactly these inputs."""
    rows = LessonExport.objects.filter(
        young(), revision_id=revision_id, format=format, inputs_hash=inputs_hash
    )
    row = rows.select_related("artifact").order_by("generated_at").last()
    return _exported(row, is_fresh=True) if row is not None else None


def picture_digests() -> set[str]:
    """The files that hold pictures of figures."""
    return set(FigurePicture.objects.values_list("digest", flat=True))


def young() -> Q:
    """Documents that may be fresh, if their inputs are the lesson's."""
    horizon = Now() - timedelta(seconds=settings.EXPORT_TTL_SECONDS)
    return Q(generated_at__gt=horizon, renewal_asked_at=None)


def _standing(reading: Reading, *, inputs_hashes: Collection[str]) -> QuerySet[LessonExport]:
    """The current documents and those made of these inputs, the newest last.

    Those of earlier revisions are among them, which serve until a new one stands; those of later
    ones are not the person's.
    """
    rows = LessonExport.objects.filter(
        Q(replaced_at=None) | Q(inputs_hash__in=inputs_hashes),
        lesson=reading.lesson,
        is_draft=reading.is_marked,
        revision_id__lte=reading.revision.pk or 0,
    )
    return rows.select_related("artifact").annotate(is_young=young()).order_by("generated_at")


def _is_young(row: LessonExport) -> bool:
    return bool(getattr(row, "is_young", False))


def _exported(row: LessonExport, *, is_fresh: bool) -> Exported:
    return Exported(
        id=row.pk,
        format=row.format,
        download_url=download_path(row.pk),
        generated_at=row.generated_at,
        file_size=row.artifact.size,
        content_type=row.artifact.content_type,
        page_count=row.page_count,
        is_fresh=is_fresh,
        is_current=row.replaced_at is None,
    )


def format_states(reading: Reading, *, person: User) -> list[FormatState]:
    """Each format as this person sees it. The number of queries is constant."""
    exported = exports_current(reading)
    newest = _newest_jobs(reading, person_id=person.pk)
    shown = {
        job_format: job.pk
        for job_format, job in newest.items()
        if job.status in UNFINISHED
        or (job.status in _FAILED and not _is_fresh(exported.get(job_format)))
    }
    documents = status_documents(list(shown.values()), person_id=person.pk) if shown else {}
    return [
        FormatState(
            format=identifier,
            label=str(known.label),
            exported=exported.get(identifier),
            document=documents.get(str(shown.get(identifier))),
        )
        for identifier, known in formats().items()
    ]


def _is_fresh(exported: Exported | None) -> bool:
    return exported is not None and exported.is_fresh


def _newest_jobs(reading: Reading, *, person_id: int) -> dict[str, Job]:
    """By format: the person's newest job for it that has not ended, or ended lately."""
    lately = Now() - timedelta(seconds=_FAILURE_SHOWN_SECONDS)
    jobs = Job.objects.filter(
        Q(finished_at=None) | Q(status__in=FINISHED, finished_at__gt=lately),
        kind=EXPORT_KIND,
        subject=lesson_subject(reading.lesson.pk),
        watches__person_id=person_id,
        watches__withdrawn_at=None,
    )
    found: dict[str, Job] = {}
    for job in jobs.only("pk", "status", "params").order_by("-created_at", "-pk"):
        if bool(job.params.get("is_draft")) == reading.is_marked:
            found.setdefault(str(job.params.get("format")), job)
    return found


def revisions_exported() -> QuerySet[Any, Any]:
    """The ids of revisions of which a document stands."""
    return LessonExport.objects.order_by().values_list("revision_id")


def revisions_in_work() -> QuerySet[Any, Any]:
    """The ids of revisions of which a job makes a document, or is going to."""
    jobs = Job.objects.filter(kind=EXPORT_KIND, status__in=UNFINISHED).order_by()
    wanted = Cast(KeyTextTransform("revision_id", "params"), BigIntegerField())
    return jobs.annotate(wanted=wanted).values_list("wanted")


def lesson_subject(lesson_id: int | str) -> str:
    """What jobs about the lesson have as their subject."""
    return f"lesson:{lesson_id}"


def lesson_of_job(job_id: uuid.UUID) -> Lesson | None:
    """The lesson that the job is about; what it was to be made of may be gone. Two queries."""
    subject = Job.objects.filter(pk=job_id).values_list("subject", flat=True).first() or ""
    key = subject.removeprefix(lesson_subject(""))
    lessons = Lesson.objects.select_related("course__owner", "course__newest_release")
    return lessons.filter(pk=int(key)).first() if key.isdecimal() else None


def export_for(person: User, export_id: uuid.UUID) -> LessonExport:
    """The export, for somebody who may read what it was made of at this moment.

    Raises:
        ExportNotFoundError: there is none, or the lesson is none of the person's business.
        LessonLockedError: the person has no access to the premium lesson.
        LessonNotOpenError: the lesson is not open to the person yet.
        PermissionDeniedError: a draft, which those who only look at the course do not export.
    """
    rows = LessonExport.objects.select_related(
        "artifact", "revision", "lesson__course__owner", "lesson__course__newest_release"
    )
    export = rows.filter(pk=export_id).first()
    if export is None:
        raise ExportNotFoundError
    standing = standing_of(person, course_id=export.lesson.course_id)
    try:
        reading = reading_of(standing, export.lesson)
    except LessonNotFoundError:
        raise ExportNotFoundError from None
    if export.is_draft:
        if not standing.teaches(export.lesson.course):
            raise ExportNotFoundError
        require(person, "lesson.export_draft", export.lesson.course)
        return export
    if not _was_read(reading, export):
        raise ExportNotFoundError
    reading_require_full(reading)
    return export


def _was_read(reading: Reading, export: LessonExport) -> bool:
    """Whether the export is of what the person reads, or of what they read before."""
    if export.revision_id == reading.revision.pk:
        return True
    entries = ReleaseLesson.objects.filter(
        revision_id=export.revision_id, release__course_id=reading.course.pk
    )
    if reading.release is not None:
        entries = entries.filter(release__number__lte=reading.release.number)
    return entries.exists()


def readable_exports(readings: Sequence[Reading]) -> QuerySet[LessonExport]:
    """Documents of those of `readings` that the person reads in full, the newest last.

    Drafts are not told of in lists.
    """
    revisions = [
        reading.revision.pk
        for reading in readings
        if reading.access is Access.FULL and not reading.is_draft
    ]
    standing = LessonExport.objects.filter(
        Q(replaced_at=None) | young(), revision_id__in=revisions, is_draft=False
    )
    return standing.order_by("generated_at")


def download_urls(readings: Sequence[Reading], *, format: str) -> dict[int, str]:
    """Download addresses by lesson id; lessons without such a document are left out."""
    rows = readable_exports(readings).filter(format=format)
    return {lesson_id: download_path(pk) for lesson_id, pk in rows.values_list("lesson_id", "pk")}


def newest_times(readings: Sequence[Reading]) -> dict[int, datetime]:
    """When the newest document of each lesson was made."""
    return dict(readable_exports(readings).values_list("lesson_id", "generated_at"))


def lesson_urls(keys: Iterable[str]) -> Mapping[str, str]:
    """Pages of lessons by id; ids without a lesson are left out. One query."""
    ids = [int(key) for key in keys if key.isascii() and key.isdigit() and len(key) < 19]
    lessons = Lesson.objects.filter(pk__in=ids).values_list("pk", "course__slug", "slug")
    return {str(pk): lesson_path(f"{course}/{slug}") for pk, course, slug in lessons}
