"""The table of who may do what, held against the academy; a route that it misses fails it."""

import pytest
from django.db import transaction

from tests.permissions.asking import ROUTES, ask
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
