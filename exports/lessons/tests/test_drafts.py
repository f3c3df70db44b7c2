"""What is written now, and what was read before, as documents."""

import io
from datetime import timedelta

import docx
import pypdf
import pytest
from django.db.models.functions import Now

from academy.platform.documents.tests.rendering import links_of_docx, links_of_pdf
from academy.platform.errors import PermissionDeniedError
from exports.artifacts.selectors import artifact_store
from exports.conftest import reading
from exports.lessons.models import LessonExport
from exports.lessons.services import (
    Ready,
    Started,
    lesson_export_request,
    lesson_exports_expire,
)
from learning.conftest import publish, save_and_publish
from learning.courses.models import Course, CourseStaff
from learning.enrolments.models import Enrolment
from learning.lessons.errors import LessonNotFoundError
from learning.lessons.models import LessonRevision
from learning.lessons.services import lesson_save, revisions_collect
from scheduler.jobs.models import Job
from scheduler.jobs.services import job_retry
from scheduler.jobs.tests.conftest import bearer, cache, shared_cache

__all__ = ["bearer", "cache", "shared_cache"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_format", "cache")]


def links_in_pdf(data):
    return links_of_pdf(pypdf.PdfReader(io.BytesIO(data)))


def links_in_docx(data):
    return links_of_docx(docx.Document(io.BytesIO(data)))


@pytest.fixture
def edited(lesson):
    lesson.title, lesson.body = "The other moon", "It **pushes**."
    return lesson_save(lesson=lesson)


def ask(person, lesson, *, draft=False, format="plain"):
    return lesson_export_request(reading=reading(person, lesson, draft=draft), format=format)


def status(client, headers, path):
    answer = client.get(path, headers=headers)
    if answer.streaming:
        assert answer.getvalue()
    return answer.status_code


def text_of(export):
    return artifact_store().read(export.artifact.digest).decode()


def test_a_draft_and_its_release_are_two_documents(alice, ingrid, edited, work):
    assert isinstance(ask(alice, edited), Started)
    assert isinstance(ask(ingrid, edited, draft=True), Started)
    work()
    made = {export.is_draft: text_of(export) for export in LessonExport.objects.all()}
    assert made[False].startswith("The moon\n")
    assert made[True].startswith("The other moon\n")
    assert isinstance(ask(ingrid, edited), Ready)
    assert isinstance(ask(ingrid, edited, draft=True), Ready)


def test_an_assistant_exports_the_release_and_no_draft(bob, course, edited):
    CourseStaff.objects.create(course=course, person=bob, role="assistant")
    assert isinstance(ask(bob, edited), Started)
    with pytest.raises(PermissionDeniedError):
        ask(bob, edited, draft=True)


def test_the_document_of_a_draft_is_downloaded_by_instructors_alone(
    client, bearer, alice, bob, ingrid, course, edited, put_export
):
    CourseStaff.objects.create(course=course, person=bob, role="assistant")
    export = put_export(edited, is_draft=True)
    path = f"/api/exports/{export.pk}/download/"
    statuses = [status(client, bearer(person), path) for person in (alice, bob, ingrid)]
    assert statuses == [404, 403, 200]
    answer = client.get(path, headers=bearer(ingrid))
    assert answer.getvalue()
    assert 'filename="The-other-moon-Draft.' in answer["Content-Disposition"]


def test_what_is_published_is_marked_for_those_alone_who_ask_for_the_draft(
    client, bearer, ingrid, course, edited, work
):
    ask(ingrid, edited, draft=True)
    work()
    publish(course)
    marked = ask(ingrid, edited, draft=True)
    assert isinstance(marked, Ready), "the draft's text is the same, and so is its file"
    assert isinstance(ask(ingrid, edited), Started)
    work()
    released = ask(ingrid, edited)
    told = {export.pk: export.is_draft for export in LessonExport.objects.all()}
    assert told == {marked.exported.id: True, released.exported.id: False}
    path = f"/api/lessons/{edited.permalink}/export/status/?format=plain"
    for query, outcome in (("", released), ("&draft=1", marked)):
        states = client.get(path + query, headers=bearer(ingrid)).json()
        assert states["plain"]["download_url"] == outcome.exported.download_url
    client.force_login(ingrid)
    page = f"/courses/{edited.permalink}/"
    for query, mine, other in (("", released, marked), ("?draft=1", marked, released)):
        panel = client.get(page + query).content.decode()
        assert mine.exported.download_url in panel
        assert other.exported.download_url not in panel


def test_a_draft_that_equals_the_release_is_exported_by_its_instructors_alone(
    alice, bob, ingrid, course, lesson
):
    CourseStaff.objects.create(course=course, person=bob, role="assistant")
    with pytest.raises(LessonNotFoundError):
        ask(alice, lesson, draft=True)
    with pytest.raises(PermissionDeniedError):
        ask(bob, lesson, draft=True)
    assert isinstance(ask(bob, lesson), Started)
    assert isinstance(ask(ingrid, lesson, draft=True), Started)


def test_who_is_pinned_exports_the_revision_of_their_release(
    client, bearer, alice, bob, course, edited, work
):
    Course.objects.filter(pk=course.pk).update(release_policy="pinned")
    first = Course.objects.get(pk=course.pk).newest_release
    Enrolment.objects.create(course=course, person=alice, source="self", release=first)
    publish(course)
    for person in (alice, bob):
        ask(person, edited)
        work()
    hers, his = (ask(person, edited).exported for person in (alice, bob))
    texts = {export.pk: text_of(export) for export in LessonExport.objects.all()}
    assert texts[hers.id].startswith("The moon\n")
    assert texts[his.id].startswith("The other moon\n")
    fetch = {
        (person, one.id): status(client, bearer(person), one.download_url)
        for person in (alice, bob)
        for one in (hers, his)
    }
    assert fetch[alice, his.id] == 404, "it is of a later release than hers"
    assert fetch[alice, hers.id] == fetch[bob, his.id] == fetch[bob, hers.id] == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("for_threads")
@pytest.mark.parametrize("format", ["pdf", "docx"])
@pytest.mark.parametrize("is_released", [False, True], ids=["edited", "as released"])
def test_each_page_of_a_draft_says_that_it_is_one(ingrid, edited, work, format, is_released):
    edited.body = "\n\n".join(f"Paragraph {n}. " + "Words and words. " * 60 for n in range(40))
    lesson_save(lesson=edited)
    if is_released:
        publish(edited.course)
    ask(ingrid, edited, draft=True, format=format)
    work()
    data = artifact_store().read(LessonExport.objects.get().artifact.digest)
    pages = pages_of(data, format)
    assert pages
    assert all("Draft" in page for page in pages)
    ask(ingrid, edited, format=format)
    work()
    released = LessonExport.objects.get(is_draft=False)
    data = artifact_store().read(released.artifact.digest)
    assert not any("Draft" in page for page in pages_of(data, format))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("for_threads")
@pytest.mark.parametrize(
    ("format", "links_in"), [("pdf", links_in_pdf), ("docx", links_in_docx)], ids=["pdf", "docx"]
)
def test_a_documents_video_is_that_of_its_revision(ingrid, lesson, work, format, links_in):
    old, new = "https://video.example/old", "https://video.example/new"
    lesson.video_url = old
    save_and_publish(lesson)
    ask(ingrid, lesson, format=format)
    work()
    lesson.video_url = new
    lesson_save(lesson=lesson)
    assert isinstance(ask(ingrid, lesson, format=format), Ready), "its readers watch the old one"
    ask(ingrid, lesson, draft=True, format=format)
    work()
    publish(lesson.course)
    assert isinstance(ask(ingrid, lesson, format=format), Started)
    work()
    made = LessonExport.objects.order_by("generated_at")
    links = [links_in(artifact_store().read(one.artifact.digest)) for one in made]
    assert [(old in one, new in one) for one in links] == [(1, 0), (0, 1), (0, 1)]


def pages_of(data, format):
    """The texts of a PDF's pages, or of what stands on each page of a Word document."""
    if format == "pdf":
        return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages]
    return [
        "".join(paragraph.text for paragraph in section.header.paragraphs)
        for section in docx.Document(io.BytesIO(data)).sections
    ]


def test_the_document_of_a_draft_stays_when_the_draft_moved_on(ingrid, edited, work):
    ask(ingrid, edited, draft=True)
    work()
    edited.body = "It *pulls*, once more."
    lesson_save(lesson=edited)
    LessonRevision.objects.update(created_at=Now() - timedelta(days=2))
    revisions_collect(older_than_seconds=60)
    assert text_of(LessonExport.objects.get(is_draft=True)).startswith("The other moon\n")
    lesson_exports_expire(older_than_seconds=60)
    assert LessonExport.objects.filter(is_draft=True).exists()


def test_what_a_job_is_going_to_make_a_document_of_stays(ingrid, edited, work):
    ask(ingrid, edited, draft=True)
    edited.body = "It *pulls*, once more."
    lesson_save(lesson=edited)
    LessonRevision.objects.update(created_at=Now() - timedelta(days=2))
    revisions_collect(older_than_seconds=60)
    work()
    assert text_of(LessonExport.objects.get(is_draft=True)).startswith("The other moon\n")


def test_a_failed_export_is_asked_for_again_when_its_revision_is_gone(ingrid, edited):
    job = ask(ingrid, edited, draft=True).job
    Job.objects.filter(pk=job.pk).update(status="failed")
    edited.body = "It *pulls*, once more."
    lesson_save(lesson=edited)
    LessonRevision.objects.update(created_at=Now() - timedelta(days=2))
    assert revisions_collect(older_than_seconds=60) == 1
    again = job_retry(job_id=job.pk, acting_user=ingrid).job
    assert again.retry_of_id == job.pk
    assert LessonRevision.objects.filter(pk=again.params["revision_id"]).exists()
