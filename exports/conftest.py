"""alice and bob learn, ingrid owns the course, olga operates; documents are plain text and quick."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F

from academy.accounts.models import Role, User
from exports.artifacts.selectors import artifact_store
from exports.lessons import formats
from exports.lessons.formats import LessonFormat
from exports.lessons.inputs import lesson_inputs_hash
from exports.lessons.models import LessonExport
from exports.lessons.selectors import EXPORT_KIND
from exports.lessons.services import Made, lesson_export_record
from exports.lessons.tests import plain
from learning.conftest import save_and_publish
from learning.courses.models import Course, Status
from learning.lessons.models import Lesson
from learning.lessons.selectors import reading_of
from learning.rights.selectors import standing_of
from scheduler.jobs.kinds import kind_named
from scheduler.jobs.models import WAITING, Job
from scheduler.jobs.tasks.running import execute
from scheduler.jobs.tests.conftest import bearer, cache, for_threads, shared_cache

__all__ = ["bearer", "cache", "for_threads", "shared_cache"]


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def alice(db):
    return User.objects.create_user("alice")


@pytest.fixture
def bob(db):
    return User.objects.create_user("bob")


@pytest.fixture
def ingrid(db):
    return User.objects.create_user("ingrid", role=Role.INSTRUCTOR, display_name="Ingrid")


@pytest.fixture
def olga(db):
    return User.objects.create_user("olga", role=Role.OPERATOR)


@pytest.fixture
def course(ingrid):
    return Course.objects.create(slug="tides", title="Tides", owner=ingrid, status=Status.PUBLISHED)


@pytest.fixture
def add_lesson(course):
    def add(slug="moon", **more):
        values = {
            "title": "The moon",
            "body": "It *pulls*.",
            "status": Status.PUBLISHED,
            **more,
        }
        return save_and_publish(Lesson(course=course, slug=slug, **values))

    return add


@pytest.fixture
def lesson(add_lesson):
    return add_lesson()


def reading(person, lesson, *, draft=False):
    """The lesson as the person reads it now."""
    lesson = Lesson.objects.select_related("course__owner", "course__newest_release").get(
        pk=lesson.pk
    )
    return reading_of(standing_of(person, course_id=lesson.course_id), lesson, draft=draft)


@pytest.fixture
def plain_format():
    """A format that needs no layout engine."""
    made = LessonFormat(
        identifier="plain",
        label="Text",
        content_type="text/plain",
        extension="txt",
        writer="exports.lessons.tests.plain.write_plain",
    )
    formats.register(made)
    plain.reset()
    yield made
    formats.forget("plain")


@pytest.fixture
def work(monkeypatch):
    """Runs the exports that wait, as a worker would; returns how many there were."""
    if connection.in_atomic_block:
        # A worker's connections are its own; this one carries the test's transaction.
        monkeypatch.setattr("scheduler.jobs.tasks.running.close_old_connections", lambda: None)

    def run():
        waiting = Job.objects.filter(kind=EXPORT_KIND, status__in=WAITING).order_by("created_at")
        ids = [str(pk) for pk in waiting.values_list("pk", flat=True)]
        # The limit is for a process of its own; this one has grown with all tests before.
        kind = replace(kind_named(EXPORT_KIND), memory_limit_bytes=None)
        for job_id in ids:
            execute(kind, job_id=job_id, worker="w1")
        return len(ids)

    return run


@pytest.fixture
def put_export():
    """The lesson has a fresh document with these bytes."""

    def put(lesson, *, format="pdf", data=b"0123456789", is_draft=False):
        lesson = Lesson.objects.select_related("course__owner", "draft_revision").get(pk=lesson.pk)
        revision = lesson.draft_revision
        made = Made(
            id=uuid.uuid4(),
            revision_id=revision.pk,
            lesson_id=lesson.pk,
            is_draft=is_draft,
            format=format,
            inputs_hash=lesson_inputs_hash(
                lesson, content_hash=revision.content_hash, format=format, is_draft=is_draft
            ),
            stored=artifact_store().put(data),
            page_count=3,
        )
        lesson_export_record(made=made)
        return LessonExport.objects.select_related("artifact").get(pk=made.id)

    return put


@pytest.fixture
def age():
    """Moves a time of a row into the past: age(export, generated_at=60)."""

    def shift(row, **seconds):
        moved = {name: F(name) - timedelta(seconds=by) for name, by in seconds.items()}
        assert type(row).objects.filter(pk=row.pk).update(**moved) == 1

    return shift
