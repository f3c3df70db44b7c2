"""The admin as an operator meets it, over all rooms."""

from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.checks import check_admin_app
from django.urls import reverse
from django.utils.text import capfirst

from academy.accounts.models import Role, User
from learning.courses.models import Course, CourseAddress, CourseGrant
from learning.enrolments.models import Enrolment
from learning.lessons.models import Lesson, LessonRendition
from learning.lessons.services import lesson_save
from scheduler.jobs.models import Job, JobLogLine, JobWatch


@pytest.fixture
def desk(client, db):
    # The rooms' pages are registered with the addresses.
    import_module(settings.ROOT_URLCONF)
    client.force_login(User.objects.create_superuser("olga", role=Role.OPERATOR))
    return client


@pytest.fixture
def granted(desk):
    alice = User.objects.create_user("alice", display_name="Alice")
    course = Course.objects.create(slug="tides", title="Tides")
    return CourseGrant.objects.create(course=course, person=alice)


def addresses(page):
    return [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")
        for model in admin.site._registry
    ]


def test_no_page_for_adding_shows_an_object_of_the_program(desk):
    answers = {address: desk.get(address) for address in addresses("add")}
    opened = [address for address, answer in answers.items() if answer.status_code == 200]
    assert len(opened) >= 5
    assert [at for at in opened if "object at 0x" in answers[at].text] == []


@pytest.mark.parametrize(
    "rubbish", ["x", "a\x00b", "9" * 400, "-1", "NaN", "٣", "9999-12-31", "0001-01-01", "😀" * 400]
)
def test_whatever_a_form_for_adding_is_filled_with_is_answered(desk, lesson, rubbish):
    answered = []
    for address in addresses("add"):
        page = desk.get(address)
        if page.status_code == 200:
            fields = [*page.context["adminform"].form.fields]
            parts = [f"{name}_{number}" for name in fields for number in (0, 1)]
            answered.append(desk.post(address, dict.fromkeys([*fields, *parts], rubbish)))
    assert len(answered) >= 5
    assert {answer.status_code for answer in answered} <= {200, 302, 400}


def test_the_row_that_adds_access_to_a_course_shows_no_object(desk, granted):
    page = desk.get(f"/admin/learning/course/{granted.course_id}/change/").text
    assert "object at 0x" not in page
    assert str(granted.at.year) in page


def test_access_is_told_by_names(granted):
    assert str(granted) == "Alice: Tides"


def test_the_desk_has_the_name_of_the_academy(desk):
    page = desk.get("/admin/").text
    assert "Django" not in page
    assert "Academy" in page


def test_browsers_that_ask_for_an_icon_get_the_logo(client):
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer["Location"][:21]) == (302, "/static/academy/img/l")


@pytest.fixture
def watched(granted):
    job = Job.objects.create(kind="demo", lane="default", title="Spring tide")
    JobWatch.objects.create(job=job, person=granted.person)
    JobLogLine.objects.create(job=job, attempt=1, text="It rose.")
    return job


def test_a_job_tells_its_state_first_and_its_parameters_late(desk, watched):
    page = desk.get(f"/admin/scheduler/job/{watched.pk}/change/").text
    shown = [
        page.index(f">{capfirst(Job._meta.get_field(name).verbose_name)}</label>")
        for name in ("status", "title", "kind", "owner", "created_at", "params", "fence")
    ]
    assert shown == sorted(shown)


def test_watchers_have_names_and_cost_the_same_however_many(
    desk, watched, django_assert_num_queries, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12) as first:
        page = desk.get(f"/admin/scheduler/job/{watched.pk}/change/").text
    assert "Watchers" in page
    assert "Alice" in page
    assert f"{watched.pk}" in page
    for number in range(5):
        person = User.objects.create_user(f"p{number}", display_name=f"Person {number}")
        JobWatch.objects.create(job=watched, person=person)
    with django_assert_num_queries(len(first)):
        assert "Person 4" in desk.get(f"/admin/scheduler/job/{watched.pk}/change/").text


def test_scripts_of_the_desk_come_from_here_and_its_policy_is_its_own(desk):
    policy = desk.get("/admin/")["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval';" in f"{policy};"
    assert "style-src 'self' 'unsafe-inline';" in f"{policy};"
    elsewhere = desk.get("/jobs/")["Content-Security-Policy"]
    assert "unsafe" not in elsewhere


def test_the_desk_has_no_sign_in_of_its_own(client, db):
    answer = client.get("/admin/login/", {"next": "/admin/scheduler/job/"})
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/sign-in/?next=/admin/scheduler/job/"
    elsewhere = client.get("/admin/login/", {"next": "https://example.org/"})
    assert "example" not in elsewhere["Location"]


def test_who_is_no_operator_is_told_so_at_the_desk(client, db):
    client.force_login(User.objects.create_user("sam"))
    assert client.get("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize("key", ["x", "", "9" * 30, "a\x00b", "1e9", "\u0661", "-1", "x" * 9999])
def test_an_action_on_what_is_no_row_changes_nothing_and_is_answered(desk, watched, key):
    people = list(User.objects.values_list("pk", "username", "is_active"))
    for model, page in sorted(admin.site._registry.items(), key=lambda item: str(item[0])):
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for action in page.actions or ("delete_selected",):
            form = {"action": action, "_selected_action": [key], "post": "yes", "confirmed": "yes"}
            for more in ({}, {"index": "0"}):
                answer = desk.post(address, {**form, **more})
                assert answer.status_code in {200, 302}, (address, action)
    assert list(User.objects.values_list("pk", "username", "is_active")) == people
    assert Course.objects.exists()


def test_who_chose_no_row_is_told_to_choose_some(desk, watched):
    for key in ("x", "9" * 30):
        form = {"action": "publish", "_selected_action": [key]}
        page = desk.post("/admin/learning/course/", form, follow=True)
        assert "Items must be selected" in page.text


def test_rows_are_chosen_among_rubbish(desk, watched):
    form = {"action": "cancel", "_selected_action": ["x", str(watched.pk)]}
    desk.post("/admin/scheduler/job/", form)
    watched.refresh_from_db()
    assert watched.status == "cancelled"


@pytest.fixture
def lesson(watched):
    course = Course.objects.get()
    made = Lesson(course=course, slug="moon", title="Moon", body="# Moon\n\nIt pulls.")
    lesson_save(lesson=made)
    return made


def lesson_form(lesson, **changes):
    form = {name: getattr(lesson, name) for name in ("title", "slug", "body", "access", "status")}
    inline = {"old_addresses-TOTAL_FORMS": 0, "old_addresses-INITIAL_FORMS": 0}
    return {**form, **inline, "course": lesson.course_id, "position": 1, **changes}


def test_a_lesson_and_a_section_stay_in_their_course(desk, lesson):
    section = lesson.course.sections.create(title="Spring")
    other = Course.objects.create(slug="other", title="Other")
    path = f"/admin/learning/lesson/{lesson.pk}/change/"
    assert desk.post(path, lesson_form(lesson, course=other.pk, title="Luna")).status_code == 302
    path = f"/admin/learning/section/{section.pk}/change/"
    form = {"course": other.pk, "title": "Neap", "position": 1}
    assert desk.post(path, form).status_code == 302
    for row, title in ((lesson, "Luna"), (section, "Neap")):
        row.refresh_from_db()
        assert (row.course.slug, row.title) == ("tides", title)


def test_lessons_and_sections_are_made_in_a_course(desk, lesson):
    form = lesson_form(lesson, slug="sun", title="Sun")
    assert desk.post("/admin/learning/lesson/add/", form).status_code == 302
    form = {"course": lesson.course_id, "title": "Neap", "position": 1}
    assert desk.post("/admin/learning/section/add/", form).status_code == 302
    assert Lesson.objects.get(slug="sun").course == lesson.course
    assert lesson.course.sections.get().title == "Neap"


@pytest.mark.parametrize(
    "rule", ['{"rule": "nope"}', "[]x", '"nope"', "7", "[1]", '{"all": []}', '{"rule": ["marked"]}']
)
def test_what_is_no_rule_completes_no_lesson(desk, lesson, rule):
    path = f"/admin/learning/lesson/{lesson.pk}/change/"
    answer = desk.post(path, lesson_form(lesson, completion=rule))
    assert answer.status_code == 200
    errors = answer.context["adminform"].form.errors.as_data()["completion"]
    assert {error.code for error in errors} <= {"bad_completion_rule", "invalid"}
    lesson.refresh_from_db()
    assert lesson.completion == {}


@pytest.mark.parametrize(
    ("given", "stored"), [('{"rule": "marked"}', {"rule": "marked"}), ("", {}), ("null", {})]
)
def test_a_rule_completes_a_lesson(desk, lesson, given, stored):
    path = f"/admin/learning/lesson/{lesson.pk}/change/"
    assert desk.post(path, lesson_form(lesson, completion=given)).status_code == 302
    lesson.refresh_from_db()
    assert lesson.completion == stored


def test_a_lesson_goes_with_what_was_made_of_it_and_a_course_with_its_old_addresses(desk, lesson):
    LessonRendition.objects.create(revision=lesson.draft_revision, renderer_version=1)
    lesson.draft_revision.shown_figures.create(name="a.png", digest="0", content_type="image/png")
    course = lesson.course
    CourseAddress.objects.create(course=course, slug="old-tides")
    for row in (lesson, course):
        path = f"/admin/learning/{row._meta.model_name}/{row.pk}/delete/"
        assert desk.post(path, {"post": "yes"}).status_code == 302
        assert not type(row).objects.exists()


def test_places_in_courses_stay_with_who_is_deactivated(desk, granted):
    course, alice = granted.course, granted.person
    Course.objects.update(owner=alice)
    Enrolment.objects.create(course=course, person=alice)
    form = {"action": "deactivate", "_selected_action": [str(alice.pk)], "confirmed": "yes"}
    desk.post("/admin/accounts/user/", form)
    alice.refresh_from_db()
    course.refresh_from_db()
    assert not alice.is_active
    assert (Enrolment.objects.get().status, course.owner) == ("active", alice)
    assert CourseGrant.objects.exists()


def test_django_finds_nothing_wrong_with_the_desk():
    assert check_admin_app(apps.get_app_configs()) == []
