"""Flags in addresses: what is neither yes nor no is told, wherever the published schema has one."""

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from learning.lessons.models import Lesson
from learning.lessons.services import lesson_save

pytestmark = pytest.mark.django_db

SCHEMA = SchemaGenerator().get_schema(request=None, public=True)
FLAGS = [
    (method, path, said["name"])
    for path, methods in SCHEMA["paths"].items()
    for method, operation in methods.items()
    for said in operation.get("parameters", [])
    if said["in"] == "query" and said["schema"].get("type") == "boolean"
]


@pytest.fixture
def client(world):
    client = Client()
    client.force_login(world.people["owner"])
    return client


def test_drafts_are_flags_wherever_they_are_asked_for():
    told = {(method, path) for method, path, name in FLAGS if name == "draft"}
    assert told == {
        ("get", "/api/courses/{course}/"),
        ("get", "/api/lessons/{course}/{slug}/"),
        ("post", "/api/lessons/{course}/{lesson}/export/"),
        ("get", "/api/lessons/{course}/{lesson}/export/status/"),
    }


@pytest.mark.parametrize("rubbish", ["x", "2", "はい", "1,1", " ", "None"])
@pytest.mark.parametrize(("method", "path", "name"), FLAGS)
def test_rubbish_is_refused_with_the_name_of_the_flag(world, client, method, path, name, rubbish):
    address = path.format(**world.values)
    body = {"data": {"format": "pdf"}, "content_type": "application/json"}
    sent = body if method == "post" else {}
    answer = getattr(client, method)(address, query_params={name: rubbish}, **sent)
    assert answer.status_code == 400
    assert [error["attr"] for error in answer.json()["errors"]] == [name]


@pytest.mark.parametrize(
    ("said", "is_draft"),
    [("1", True), ("true", True), ("0", False), ("false", False), ("", False)],
)
def test_yes_and_no_are_known_by_several_names(world, client, said, is_draft):
    pipes = Lesson.objects.get(slug="pipes")
    pipes.title = "Written since"
    lesson_save(lesson=pipes)
    shown = client.get("/api/lessons/shells/pipes/", {"draft": said}).json()["title"]
    assert shown == ("Written since" if is_draft else "Pipes")
    client.force_login(world.people["learner"])
    hidden = client.get("/api/lessons/shells/pipes/", {"draft": said})
    assert hidden.status_code == (404 if is_draft else 200)
