"""A class as a table: who may ask, what stands in it, who may have it at that moment."""

import csv
import io
import uuid
from datetime import datetime, timedelta

import pytest
from django.db.models import F
from django.urls import reverse

from academy.accounts.models import User
from academy.accounts.services import person_anonymise
from academy.platform.documents.spreadsheets import plain_cell
from academy.platform.errors import NotFoundError, PermissionDeniedError
from exports.artifacts.selectors import artifact_store
from exports.artifacts.services import artifacts_collect, artifacts_release
from exports.classes.models import ClassExport
from exports.classes.paths import (
    class_download_path,
    class_export_api_path,
    class_export_form_path,
)
from exports.classes.selectors import CLASS_KIND
from exports.classes.services import Ready, Started, class_export_request, class_export_resubmit
from learning.courses.errors import CourseNotFoundError
from learning.courses.models import CourseStaff
from learning.enrolments.models import Cohort, Enrolment
from learning.enrolments.sheets import last_moment
from learning.lessons.models import Lesson, LessonRevision
from learning.progress.models import CourseProgress, LessonProgress
from learning.releases.models import Release, ReleaseLesson
from scheduler.jobs.models import Job, Status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]

API = "/api/courses/tides/class/export/"
FORM = "/courses/tides/class/csv/"


@pytest.fixture
def fetch(client, bearer):
    def get(url, person):
        answer = client.get(url, headers=bearer(person) if person else {})
        answer.body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return answer

    return get


def test_the_table_has_one_row_a_learner(made, table, course, enrol, alice, bob):
    spring = Cohort.objects.create(course=course, name="Spring")
    enrolment = enrol(alice, cohort=spring)
    User.objects.filter(pk=alice.pk).update(display_name="山田 花子 🌸", email="a@example.org")
    CourseProgress.objects.create(
        enrolment=enrolment, percent=50, completed_count=1, required_count=2
    )
    enrol(bob, status=Enrolment.Status.SUSPENDED)
    made()

    heading, *rows = table()

    assert heading[:4] == ["Name", "User name", "E-mail address", "State"]
    by_name = {row[1]: row for row in rows}
    assert set(by_name) == {"alice", "bob"}
    assert by_name["alice"][:5] == ["山田 花子 🌸", "alice", "a@example.org", "Open", "Spring"]
    assert by_name["alice"][7:10] == ["50", "1", "2"]
    assert by_name["bob"][3] == "Suspended"
    assert by_name["bob"][7] == "0"


@pytest.mark.parametrize(
    ("asked", "told"),
    [("2027-07-31", "2027-07-31"), ("2027-07-31T12:30:00+02:00", "2027-07-31T10:30:00Z")],
)
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "UTC"])
def test_an_end_is_told_as_it_was_asked_and_times_have_their_zone(
    made, table, enrol, ingrid, alice, asked, told, zone
):
    ingrid.time_zone = zone
    ingrid.save(update_fields=["time_zone"])
    ends = last_moment(asked, person=ingrid)
    enrolment = enrol(alice, enrolled_by=ingrid, expires_at=ends)
    made()

    row = table()[1]

    assert row[6] == told
    assert last_moment(row[6], person=ingrid) == ends
    assert datetime.fromisoformat(row[5]) == enrolment.started_at.replace(microsecond=0)
    assert row[5].endswith("Z")


def test_the_file_begins_with_a_byte_order_mark(made, fetch, ingrid, enrol, alice):
    enrol(alice)

    answer = fetch(made(), ingrid)

    assert answer.body.startswith(b"\xef\xbb\xbfName,")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="Tides.csv"')
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"


@pytest.mark.parametrize(
    "name",
    [
        "=cmd|'/c calc'!A1",
        "+1+1",
        "-2+3",
        "@SUM(1)",
        "|calc",
        "%00",
        "  =1+1",
        "\t=1+1",
        "\r\n=1+1",
        "\uff1d1+1",
        "\u202e=1",
        "'=1",
    ],
)
def test_no_cell_is_a_formula(made, table, enrol, alice, name):
    User.objects.filter(pk=alice.pk).update(display_name=name)
    enrol(alice)
    made()

    cell = table()[1][0]

    assert cell.startswith("'")
    assert cell.strip() == cell


@pytest.mark.parametrize("name", ["ليلى", "👩‍🎓 Ada", 'said "hi", twice', "1-2", "a=b"])
def test_other_cells_stand_as_they_are(name):
    assert plain_cell(name) == name
    out = io.StringIO(newline="")
    csv.writer(out).writerow([plain_cell(name)])
    assert next(csv.reader(io.StringIO(out.getvalue(), newline=""))) == [name]


def test_a_class_without_anybody_is_a_heading(made, table):
    made()

    assert len(table()) == 1


def test_lessons_have_columns_of_their_own(made, table, course, add_lesson, enrol, alice, bob):
    release = Release.objects.create(
        course=course, number=1, title="Tides", language="en", lesson_count=2, required_count=2
    )
    for place, slug in enumerate(("moon", "sun")):
        lesson = add_lesson(slug, title=f"={slug}")
        revision = LessonRevision.objects.create(
            lesson=lesson,
            content_hash="f" * 64,
            title=lesson.title,
            language="en",
            access="free",
            course_slug="tides",
            course_title="Tides",
        )
        ReleaseLesson.objects.create(
            release=release, lesson=lesson, revision=revision, position=place
        )
    course.newest_release = release
    course.save(update_fields=["newest_release"])
    theirs = enrol(alice)
    enrol(bob)
    moon = Lesson.objects.get(slug="moon")
    LessonProgress.objects.create(enrolment=theirs, lesson=moon, state="completed")
    made("csv-lessons")

    heading, *rows = table()

    assert heading[-2:] == ["'=moon", "'=sun"]
    assert [row[-2:] for row in rows] == [["completed", ""], ["", ""]]


@pytest.mark.parametrize("title", ["待ち行列", "=الطوابير"])
def test_the_last_lesson_is_called_as_its_learner_reads_it(
    made, table, add_lesson, enrol, alice, bob, title
):
    lesson = add_lesson("moon", title=title)
    for person, last in ((alice, lesson), (bob, None)):
        CourseProgress.objects.create(enrolment=enrol(person), last_lesson=last)
    Lesson.objects.filter(pk=lesson.pk).update(title="A draft")
    made()

    assert [row[10] for row in table()[1:]] == [plain_cell(title), ""]


def test_a_thousand_learners_take_few_queries(
    course, django_user_model, django_assert_max_num_queries, ingrid, work_class, table
):
    people = django_user_model.objects.bulk_create(
        django_user_model(username=f"crowd{n}") for n in range(1000)
    )
    Enrolment.objects.bulk_create(
        Enrolment(course=course, person=person, source="instructor") for person in people
    )
    class_export_request(person=ingrid, course=course, format="csv")

    with django_assert_max_num_queries(60):
        work_class()

    assert len(table()) == 1001


def test_whoever_asks_at_once_joins_the_same_job(course, ingrid, asa, enrol, alice):
    enrol(alice)

    first = class_export_request(person=ingrid, course=course, format="csv")
    second = class_export_request(person=asa, course=course, format="csv")

    assert isinstance(first, Started)
    assert isinstance(second, Started)
    assert second.submission.joined
    assert second.submission.job.pk == first.submission.job.pk


def test_what_was_made_just_now_is_ready_until_somebody_moves(
    course, ingrid, made, enrol, alice, bob
):
    enrolment = enrol(alice)
    made()

    assert isinstance(class_export_request(person=ingrid, course=course, format="csv"), Ready)
    CourseProgress.objects.create(enrolment=enrolment, percent=10)
    assert isinstance(class_export_request(person=ingrid, course=course, format="csv"), Started)


def test_after_some_minutes_it_is_made_anew_because_names_leave_no_mark(
    course, ingrid, made, enrol, alice
):
    enrol(alice)
    made()
    ClassExport.objects.update(generated_at=F("generated_at") - timedelta(minutes=10))

    assert isinstance(class_export_request(person=ingrid, course=course, format="csv"), Started)


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("ingrid", 202),
        ("asa", 202),
        ("olga", 202),
        ("alice", 403),
        ("bob", 403),
        (None, 401),
    ],
)
def test_who_may_ask(request, ask, enrol, alice, role, status):
    enrol(alice)
    person = request.getfixturevalue(role) if role else None

    assert ask(person).status_code == status


def test_the_answer_is_a_job_and_where_to_follow_it(ask, ingrid, course):
    answer = ask(ingrid)

    job = Job.objects.get(kind=CLASS_KIND)
    assert answer["Location"] == f"/async-monitoring/tasks/{job.pk}/status/"
    assert answer.json()["task_id"] == str(job.pk)
    assert answer.json()["format"] == "csv"
    assert job.lane == "default"
    assert job.title == "Tides - CSV"


def test_the_same_key_makes_one_job(ask, ingrid, course):
    headers = {"Idempotency-Key": "again"}

    first, second = (ask(ingrid, **headers) for _ in range(2))

    assert first.json()["task_id"] == second.json()["task_id"]
    assert second["Idempotency-Replayed"] == "true"
    assert ask(ingrid, "csv-lessons", **headers).status_code == 422


@pytest.mark.parametrize("body", [{}, {"format": "xls"}, {"format": None}, {"format": ["csv"]}])
def test_other_formats_are_refused(client, bearer, ingrid, course, body):
    answer = client.post(API, body, content_type="application/json", headers=bearer(ingrid))

    assert answer.status_code == 400


def test_only_who_may_export_the_class_downloads_it_at_that_moment(
    fetch, made, ingrid, asa, olga, alice, bob, enrol
):
    enrol(alice)
    url = made()

    assert [fetch(url, person).status_code for person in (ingrid, asa, olga)] == [200, 200, 200]
    assert [fetch(url, person).status_code for person in (alice, bob)] == [404, 404]
    assert fetch(url, None).status_code == 401
    CourseStaff.objects.all().delete()
    assert fetch(url, asa).status_code == 404


def test_it_expires_and_its_file_goes(fetch, made, ingrid, settings):
    url = made()
    ClassExport.objects.update(
        generated_at=F("generated_at") - timedelta(seconds=settings.EXPORT_TTL_SECONDS + 1)
    )
    digest = ClassExport.objects.get().artifact.digest

    assert fetch(url, ingrid).status_code == 404
    artifacts_release()
    assert not ClassExport.objects.exists()
    artifacts_collect(older_than_seconds=-1)
    assert not artifact_store().has(digest)


def test_no_file_names_who_deleted_their_account(fetch, made, ingrid, alice, enrol):
    enrol(alice)
    url = made()
    assert b"alice" in fetch(url, ingrid).body
    person_anonymise(person_id=alice.pk)
    assert fetch(url, ingrid).status_code == 404
    assert b"alice" not in fetch(made(), ingrid).body


def test_a_file_that_vanished_is_not_here(fetch, made, ingrid):
    url = made()
    artifact_store().path(ClassExport.objects.get().artifact.digest).unlink()

    assert fetch(url, ingrid).status_code == 404
    assert not ClassExport.objects.exists()


def test_what_is_not_there_is_not_found(fetch, ingrid, course):
    assert fetch(class_download_path(uuid.uuid4()), ingrid).status_code == 404


def test_a_cancelled_job_leaves_no_file(ask, ingrid, course, work_class):
    ask(ingrid)
    Job.objects.update(cancel_requested_at=F("created_at"))

    work_class()

    assert not ClassExport.objects.exists()


def test_trying_again_asks_with_the_rights_of_now(ask, ingrid, asa, course):
    job = Job.objects.get(pk=ask(asa).json()["task_id"])
    CourseStaff.objects.all().delete()

    with pytest.raises((NotFoundError, PermissionDeniedError)):
        class_export_resubmit(params=job.params, person_id=asa.pk, retry_of=job.pk)
    again = class_export_resubmit(params=job.params, person_id=ingrid.pk, retry_of=job.pk)
    assert again.job.params == job.params


def test_of_a_course_that_is_gone_nothing_is_made(ask, ingrid, course, work_class):
    job = Job.objects.get(pk=ask(ingrid).json()["task_id"])
    params = job.params
    course.delete()

    work_class()

    job.refresh_from_db()
    assert job.status == Status.FAILED
    with pytest.raises(CourseNotFoundError):
        class_export_resubmit(params=params, person_id=ingrid.pk, retry_of=job.pk)


def test_paths_are_those_of_the_routes(course):
    some = uuid.uuid4()

    assert class_download_path(some) == reverse("class-exports:download", args=[some])
    assert class_export_api_path("tides") == reverse("class-exports:api", args=["tides"])
    assert class_export_form_path("tides") == reverse("class-exports:form", args=["tides"])
