"""Files of a class name nobody who left."""

import pytest

from academy.accounts.models import User
from academy.accounts.services import person_anonymise
from exports.artifacts.selectors import artifact_store
from exports.classes import tasks
from exports.classes.models import ClassExport
from exports.classes.services import class_export_record
from exports.classes.table import class_table_make
from scheduler.jobs.models import Job

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]


@pytest.fixture
def seat(enrol, alice):
    User.objects.filter(pk=alice.pk).update(display_name="Alice Realname", email="a@real.org")
    return enrol(alice)


def made(course):
    return class_table_make(
        course_id=course.pk, format="csv", language="en", report=lambda *_said: None
    )


def test_a_file_that_was_made_while_somebody_left_is_made_anew(
    course, seat, alice, ask, ingrid, work_class, table, monkeypatch
):
    def leaves(**given):
        done = class_table_make(**given)
        person_anonymise(person_id=alice.pk)
        return done

    ask(ingrid)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(tasks, "class_table_make", leaves)
        work_class()
    job = Job.objects.get()
    assert (job.status, job.error_code) == ("retrying", "class_left")
    assert not ClassExport.objects.exists()
    Job.objects.update(run_at=job.created_at)
    work_class()
    assert "Realname" not in str(table())
    assert len(table()) == 2


def test_the_bytes_of_a_file_that_names_them_go_with_the_person(
    course, seat, alice, django_capture_on_commit_callbacks
):
    class_export_record(made=made(course))
    path = artifact_store().path(ClassExport.objects.get().artifact.digest)
    assert path.exists()
    with django_capture_on_commit_callbacks(execute=True):
        person_anonymise(person_id=alice.pk)
    assert not ClassExport.objects.exists()
    assert not path.exists()
