import os
import time

import pytest
from django.conf import settings

from exports.artifacts.models import Artifact
from exports.artifacts.selectors import artifact_store
from exports.artifacts.services import artifact_record, artifacts_collect, artifacts_release
from exports.lessons.models import FigurePicture, LessonExport
from scheduler.jobs import kinds

pytestmark = pytest.mark.django_db
HOUR = 3600


def put(data):
    stored = artifact_store().put(data)
    return artifact_record(stored=stored, inputs_hash="", content_type="text/plain")


def old_file(digest):
    long_ago = time.time() - 2 * HOUR
    os.utime(artifact_store().path(digest), (long_ago, long_ago))


def collect():
    return artifacts_collect(older_than_seconds=HOUR)


def test_an_artifact_that_nothing_refers_to_goes_with_its_file_when_it_is_old(age):
    artifact = put(b"nobody's")
    age(artifact, created_at=2 * HOUR)
    old_file(artifact.digest)

    assert collect() == (1, 1)
    assert not Artifact.objects.exists()
    assert not artifact_store().has(artifact.digest)


def test_what_is_young_stays():
    artifact = put(b"just made")

    assert collect() == (0, 0)
    assert artifact_store().has(artifact.digest)


def test_what_an_export_refers_to_stays_however_old(lesson, put_export, age):
    export = put_export(lesson)
    age(export.artifact, created_at=9 * HOUR)
    old_file(export.artifact.digest)

    assert collect() == (0, 0)
    assert artifact_store().has(export.artifact.digest)


def test_a_file_without_a_row_goes_when_it_is_old():
    """Such as that of a job that was cancelled after it had rendered."""
    stored = artifact_store().put(b"of a cancelled job")
    assert collect() == (0, 0)
    old_file(stored.digest)

    assert collect() == (0, 1)


def test_a_file_stays_while_one_of_two_rows_needs_it(lesson, put_export, age):
    needed = put_export(lesson, data=b"same")
    other = put(b"same")
    age(other, created_at=2 * HOUR)
    old_file(needed.artifact.digest)

    assert collect() == (1, 0)
    assert artifact_store().has(needed.artifact.digest)


def test_a_replaced_export_serves_for_a_grace_time_and_then_goes(
    lesson, put_export, age, monkeypatch
):
    first = put_export(lesson, data=b"first")
    second = put_export(lesson, data=b"second")
    first.refresh_from_db()
    assert first.replaced_at is not None

    assert artifacts_release() == 0
    age(first, replaced_at=settings.FILE_GRACE_SECONDS + 60)
    assert artifacts_release() == 0, "it is young: the lesson may become again what it was"
    age(first, generated_at=settings.EXPORT_TTL_SECONDS + 60)
    assert artifacts_release() == 1

    assert list(LessonExport.objects.all()) == [second]


def test_the_exports_of_a_deleted_lesson_go(lesson, put_export, age):
    artifact = put_export(lesson).artifact
    age(artifact, created_at=2 * HOUR)
    old_file(artifact.digest)

    lesson.course.delete()

    assert collect() == (1, 1)


def test_the_picture_of_a_figure_stays_while_the_figure_does(course, age):
    stored = artifact_store().put(b"\x89PNG")
    picture = FigurePicture.objects.create(
        source_digest="0" * 64, recipe="old", digest=stored.digest
    )
    old_file(stored.digest)

    assert collect() == (0, 0)
    age(picture, created_at=settings.FILE_GRACE_SECONDS + 60)
    assert artifacts_release() == 1
    assert collect() == (0, 1)


def test_an_open_file_can_be_read_to_its_end_after_it_was_collected(tmp_path):
    stored = artifact_store().put(b"x" * 200_000)
    with artifact_store().path(stored.digest).open("rb") as file:
        begun = file.read(10)
        old_file(stored.digest)
        assert collect() == (0, 1)
        assert len(begun + file.read()) == 200_000


def test_the_collection_is_a_periodic_job_of_the_maintenance_lane():
    kind = kinds.kind_named("exports.collect")

    assert kind.lane == "maintenance"
    assert kind.every_seconds == settings.CLEANUP_SECONDS
