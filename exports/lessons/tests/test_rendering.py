import io

import docx
import pypdf
import pytest
from django.utils.translation import override

from academy.platform.documents.tests.rendering import text_of_docx, text_of_pdf
from exports.artifacts.models import Artifact
from exports.artifacts.selectors import artifact_store
from exports.conftest import reading
from exports.lessons.models import FigurePicture, LessonExport
from exports.lessons.rendering import lesson_export_make
from exports.lessons.selectors import EXPORT_KIND
from exports.lessons.services import lesson_export_request
from exports.lessons.tests import plain
from learning.conftest import save_and_publish
from learning.courses.services.figures import figure_put
from learning.lessons.models import Lesson
from scheduler.jobs.kinds import kind_named
from scheduler.jobs.models import Job, Status
from scheduler.jobs.services import job_cancel

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_format")]

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="#087"/></svg>'


@pytest.fixture
def ask(alice):
    def request(lesson, format="plain"):
        return lesson_export_request(reading=reading(alice, lesson), format=format)

    return request


def export_job():
    return Job.objects.filter(kind=EXPORT_KIND).latest("created_at")


def test_the_job_leaves_a_file_a_row_and_its_address(ask, lesson, work):
    ask(lesson)
    work()

    job, export = export_job(), LessonExport.objects.select_related("artifact").get()
    assert job.status == Status.SUCCEEDED
    assert job.result["download_url"] == f"/api/exports/{export.pk}/download/"
    assert job.result["file_size"] == export.artifact.size
    assert job.result["content_type"] == "text/plain"
    assert export.page_count == 1
    assert artifact_store().read(export.artifact.digest).startswith(b"The moon\n")
    assert export.artifact.inputs_hash == export.inputs_hash


def test_a_job_cancelled_between_rendering_and_finishing_leaves_no_row(ask, alice, lesson, work):
    ask(lesson)
    plain.at_end.append(lambda: job_cancel(job_id=export_job().pk, acting_user=alice))

    work()

    assert plain.rendered == ["The moon"]
    assert export_job().status in {Status.CANCELLED, Status.RUNNING}
    assert export_job().cancel_requested_at is not None
    assert export_job().result is None
    assert not LessonExport.objects.exists()
    assert not Artifact.objects.exists()


def test_a_second_run_finds_the_document_of_the_first(ask, olga, lesson, work):
    ask(lesson)
    work()
    first = LessonExport.objects.get()
    Job.objects.create(
        kind=EXPORT_KIND,
        lane="interactive",
        params={"revision_id": lesson.draft_revision_id, "format": "plain", "is_draft": False},
    )

    work()

    assert plain.rendered == ["The moon"]
    assert export_job().result["download_url"] == f"/api/exports/{first.pk}/download/"
    assert LessonExport.objects.get() == first


def test_a_lesson_that_is_gone_fails_as_not_found(ask, lesson, work):
    ask(lesson)
    lesson.course.delete()

    work()

    assert (export_job().status, export_job().error_code) == (Status.FAILED, "not_found")


def test_a_lesson_deleted_during_the_rendering_fails_as_not_found(ask, lesson, work):
    ask(lesson)
    plain.at_end.append(lesson.course.delete)

    work()

    assert (export_job().status, export_job().error_code) == (Status.FAILED, "not_found")
    assert not Artifact.objects.exists()


def test_a_lesson_edited_during_the_rendering_gets_a_stale_document(ask, lesson, work):
    def edit():
        lesson.body = "Newer."
        save_and_publish(lesson)
        plain.at_end.clear()

    ask(lesson)
    plain.at_end.append(edit)
    work()

    outcome = ask(lesson)

    assert outcome.stale is not None
    assert outcome.job != Job.objects.get(status=Status.SUCCEEDED, kind=EXPORT_KIND)


def test_a_text_that_is_too_complex_fails_with_that_code(ask, add_lesson, work):
    ask(add_lesson(body="> " * 3000))

    work()

    assert export_job().error_code == "too_complex"


def test_a_wrong_hash_on_the_row_changes_nothing(ask, lesson, work):
    Lesson.objects.filter(pk=lesson.pk).update(content_hash="")
    ask(lesson)
    work()

    assert not hasattr(ask(lesson), "job")


def test_an_svg_is_drawn_once_for_all_formats(ask, course, add_lesson, work, monkeypatch):
    figure_put(course_id=course.pk, name="fig/tide.svg", data=SVG)
    lesson = add_lesson(body="![The tide](fig/tide.svg)")
    ask(lesson)
    work()
    lesson.title = "The other moon"
    save_and_publish(lesson)
    monkeypatch.setattr("exports.lessons.rendering.to_png", pytest.fail)

    ask(lesson)
    work()

    picture = FigurePicture.objects.get()
    assert artifact_store().read(picture.digest).startswith(b"\x89PNG")
    newest = LessonExport.objects.get(replaced_at=None)
    assert artifact_store().read(picture.digest) in artifact_store().read(newest.artifact.digest)


def test_a_picture_that_vanished_is_drawn_again(ask, course, add_lesson, work):
    figure_put(course_id=course.pk, name="fig/tide.svg", data=SVG)
    lesson = add_lesson(body="![The tide](fig/tide.svg)")
    ask(lesson)
    work()
    artifact_store().path(FigurePicture.objects.get().digest).unlink()
    lesson.title = "The other moon"
    save_and_publish(lesson)

    ask(lesson)
    work()

    assert export_job().status == Status.SUCCEEDED
    assert artifact_store().has(FigurePicture.objects.get().digest)


def test_the_kind_is_declared_with_its_limits(settings):
    kind = kind_named(EXPORT_KIND)

    assert kind.lane == "interactive"
    assert (kind.soft_time_limit_seconds, kind.hard_time_limit_seconds) == (120, 150)
    assert kind.memory_limit_bytes == settings.EXPORT_MEMORY_BYTES


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("for_threads")
@pytest.mark.parametrize(
    ("format", "beginning", "pages"), [("pdf", b"%PDF-", 1), ("docx", b"PK", None)]
)
def test_real_documents_come_out(ask, course, add_lesson, work, format, beginning, pages):
    figure_put(course_id=course.pk, name="fig/tide.svg", data=SVG)
    body = "# 潮\n\nIt pulls. قمر\n\n![The tide](fig/tide.svg)"
    ask(add_lesson(title="月の引力", body=body, language="ja"), format=format)

    work()

    assert export_job().status == Status.SUCCEEDED, export_job().traceback
    export = LessonExport.objects.select_related("artifact").get()
    assert artifact_store().read(export.artifact.digest).startswith(beginning)
    assert export.page_count == pages


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("for_threads")
@pytest.mark.parametrize(
    ("format", "language", "labels"),
    [
        ("pdf", "de", ("Aufgabe", "Video:", "Seite")),
        ("docx", "de", ("Aufgabe", "Video:")),
        ("docx", "ar", ("تحدٍّ", "فيديو:")),
    ],
)
def test_labels_are_in_the_lessons_language_and_steps_in_each_readers(
    add_lesson, format, language, labels
):
    body = "::: challenge\nWas zieht?\n:::\n"
    lesson = add_lesson(
        title="Der Mond", body=body, language=language, video_url="https://v.example/1"
    )
    steps = []
    with override("de"):
        made = lesson_export_make(
            revision_id=lesson.draft_revision_id,
            format=format,
            is_draft=False,
            report=lambda _percent, step: steps.append(step),
        )
    file = io.BytesIO(artifact_store().read(made.stored.digest))
    reader = {"pdf": pypdf.PdfReader, "docx": docx.Document}[format](file)
    text = {"pdf": text_of_pdf, "docx": text_of_docx}[format](reader)
    assert [label for label in labels if label not in text] == []
    assert "Reading the lesson" in steps
    assert "Storing the file" in steps
    assert all(step.isascii() for step in steps)
