"""Whoever has an answer is not sent it again, wherever the published schema says what is read."""

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

pytestmark = pytest.mark.django_db

SCHEMA = SchemaGenerator().get_schema(request=None, public=True)
# What is read here is a file, or a job: that says when it was looked at, how old it is and how long
# it still takes, so no two answers are the same.
ELSEWHERE = ("/async-monitoring/", "/api/schema/")
READ = [
    path
    for path, methods in SCHEMA["paths"].items()
    if "application/json"
    in methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
    and not any(part in path for part in ELSEWHERE)
]
# The draft's ETag is what `If-Match` is compared with.
DRAFT = "/api/lessons/{course}/{slug}/draft/"
OF_LEARNERS = "/api/progress/{course}/"


@pytest.mark.parametrize("path", [path for path in READ if path != DRAFT])
def test_what_is_read_twice_is_sent_once_and_no_shared_cache_keeps_it(world, path):
    client = Client()
    client.force_login(world.people["learner" if path == OF_LEARNERS else "owner"])
    address = path.format(**world.values)
    first = client.get(address)
    assert first.status_code == 200
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first["ETag"].startswith('W/"')
    for answer in (first, again):
        assert answer["Cache-Control"] == "private, no-cache"
        assert {"Authorization", "Cookie"} <= set(answer["Vary"].split(", "))
    assert client.get(address, headers={"If-None-Match": 'W/"another"'}).status_code == 200
    assert "304" in SCHEMA["paths"][path]["get"]["responses"]


def test_an_answer_that_changed_is_sent(world):
    client = Client()
    client.force_login(world.people["owner"])
    first = client.get("/api/courses/shells/cohorts/")
    client.post("/api/courses/shells/cohorts/", {"name": "Autumn"}, content_type="application/json")
    again = client.get("/api/courses/shells/cohorts/", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.json()["count"]) == (200, 2)
