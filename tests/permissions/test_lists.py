"""Lists of the API take as many queries with one row as with a dozen."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from drf_spectacular.generators import SchemaGenerator

from scheduler.jobs import estimates
from tests.permissions.rows import ROWS

pytestmark = pytest.mark.django_db

SCHEMA = SchemaGenerator().get_schema(request=None, public=True)
# No page, and yet two lists.
OPENING = "/api/lessons/{course}/{slug}/opening/"
OF_LEARNERS = {"/api/enrolments/", "/api/progress/", "/async-monitoring/tasks/"}


def pages():
    """The addresses that answer with pages."""
    for path, methods in SCHEMA["paths"].items():
        answers = methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        shape = answers.get("application/json", {}).get("schema", {}).get("$ref", "")
        if "results" in SCHEMA["components"]["schemas"].get(shape.rpartition("/")[2], {}).get(
            "properties", {}
        ):
            yield path


def test_every_list_of_the_schema_is_counted():
    assert {*pages(), OPENING} == set(ROWS)


@pytest.mark.parametrize("path", ROWS)
def test_a_list_takes_as_many_queries_with_one_row_as_with_a_dozen(world, path, monkeypatch):
    # How long jobs take is read anew every five seconds: not between the two that are compared.
    monkeypatch.setattr(estimates, "_FRESH_SECONDS", 3600.0)
    client = Client()
    client.force_login(world.people["learner" if path in OF_LEARNERS else "owner"])
    address = path.format(**world.values)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address, {} if path == OPENING else {"page_size": 100})
        assert answer.status_code == 200
        body = answer.json()
        rows = body["rules"] if path == OPENING else body["results"]
        return len(rows), [query["sql"] for query in queries]

    ROWS[path](world, 1000)
    asked()
    few, once = asked()
    for n in range(1001, 1012):
        ROWS[path](world, n)
    many, again = asked()
    assert many == few + 11
    assert len(again) == len(once), again
