"""The class of a course on tides; alice and bob learn in it, asa assists."""

import csv
import io
from dataclasses import replace

import pytest
from django.db import connection

from exports.artifacts.selectors import artifact_store
from exports.classes.models import ClassExport
from exports.classes.paths import class_export_api_path
from exports.classes.selectors import CLASS_KIND
from learning.courses.models import CourseStaff, StaffRole
from learning.enrolments.models import Enrolment
from scheduler.jobs.kinds import kind_named
from scheduler.jobs.models import WAITING, Job, Status
from scheduler.jobs.tasks.running import execute


@pytest.fixture
def asa(course, django_user_model):
    someone = django_user_model.objects.create_user("asa")
    CourseStaff.objects.create(course=course, person=someone, role=StaffRole.ASSISTANT)
    return someone


@pytest.fixture
def enrol(course):
    def make(person, **values):
        return Enrolment.objects.create(
            course=course, person=person, source=Enrolment.Source.INSTRUCTOR, **values
        )

    return make


@pytest.fixture
def work_class(monkeypatch):
    """Runs the exports of classes that wait, as a worker would."""
    if connection.in_atomic_block:
        # A worker's connections are its own; this one carries the test's transaction.
        monkeypatch.setattr("scheduler.jobs.tasks.running.close_old_connections", lambda: None)

    def run():
        waiting = Job.objects.filter(kind=CLASS_KIND, status__in=WAITING).order_by("created_at")
        ids = [str(pk) for pk in waiting.values_list("pk", flat=True)]
        for job_id in ids:
            execute(
                replace(kind_named(CLASS_KIND), memory_limit_bytes=None), job_id=job_id, worker="w1"
            )
        return len(ids)

    return run


@pytest.fixture
def table():
    """The rows of the newest file, as a spreadsheet reads them."""

    def read():
        export = ClassExport.objects.select_related("artifact").latest("generated_at")
        text = artifact_store().read(export.artifact.digest).decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text, newline="")))

    return read


@pytest.fixture
def ask(client, bearer):
    def post(person, format="csv", **headers):
        who = bearer(person) if person else {}
        return client.post(
            class_export_api_path("tides"),
            {"format": format},
            content_type="application/json",
            headers={**who, **headers},
        )

    return post


@pytest.fixture
def made(ask, ingrid, course, work_class):
    """A file of the class, asked for by its owner."""

    def make(format="csv"):
        assert ask(ingrid, format).status_code == 202
        assert work_class() == 1
        job = Job.objects.filter(kind=CLASS_KIND).latest("created_at")
        assert job.status == Status.SUCCEEDED, job.error_detail
        return job.result["download_url"]

    return make
