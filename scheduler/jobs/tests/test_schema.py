"""The stream of a job in the OpenAPI document. What it sends is asked in test_live.py."""

import uuid

import pytest
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator

from scheduler.jobs.streams import EVENT_STREAM
from scheduler.jobs.tests.conftest import cache, shared_cache

__all__ = ["cache", "shared_cache"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.fixture(scope="module")
def stream(schema):
    return schema["paths"]["/async-monitoring/tasks/{job_id}/stream/"]["get"]


def test_the_stream_is_told_with_its_events_and_who_may_read_it(stream):
    assert list(stream["responses"]["200"]["content"]) == [EVENT_STREAM]
    assert {"in": "path", "name": "job_id"}.items() <= stream["parameters"][0].items()
    assert {"bearer": []} in stream["security"]
    for event in ("connected", "status_update", "disconnected"):
        assert event in stream["description"]


def test_what_it_refuses_is_told_in_the_shape_of_all_refusals(stream, schema):
    assert set(stream["responses"]) == {"200", "400", "401", "404", "405", "429", "503"}
    for code, said in stream["responses"].items():
        if code != "200":
            shape = said["content"]["application/json"]["schema"]
            assert shape == {"$ref": "#/components/schemas/RefusalOutput"}
    assert "RefusalOutput" in schema["components"]["schemas"]


def test_it_refuses_as_it_is_told(client, stream, alice):
    address = reverse("monitoring:stream", args=[uuid.uuid4()])
    assert client.get(address).status_code == 401
    client.force_login(alice)
    given = {client.get(address).status_code, client.post(address).status_code}
    assert given == {404, 405}
    assert {str(code) for code in given} <= set(stream["responses"])
