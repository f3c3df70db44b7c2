"""The table of who may do what, held against the academy; a route that it misses fails it."""

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.permissions.asking import ROUTES, ask
from tests.permissions.routes import routes
from tests.permissions.table import TABLE
from tests.permissions.world import ROLES

pytestmark = pytest.mark.django_db
ROWS = [line.split() for line in TABLE.strip().splitlines()]
# Reads on a connection of its own, which sees no transaction of a test: asked of a real server in
# scheduler/jobs/tests/test_live.py.
ELSEWHERE = {("GET", "monitoring:stream"), ("POST", "monitoring:stream")}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row[:2]))
def test_each_role_gets_the_answer_of_the_table(world, row):
    method, address, *answers = row
    name, _, variant = address.partition("/")
    given = []
    for role in ROLES:
        with transaction.atomic():
            given.append(ask(world, role, method, name, variant))
            transaction.set_rollback(True)
    assert dict(zip(ROLES, given, strict=True)) == dict(zip(ROLES, answers, strict=True))


def test_the_table_has_every_route_with_every_method_and_an_answer_for_every_role():
    told = {(method, address.partition("/")[0]) for method, address, *_ in ROWS}
    known = {(method, route.name) for route in ROUTES.values() for method in route.methods}
    assert known - told == ELSEWHERE
    assert told <= known
    assert {len(row) for row in ROWS} == {2 + len(ROLES)}


def test_nobody_in_the_table_is_refused_for_what_they_sent():
    assert [row for row in ROWS if {"400", "415", "422"} & set(row)] == []


@pytest.mark.parametrize("role", ROLES)
def test_the_desk_is_for_operators_alone(world, role):
    client = Client()
    if role in world.people:
        client.force_login(world.people[role])
    for name in routes(admin=True):
        try:
            address = reverse(name, kwargs={"app_label": "learning"} if "app_list" in name else {})
        except NoReverseMatch:
            continue
        if name in {"admin:login", "admin:logout", "admin:jsi18n"}:
            continue
        status = client.get(address, follow=False).status_code
        if role == "operator":
            assert status in {200, 301, 302, 403}, name
        else:
            assert status == 302, name


def test_the_desk_shows_operators_a_list_of_every_model(world):
    client = Client()
    client.force_login(world.people["operator"])
    for model in admin.site._registry:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert client.get(address).status_code == 200, address


def test_the_desk_shows_operators_a_page_of_every_row(world):
    client = Client()
    client.force_login(world.people["operator"])
    seen = set()
    for model in admin.site._registry:
        row = model._base_manager.order_by("pk").first()
        if row is not None:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
            assert client.get(reverse(name, args=[row.pk])).status_code == 200, name
            seen.add(model.__name__)
    assert {"User", "Course", "Lesson", "LessonRevision", "Release", "Enrolment", "Job"} <= seen
