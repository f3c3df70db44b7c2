"""The admin as an operator meets it, over all rooms."""

import pytest
from django.contrib import admin
from django.urls import reverse

from academy.accounts.models import Role, User
from learning.courses.models import Course, CourseGrant


@pytest.fixture
def desk(client, db):
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


def test_the_row_that_adds_access_to_a_course_shows_no_object(desk, granted):
    page = desk.get(f"/admin/learning/course/{granted.course_id}/change/").text
    assert "object at 0x" not in page
    assert str(granted.at.year) in page
