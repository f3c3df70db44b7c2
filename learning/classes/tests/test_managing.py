"""Enrolling, cohorts, keys and lists, on the pages of the class."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from academy.accounts.models import User
from learning.classes.paths import list_path
from learning.courses.models import Course
from learning.enrolments.models import Cohort, Enrolment, EnrolmentKey, EnrolmentList
from learning.enrolments.services.lists import LIST_KIND
from scheduler.jobs.kinds import kind_named
from scheduler.jobs.models import WAITING, Job
from scheduler.jobs.subjects import subject_urls
from scheduler.jobs.tasks.running import execute

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]

CLASS = "/courses/shells/class/"


@pytest.fixture
def teach(signed_in, ingrid, release):
    """Ingrid's browser."""
    return signed_in(ingrid)


@pytest.fixture
def work(monkeypatch):
    if connection.in_atomic_block:
        # A worker's connections are its own; this one carries the test's transaction.
        monkeypatch.setattr("scheduler.jobs.tasks.running.close_old_connections", lambda: None)

    def run():
        for job in list(Job.objects.filter(kind=LIST_KIND, status__in=WAITING)):
            execute(kind_named(LIST_KIND), job_id=str(job.pk), worker="w1")

    return run


@pytest.fixture
def foreign(ingrid):
    """A cohort and a key of another course of ingrid's."""
    other = Course.objects.create(slug="other", title="Other", owner=ingrid)
    cohort = Cohort.objects.create(course=other, name="Theirs")
    return cohort, EnrolmentKey.objects.create(course=other, key="their-key")


@pytest.mark.parametrize("who", ["bob", "BOB", "bob@example.org", " Bob@Example.org "])
def test_somebody_is_enrolled_by_name_or_address(teach, bob, course, who):
    User.objects.filter(pk=bob.pk).update(email="bob@example.org")
    cohort = Cohort.objects.create(course=course, name="Spring")

    answer = teach.post(f"{CLASS}enrol/", {"who": who, "cohort": cohort.pk})

    assert (answer.status_code, answer["Location"]) == (303, CLASS)
    enrolment = Enrolment.objects.get(course=course, person=bob)
    assert (enrolment.cohort, enrolment.enrolled_by.username) == (cohort, "ingrid")


@pytest.mark.parametrize("who", ["", "nobody", "a\x00b", "x" * 300, "nobody@example.org", "😀"])
def test_nobody_is_refused_beside_the_field(teach, course, who):
    answer = teach.post(f"{CLASS}enrol/", {"who": who})

    assert answer.status_code == 400
    assert "field-error" in answer.content.decode()
    assert not Enrolment.objects.exists()


def test_from_a_refused_form_filters_and_pages_of_the_class_go_on(teach):
    answer = teach.get(f"{CLASS}enrol/", {"page": "2", "q": "アリス"})

    assert (answer.status_code, answer["Location"]) == (
        302,
        f"{CLASS}?page=2&q=%E3%82%A2%E3%83%AA%E3%82%B9",
    )


def test_a_full_course_says_so(teach, bob, alice, course, enrol):
    Course.objects.filter(pk=course.pk).update(seat_limit=1)
    enrol(alice)

    answer = teach.post(f"{CLASS}enrol/", {"who": "bob"})

    assert answer.status_code == 409
    assert "All seats of this course are taken." in answer.content.decode()


def test_who_is_enrolled_twice_is_enrolled_once(teach, bob):
    for _ in range(2):
        assert teach.post(f"{CLASS}enrol/", {"who": "bob"}).status_code == 303

    assert Enrolment.objects.count() == 1


def test_a_cohort_is_made_changed_and_deleted(teach, course, alice, enrol):
    made = teach.post(
        f"{CLASS}cohorts/",
        {"name": "秋のクラス", "starts_at": "2030-01-01T08:00", "ends_at": "2030-06-01T08:00"},
    )
    cohort = Cohort.objects.get()
    enrolment = enrol(alice, cohort=cohort)
    changed = teach.post(f"{CLASS}cohorts/{cohort.pk}/", {"name": "ربيع", "starts_at": ""})
    asked = teach.post(f"{CLASS}cohorts/{cohort.pk}/delete/")
    cohort.refresh_from_db()

    assert (made.status_code, changed.status_code, asked.status_code) == (303, 303, 200)
    assert (cohort.name, cohort.starts_at, cohort.ends_at) == ("ربيع", None, None)
    assert "1 learner stays in the class" in asked.content.decode()
    assert "ربيع" in teach.get(f"{CLASS}cohorts/").content.decode()
    Cohort.objects.filter(pk=cohort.pk).update(starts_at="2030-01-01T08:00:42Z")
    # The page shows no seconds, and sends back what it shows.
    teach.post(f"{CLASS}cohorts/{cohort.pk}/", {"name": "冬", "starts_at": "2030-01-01T08:00"})
    cohort.refresh_from_db()
    assert (cohort.name, cohort.starts_at.second) == ("冬", 42)
    teach.post(f"{CLASS}cohorts/{cohort.pk}/delete/", {"confirmed": "1"})
    enrolment.refresh_from_db()
    assert (Cohort.objects.count(), enrolment.cohort) == (0, None)


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"name": "   "},
        {"name": "x" * 121},
        {"name": "a", "starts_at": "soon"},
        {"name": "a", "starts_at": "2030-02-01T00:00", "ends_at": "2030-01-01T00:00"},
        {"name": "a", "ends_at": "9999-12-31T23:59"},
    ],
)
def test_a_cohort_that_cannot_be_is_refused_in_place(teach, values):
    answer = teach.post(f"{CLASS}cohorts/", values)

    assert answer.status_code == 400
    assert "field-error" in answer.content.decode()
    assert not Cohort.objects.exists()


def test_a_name_that_is_taken_is_refused(teach, course):
    Cohort.objects.create(course=course, name="Spring")

    assert teach.post(f"{CLASS}cohorts/", {"name": "Spring"}).status_code == 409


def test_a_key_is_made_and_revoked(teach, course):
    teach.post(f"{CLASS}keys/", {"key": "open-sesame", "max_uses": "3"})
    key = EnrolmentKey.objects.get()

    asked = teach.post(f"{CLASS}keys/{key.pk}/revoke/")
    key.refresh_from_db()
    assert "Revoke the key “open-sesame”?" in asked.content.decode()
    assert (key.max_uses, key.revoked_at) == (3, None)
    teach.post(f"{CLASS}keys/{key.pk}/revoke/", {"confirmed": "1"})
    key.refresh_from_db()
    assert key.revoked_at is not None


@pytest.mark.parametrize(
    ("visibility", "address"),
    [
        ("public", "/courses/shells/"),
        ("unlisted", "/courses/shells/"),
        ("enrolled", "/enrol/?course=shells"),
    ],
)
def test_the_address_beside_a_key_is_where_its_holder_enrols(
    teach, signed_in, bob, course, settings, visibility, address
):
    settings.SITE_URL = "https://academy.example.org"
    Course.objects.filter(pk=course.pk).update(visibility=visibility)
    teach.post(f"{CLASS}keys/", {"key": "open-sesame"})

    page = teach.get(f"{CLASS}keys/").content.decode()

    shown = f"https://academy.example.org{address}"
    assert f'<a href="{shown}"><code class="key" dir="ltr">{shown}</code></a>' in page
    assert ("the course&#x27;s own page" in page or "the course's own page" in page) == (
        visibility != "enrolled"
    )
    holder = signed_in(bob)
    form = holder.get(address)
    assert form.status_code == 200
    assert 'name="key"' in form.content.decode()
    typed = {"course": "shells", "key": "open-sesame"}
    came = holder.post("/enrol/" if visibility == "enrolled" else f"{address}enrol/", typed)
    assert came["Location"] == "/courses/shells/"
    assert Enrolment.objects.filter(person=bob, course=course).exists()


def test_a_key_without_a_word_is_drawn_by_lot(teach):
    teach.post(f"{CLASS}keys/", {"key": ""})

    assert len(EnrolmentKey.objects.get().key) >= 12


@pytest.mark.parametrize(
    "values",
    [
        {"key": "abc"},
        {"key": "x" * 65},
        {"key": "open-sesame", "max_uses": "0"},
        {"key": "open-sesame", "max_uses": "-1"},
        {"key": "open-sesame", "max_uses": "9" * 30},
        {"key": "open-sesame", "cohort": "7"},
        {"key": "open-sesame", "expires_at": "x"},
    ],
)
def test_a_key_that_cannot_be_is_refused_in_place(teach, values):
    answer = teach.post(f"{CLASS}keys/", values)

    assert answer.status_code == 400
    assert not EnrolmentKey.objects.exists()


def test_what_belongs_to_another_course_is_not_under_this_one(teach, foreign):
    cohort, key = foreign

    assert teach.get(f"{CLASS}cohorts/{cohort.pk}/").status_code == 404
    for page in (f"cohorts/{cohort.pk}", f"cohorts/{cohort.pk}/delete", f"keys/{key.pk}/revoke"):
        answer = teach.post(f"{CLASS}{page}/", {"name": "Mine", "confirmed": "1"})
        assert answer.status_code == 404
    cohort.refresh_from_db()
    key.refresh_from_db()
    assert (cohort.name, key.revoked_at) == ("Theirs", None)


POSTS = ("enrol", "cohorts", "keys", "list")


@pytest.mark.parametrize("page", POSTS)
def test_an_assistant_changes_nothing(signed_in, asa, release, page):
    values = {"who": "asa", "name": "Spring", "key": "open-sesame", "text": "email\nasa"}

    answer = signed_in(asa).post(f"{CLASS}{page}/", values)

    assert answer.status_code == 403
    assert not any(
        rows.objects.exists() for rows in (Enrolment, Cohort, EnrolmentKey, EnrolmentList)
    )


@pytest.mark.parametrize("page", POSTS)
def test_others_find_nothing_to_post_to(signed_in, alice, release, enrol, page):
    enrol(alice)

    assert signed_in(alice).post(f"{CLASS}{page}/", {}).status_code == 404


@pytest.mark.parametrize("page", POSTS)
def test_forms_of_another_site_are_refused(ingrid, release, page):
    from_elsewhere = Client(enforce_csrf_checks=True)
    from_elsewhere.force_login(ingrid)

    assert from_elsewhere.post(f"{CLASS}{page}/", {"name": "x"}).status_code == 403


def test_an_assistant_does_not_see_the_words_of_keys(signed_in, asa, course):
    EnrolmentKey.objects.create(course=course, key="open-sesame")

    text = signed_in(asa).get(f"{CLASS}keys/").content.decode()

    assert "open-sesame" not in text
    assert "Known to the instructors" in text


LIST = "email,cohort\nbob@example.org,Spring\nnobody@example.org,\n=cmd|'/c calc'!A1,\n"


def test_a_list_is_sent_worked_through_and_reported_on(teach, bob, course, work):
    User.objects.filter(pk=bob.pk).update(email="bob@example.org")
    Cohort.objects.create(course=course, name="Spring")
    file = SimpleUploadedFile("people.csv", b"\xef\xbb\xbf" + LIST.encode(), "text/csv")

    sent = teach.post(f"{CLASS}list/", {"file": file})

    kept = EnrolmentList.objects.get()
    assert (sent.status_code, sent["Location"]) == (303, list_path("shells", kept.pk))
    before = teach.get(sent["Location"]).content.decode()
    assert f'data-job="{kept.job_id}"' in before
    work()
    after = teach.get(sent["Location"]).content.decode()
    assert Enrolment.objects.get().person == bob
    assert "nobody@example.org" in after
    assert "data-reload-at-end" not in after
    only = teach.get(f"{sent['Location']}?outcome=enrolled").content.decode()
    assert "bob@example.org" in only
    assert "nobody@example.org" not in only


def test_a_job_is_followed_by_whoever_sent_the_list_alone(teach, signed_in, carla, asa, course):
    url = teach.post(f"{CLASS}list/", {"text": LIST})["Location"]
    kept = EnrolmentList.objects.get()

    for colleague in (carla, asa):
        page = signed_in(colleague).get(url).content.decode()
        assert str(kept.job_id) not in page
        assert "The list is being worked through." in page


def test_a_report_is_downloaded_as_a_table(teach, course, work):
    teach.post(f"{CLASS}list/", {"text": LIST})
    work()
    kept = EnrolmentList.objects.get()

    answer = teach.get(f"{list_path('shells', kept.pk)}report/")

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]
    assert "'=cmd" in answer.content.decode()


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"text": "  "},
        {"text": "no,columns\nthat,help"},
        {"file": SimpleUploadedFile("a.csv", b"email\xff\nann@example.org\n")},
        {"file": SimpleUploadedFile("a.csv", b"")},
    ],
)
def test_a_list_that_cannot_be_read_is_refused_in_place(teach, values):
    answer = teach.post(f"{CLASS}list/", values)

    assert answer.status_code == 400
    assert not EnrolmentList.objects.exists()


def test_a_list_of_many_lines_is_taken_as_a_file(teach):
    lines = b"email\n" + b"".join(b"somebody%05d@example.org\n" % n for n in range(4000))
    file = SimpleUploadedFile("many.csv", lines, "text/csv")

    assert teach.post(f"{CLASS}list/", {"file": file}).status_code == 303
    # Nowhere else: a form that wants no file is not made to read one.
    file.seek(0)
    assert teach.post(f"{CLASS}cohorts/", {"file": file}).status_code == 415


def test_a_list_that_is_too_large_is_refused(teach):
    file = SimpleUploadedFile("many.csv", b"email\n" + b"x" * 1_200_000, "text/csv")

    assert teach.post(f"{CLASS}list/", {"file": file}).status_code == 413


def test_a_list_of_another_course_is_not_under_this_one(teach, foreign, ingrid):
    cohort, _key = foreign
    theirs = EnrolmentList.objects.create(course=cohort.course, sent_by=ingrid, line_count=0)

    assert teach.get(list_path("shells", theirs.pk)).status_code == 404
    assert teach.get(f"{list_path('shells', theirs.pk)}report/").status_code == 404
    assert teach.get(list_path("shells", uuid.uuid4())).status_code == 404


def test_a_job_leads_back_to_its_report(teach, course):
    teach.post(f"{CLASS}list/", {"text": LIST})
    kept = EnrolmentList.objects.get()

    assert subject_urls([f"enrolment-list:{kept.pk}", "enrolment-list:x"]) == {
        f"enrolment-list:{kept.pk}": list_path("shells", kept.pk)
    }
    assert list_path("shells", kept.pk) == reverse("classes:list", args=["shells", kept.pk])


@pytest.mark.parametrize("page", ["cohorts", "keys", "list"])
def test_pages_take_few_queries_however_much_they_show(
    teach, course, ingrid, page, django_assert_max_num_queries
):
    Cohort.objects.bulk_create(Cohort(course=course, name=f"C{n}") for n in range(30))
    EnrolmentKey.objects.bulk_create(
        EnrolmentKey(course=course, key=f"key-{n}", created_by=ingrid) for n in range(30)
    )
    EnrolmentList.objects.bulk_create(
        EnrolmentList(course=course, sent_by=ingrid, line_count=0) for n in range(30)
    )

    with django_assert_max_num_queries(8):
        teach.get(f"{CLASS}{page}/")
