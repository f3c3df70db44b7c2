"""What an operator looks for in the lists of the admin, and finds."""

from importlib import import_module

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import admin
from django.db.models.functions import Now
from django.urls import reverse

from academy.accounts.models import Role, User
from learning.courses.models import Course, Section
from learning.enrolments.models import EnrolmentList
from learning.lessons.models import Lesson
from learning.lessons.services import lesson_save
from scheduler.jobs.models import Job


@pytest.fixture
def desk(client, db):
    # The rooms' pages are registered with the addresses.
    import_module(settings.ROOT_URLCONF)
    client.force_login(User.objects.create_superuser("olga", role=Role.OPERATOR))
    return client


@pytest.fixture
def alice(db):
    return User.objects.create_user("alice", "alice@example.org", display_name="Alice")


def found(desk, address, **query):
    return list(desk.get(address, query).context["cl"].result_list)


def told(desk, address, action, *rows):
    form = {"action": action, "_selected_action": [row.pk for row in rows]}
    page = desk.post(address, form, follow=True)
    return " ".join(str(message) for message in page.context["messages"])


def test_who_has_not_confirmed_an_address_is_found_by_it_and_has_it_in_the_list(desk, alice):
    waits = User.objects.create_user("w")
    EmailAddress.objects.create(user=waits, email="old@example.net")
    EmailAddress.objects.create(user=waits, email="wendy@example.net")
    EmailAddress.objects.create(user=alice, email="alice@example.org", verified=True)
    assert found(desk, "/admin/accounts/user/", q="example.net") == [waits]
    page = desk.get("/admin/accounts/user/").text
    assert "wendy@example.net (not confirmed)" in page
    assert "alice@example.org (not" not in page


def test_a_list_of_people_costs_the_same_however_many(desk, alice, django_assert_num_queries):
    address = "/admin/accounts/user/"
    desk.get(address)
    with django_assert_num_queries(6):
        desk.get(address)
    for number in range(5):
        person = User.objects.create_user(f"w{number}")
        EmailAddress.objects.create(user=person, email=f"w{number}@example.org")
    with django_assert_num_queries(6):
        desk.get(address)


def test_jobs_are_found_by_who_asked_for_them_and_told_with_their_error(desk, alice):
    job = Job.objects.create(
        kind="demo", lane="default", owner=alice, status="failed", error_code="render_failed"
    )
    Job.objects.create(kind="demo", lane="default")
    for words in ("alice@example.org", "Alice"):
        assert found(desk, "/admin/scheduler/job/", q=words) == [job]
    assert "render_failed" in desk.get("/admin/scheduler/job/").text


def test_how_many_jobs_were_cancelled_is_told(desk):
    jobs = [Job.objects.create(kind="demo", lane="default") for _number in range(2)]
    assert "2 jobs are cancelled." in told(desk, "/admin/scheduler/job/", "cancel", *jobs)
    assert "0 jobs are cancelled." in told(desk, "/admin/scheduler/job/", "cancel", *jobs)


def test_courses_are_found_by_their_owner_and_sections_by_their_course(desk, alice):
    course = Course.objects.create(slug="tides", title="Tides", owner=alice)
    other = Course.objects.create(slug="moons", title="Moons")
    sections = [Section.objects.create(course=one, title="Spring") for one in (course, other)]
    assert found(desk, "/admin/learning/course/", q="alice") == [course]
    chosen = {"course__id__exact": course.pk}
    assert found(desk, "/admin/learning/section/", **chosen) == sections[:1]


def test_lists_of_people_that_are_not_done_are_found(desk, alice):
    course = Course.objects.create(slug="tides", title="Tides")
    waiting = EnrolmentList.objects.create(course=course, sent_by=alice)
    EnrolmentList.objects.create(course=course, sent_by=alice, done_at=Now())
    assert found(desk, "/admin/learning/enrolmentlist/", done_at__isempty="1") == [waiting]


def test_how_many_lessons_go_into_the_next_release_is_told(desk):
    course = Course.objects.create(slug="tides", title="Tides")
    lesson = Lesson(course=course, slug="moon", title="Moon", body="# Moon\n\nIt pulls.")
    lesson_save(lesson=lesson)
    address = "/admin/learning/lesson/"
    assert "1 more lesson will be" in told(desk, address, "publish", lesson)
    assert "0 more lessons will be" in told(desk, address, "publish", lesson)
    assert "1 lesson will no longer be" in told(desk, address, "take_back", lesson)


# The Arabic digits are a number as well as ours are: one that no row has.
@pytest.mark.parametrize("rubbish", ["x", "a\x00b", "9" * 400, "٩" * 8, "NaN", "-1"])
def test_what_can_be_no_key_is_refused_beside_its_field(desk, rubbish):
    course = Course.objects.create(slug="tides", title="Tides")
    pages = {
        "/admin/learning/enrolment/add/": ("person", "course", "cohort"),
        "/admin/learning/coursegrant/add/": ("person", "course"),
        "/admin/learning/lesson/add/": ("course", "section"),
        f"/admin/learning/course/{course.pk}/change/": ("owner",),
    }
    for address, fields in pages.items():
        answer = desk.post(address, dict.fromkeys(fields, rubbish))
        assert answer.status_code == 200
        assert {*fields} <= answer.context["adminform"].form.errors.keys()


def test_rubbish_in_an_inline_is_refused_beside_its_field(desk):
    course = Course.objects.create(slug="tides", title="Tides")
    rows = {"TOTAL_FORMS": "1", "INITIAL_FORMS": "0", "0-person": "x", "0-role": "assistant"}
    form = {f"staff-{name}": value for name, value in rows.items()}
    answer = desk.post(f"/admin/learning/course/{course.pk}/change/", form)
    assert answer.status_code == 200
    inlines = {
        inline.formset.prefix: inline.formset for inline in answer.context["inline_admin_formsets"]
    }
    assert "person" in inlines["staff"].errors[0]


@pytest.mark.parametrize(
    "query",
    [
        "__year=9223372036854775808",
        "__year=9999",
        "__year=1",
        "__year=2026&{0}__month=99999999999999999999",
        "__year=2026&{0}__month=2&{0}__day=31",
        "__year=x",
    ],
)
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Adak"])
def test_a_list_asked_for_a_day_that_no_calendar_has_shows_all_its_rows(desk, query, zone):
    User.objects.update(time_zone=zone)
    shown = 0
    for model, page in admin.site._registry.items():
        name = page.date_hierarchy
        if name is not None:
            at = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            assert desk.get(f"{at}?{name}{query.format(name)}", follow=True).status_code == 200
            shown += 1
    assert shown >= 5


def chosen(desk, query="", **form):
    first = Job.objects.filter(status="queued").order_by("pk").first()
    form = {"action": "cancel", "_selected_action": [first.pk], "select_across": "1", **form}
    page = desk.post(f"/admin/scheduler/job/{query}", form, follow=True)
    return " ".join(str(message) for message in page.context["messages"])


def test_an_action_on_all_rows_found_is_done_to_a_hundred_of_them_at_most(desk):
    jobs = [Job(kind="k", lane="bulk", max_attempts=3) for _ in range(102)]
    Job.objects.bulk_create(jobs)
    Job.objects.filter(pk__in=[job.pk for job in jobs[:2]]).update(lane="interactive")
    assert chosen(desk) == "Choose at most 100 rows at once: nothing was done."
    assert not Job.objects.filter(status="cancelled").exists()
    assert chosen(desk, "?lane__exact=bulk") == "100 jobs are cancelled."
    assert Job.objects.filter(status="cancelled").count() == 100
    assert chosen(desk, select_across="0") == "1 job is cancelled."
