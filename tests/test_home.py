"""The operators' home: figures that lead to what they count, and every list in its place."""

import shutil
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as configured
from django.contrib import admin
from django.utils import timezone
from django.utils.translation import override

from academy.accounts.models import Role, User
from academy.platform.administration import figures
from academy.platform.administration.figures import counted, register_card
from academy.platform.administration.groups import SELDOM_RANK, DeskGroup
from academy.platform.administration.pages import ModelAdmin, ReadOnly
from learning.courses.models import Course
from learning.enrolments.models import Cohort, Enrolment
from notifications.email.models import OutgoingMail
from scheduler.jobs.models import Job


@pytest.fixture
def desk(client, db):
    # The rooms' pages are registered with the addresses.
    import_module(configured.ROOT_URLCONF)
    client.force_login(User.objects.create_superuser("olga", role=Role.OPERATOR))
    return client


def fill(number):
    """Rows of every kind that is counted, and of every kind that is not."""
    for one in range(number):
        tag = f"{number}-{one}"
        person = User.objects.create_user(f"p{tag}")
        User.objects.create_user(f"gone{tag}", is_active=False)
        waiting = User.objects.create_user(f"w{tag}")
        EmailAddress.objects.create(user=waiting, email=f"w{tag}@example.org")
        course = Course.objects.create(slug=f"c{tag}", title=tag, status="published")
        Course.objects.create(slug=f"d{tag}", title=tag)
        Enrolment.objects.create(course=course, person=person)
        later = timezone.now() + timedelta(days=1)
        cohort = Cohort.objects.create(course=course, name="Spring", starts_at=later)
        Enrolment.objects.create(course=course, person=waiting, cohort=cohort)
        fill_work(tag)


def fill_work(tag):
    lately, before = (timezone.now() - timedelta(hours=hours) for hours in (1, 25))
    for status, at in (
        ("queued", None), ("retrying", None), ("running", None), ("succeeded", lately),
        ("failed", lately), ("dead", lately), ("failed", before), ("dead", before),
    ):  # fmt: skip
        Job.objects.create(kind="demo", lane="default", status=status, finished_at=at)
    for state in ("queued", "queued", "sent", "kept", "failed"):
        mail = OutgoingMail.objects.create(subject=tag, recipients=[], state=state)
    sent = OutgoingMail.objects.filter(subject=tag, state="queued").first()
    Job.objects.create(
        kind="notifications.email", lane="io", dedup_key=f"mail:{sent.pk}", status="retrying"
    )
    assert mail.state == "failed"


def shown(desk):
    return {
        card.name: [(figure.value, figure.text, figure.link) for figure in read]
        for card, read in desk.get("/admin/").context["cards"]
    }


def test_the_home_counts_what_an_operator_looks_for(desk):
    fill(3)
    values = {name: [value for value, _text, _link in read] for name, read in shown(desk).items()}
    assert values.pop("disk")[0].endswith("B")
    assert values == {
        "people": ["7", "3"],
        "courses": ["3", "3"],
        "enrolments": ["3"],
        "jobs": ["9", "3", "6"],
        "mails": ["6", "3", "3"],
    }


@pytest.mark.parametrize("number", [0, 2])
def test_each_figure_leads_to_a_list_with_as_many_rows(desk, number):
    fill(number)
    found = shown(desk)
    assert found.pop("disk")[0][2].startswith("/admin/exports/artifact/")
    for value, _text, link in (figure for read in found.values() for figure in read):
        page = desk.get(link)
        assert page.status_code == 200
        assert (link, str(page.context["cl"].result_count)) == (link, value)
        assert urlsplit(link).query == "" or page.context["cl"].has_active_filters


def test_the_home_costs_the_same_however_much_there_is(
    desk, django_assert_num_queries, django_assert_max_num_queries
):
    desk.get("/admin/")
    with django_assert_max_num_queries(15) as first:
        desk.get("/admin/")
    fill(4)
    with django_assert_num_queries(len(first)):
        desk.get("/admin/")


def test_what_is_bad_is_told_by_a_word_and_not_by_colour_alone(desk, monkeypatch):
    def disk(free):
        found = SimpleNamespace(total=10**11, used=0, free=free)
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: found)
        return desk.get("/admin/").text

    assert "Needs a look" not in disk(10**10)
    assert "Nearly full" not in disk(10**10)
    assert "Nearly full" in disk(10**9)
    fill_work("one")
    page = disk(10**10)
    assert page.count("Needs a look") == len(["jobs", "mails given up", "mails refused"])


def test_figures_are_written_as_their_reader_writes_them(desk):
    with override("de"):
        assert counted(12345, "", "").value == "12.345"


def test_two_cards_of_one_name_are_a_mistake():
    register_card("demo", list, title="Demo", icon="bolt", rank=1)
    try:
        register_card("demo", list, title="Demo", icon="bolt", rank=1)
        with pytest.raises(ValueError, match="demo"):
            register_card("demo", tuple, title="Demo", icon="bolt", rank=1)
    finally:
        figures.forget("demo")


def groups(desk):
    return {
        group["app_label"]: [model["model"] for model in group["models"]]
        for group in desk.get("/admin/").context["app_list"]
    }


def test_every_list_stands_once_in_the_group_of_its_work(desk):
    found = groups(desk)
    assert list(found) == DeskGroup.values
    listed = [model for models in found.values() for model in models]
    assert len(listed) == len(set(listed))
    assert set(listed) == set(admin.site._registry)
    firsts = [models[0]._meta.label for models in found.values()]
    assert firsts == [
        "accounts.User", "learning.Course", "exports.LessonExport",
        "notifications.OutgoingMail", "scheduler.Job",
    ]  # fmt: skip


def test_what_is_seldom_needed_comes_last_in_its_group_under_a_heading(desk):
    for models in groups(desk).values():
        seldom = [admin.site._registry[model].rank >= SELDOM_RANK for model in models]
        assert seldom == sorted(seldom)
    page = desk.get("/admin/learning/course/").text
    assert page.count("Seldom needed") == len({"people", "learning", "documents", "work"})


def test_a_new_list_has_a_place_without_being_given_one():
    assert (ModelAdmin.group, ModelAdmin.rank < SELDOM_RANK) == (None, True)
    assert ReadOnly.rank == SELDOM_RANK


def test_the_lists_of_one_app_have_their_page(desk):
    page = desk.get("/admin/learning/")
    assert [app["app_label"] for app in page.context["app_list"]] == ["learning"]
