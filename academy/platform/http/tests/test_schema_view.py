"""The OpenAPI document costs its second once."""

import json

import pytest
import yaml
from drf_spectacular.generators import SchemaGenerator

from academy.platform.http import schema_view

pytestmark = pytest.mark.django_db
SCHEMA = "/api/schema/"


@pytest.fixture
def made(monkeypatch, settings, tmp_path):
    """How often the document was made, from the first time on."""
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(schema_view, "_documents", {})
    times = []
    make = SchemaGenerator.get_schema

    def counted(self, *args, **kwargs):
        times.append(1)
        return make(self, *args, **kwargs)

    monkeypatch.setattr(SchemaGenerator, "get_schema", counted)
    return times


def test_the_document_is_made_once_for_each_form_whatever_is_asked_beside_it(client, made):
    first = client.get(SCHEMA)
    for query in ("", "?version=2", "?lang=xx", "?version=3&x=1"):
        assert client.get(SCHEMA + query).content == first.content
    assert len(made) == 1

    as_json = client.get(SCHEMA, headers={"Accept": "application/vnd.oai.openapi+json"})
    assert client.get(f"{SCHEMA}?format=json").status_code == 200
    assert len(made) <= 3
    assert json.loads(as_json.content) == yaml.safe_load(first.content)
    assert "/api/courses/" in json.loads(as_json.content)["paths"]
    assert first["Content-Disposition"].startswith("inline;")


def test_a_start_makes_it_before_anybody_asks(client, made):
    assert schema_view.documents_keep()
    assert not schema_view.documents_keep()
    assert client.get(SCHEMA).content.startswith(b"openapi:")
    as_json = client.get(SCHEMA, headers={"Accept": "application/vnd.oai.openapi+json"})
    assert json.loads(as_json.content)["paths"]
    assert len(made) == 1


def test_code_that_changed_has_a_document_of_its_own(client, made, monkeypatch, settings):
    schema_view.documents_keep()
    before = set((settings.VAR_DIR / "schema").iterdir())
    monkeypatch.setattr(schema_view, "_digest_of_code", lambda: "other")
    assert client.get(SCHEMA).content.startswith(b"openapi:")
    assert len(made) == 2
    assert schema_view.documents_keep()
    after = set((settings.VAR_DIR / "schema").iterdir())
    assert len(before) == len(after) == 2
    assert not before & after


def test_its_words_are_english_whoever_asks(client, made):
    german = client.get(SCHEMA, headers={"accept-language": "de"}).content
    assert client.get(SCHEMA, headers={"accept-language": "en"}).content == german
    assert b"Lektion" not in german
