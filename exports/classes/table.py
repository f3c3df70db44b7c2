"""A class becomes a table in a file; no row of the database is written here."""

import csv
import io
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from academy.platform.documents.spreadsheets import plain_cell
from exports.artifacts.selectors import artifact_store
from exports.classes.errors import ClassGoneError
from exports.classes.formats import ClassFormat, format_named
from exports.classes.selectors import class_inputs_hash, gone_people
from exports.classes.services import MadeClass
from learning.classes.selectors import class_enrolments
from learning.courses.models import Course
from learning.enrolments.dates import State
from learning.enrolments.sheets import end_told, moment_told
from learning.progress.models import LessonProgress
from learning.progress.selectors import with_title_read
from learning.releases.models import ReleaseLesson

Report = Callable[[float, str], None]
"""Called with percent and a step; may raise to end the work."""

_BATCH: Final = 200
_BOM: Final = "\ufeff"


def class_table_make(*, course_id: int, format: str, language: str, report: Report) -> MadeClass:
    """The class is a CSV file in the store, in UTF-8 with a byte order mark; one row a learner.

    Memory does not grow with the number of learners. Safe to run twice.

    Raises:
        ClassGoneError: there is no such course any more.
    """
    chosen = format_named(format)
    course = Course.objects.filter(pk=course_id).first()
    if course is None:
        raise ClassGoneError
    report(0, gettext_noop("Reading the class"))
    # Before the rows: what changes while they are read is not taken for known.
    inputs_hash = class_inputs_hash(course, format=format, language=language)
    gone = gone_people(course_id)
    with translation.override(language), artifact_store().writing() as draft:
        text = io.TextIOWrapper(draft.file, encoding="utf-8", newline="", write_through=True)
        text.write(_BOM)
        count = _write(csv.writer(text), course, chosen, report)
        text.detach()
        stored = draft.keep()
    return MadeClass(
        id=uuid.uuid4(),
        course_id=course_id,
        format=format,
        inputs_hash=inputs_hash,
        stored=stored,
        row_count=count,
        gone_people=gone,
    )


def _write(writer: Any, course: Course, chosen: ClassFormat, report: Report) -> int:
    lessons = _lessons(course) if chosen.has_lessons else []
    writer.writerow([*_headings(), *(plain_cell(title) for _pk, title in lessons)])
    rows = class_enrolments(course).select_related("person", "cohort", "progress", "enrolled_by")
    ids = list(rows.order_by("shown_name", "pk").values_list("pk", flat=True))
    written = 0
    for batch in _batches(ids):
        report(95 * written / max(1, len(ids)), gettext_noop("Writing the rows"))
        found = with_title_read(rows, lesson="progress__last_lesson").in_bulk(batch)
        states = _lesson_states(batch) if lessons else {}
        for pk in batch:
            if pk in found:
                row = [
                    *_cells(found[pk]),
                    *(states.get((pk, lesson), "") for lesson, _t in lessons),
                ]
                writer.writerow(row)
                written += 1
    return written


def _headings() -> list[str]:
    return [
        _("Name"),
        _("User name"),
        _("E-mail address"),
        _("State"),
        _("Cohort"),
        _("Started"),
        _("Ends"),
        _("Percent"),
        _("Completed lessons"),
        _("Lessons that count"),
        _("Last lesson"),
        _("Last active"),
    ]


def _cells(enrolment: Any) -> list[str | int]:
    person = enrolment.person
    progress = getattr(enrolment, "progress", None)
    return [
        plain_cell(str(person)),
        plain_cell(person.username),
        plain_cell(person.email),
        plain_cell(str(State(enrolment.state_now).label)),
        plain_cell(enrolment.cohort.name if enrolment.cohort else ""),
        moment_told(enrolment.started_at),
        end_told(enrolment.expires_at, person=enrolment.enrolled_by),
        enrolment.progress_percent,
        progress.completed_count if progress is not None else 0,
        progress.required_count if progress is not None else 0,
        plain_cell(enrolment.title_read),
        moment_told(progress.last_active_at if progress is not None else None),
    ]


def _lessons(course: Course) -> list[tuple[int, str]]:
    """The lessons of the newest release in their order."""
    if course.newest_release_id is None:
        return []
    entries = ReleaseLesson.objects.filter(release_id=course.newest_release_id)
    return list(entries.order_by("position").values_list("lesson_id", "revision__title"))


def _lesson_states(enrolment_ids: Sequence[int]) -> dict[tuple[int, int], str]:
    rows = LessonProgress.objects.filter(enrolment_id__in=enrolment_ids)
    completed = _("completed")
    opened = _("opened")
    done = LessonProgress.State.COMPLETED
    return {
        (enrolment, lesson): completed if state == done else opened
        for enrolment, lesson, state in rows.values_list("enrolment_id", "lesson_id", "state")
    }


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]
