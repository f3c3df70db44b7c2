import logging

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.handlers.asgi import ASGIHandler
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from academy.platform.observability.correlation import (
    accepted_or_new,
    bind_correlation_id,
    correlated,
    correlation_id,
)
from academy.platform.observability.middleware import shown_path

pytestmark = pytest.mark.urls("academy.platform.observability.tests.urls")


@pytest.mark.parametrize("path", ["/seen/", "/seen-async/"])
def test_the_callers_id_goes_in_and_out(client, path):
    response = client.get(path, headers={"x-request-id": "trace.1_A-z"})
    assert response["X-Request-ID"] == "trace.1_A-z"
    assert response.json() == {"id": "trace.1_A-z", "bound": "trace.1_A-z"}


@pytest.mark.parametrize("given_id", ["", "a b", "x" * 65, "a\r\nSet-Cookie: b", "ü", "a/b", "a\n"])
def test_another_id_is_replaced_by_a_new_one(client, given_id):
    made = {client.get("/seen/", headers={"x-request-id": given_id})["X-Request-ID"] for _ in "12"}
    assert len(made) == 2
    assert given_id not in made


@given(st.text())
def test_what_is_sent_back_is_always_harmless(text):
    made = accepted_or_new(text)
    assert 1 <= len(made) <= 64
    assert made.isascii()
    assert not set(made) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")


def test_errors_carry_the_id_too(client):
    client.raise_request_exception = False
    assert client.get("/nowhere/")["X-Request-ID"]
    assert client.get("/crash/", headers={"x-request-id": "abc"})["X-Request-ID"] == "abc"


def test_each_request_leaves_one_line_without_secrets(client, caplog):
    caplog.set_level(logging.INFO, logger="academy.access")
    client.get("/seen/?ticket=s3cret&q=%0Aforged&access_token=s3cret&Password=s3cret")
    lines = [record for record in caplog.records if record.name == "academy.access"]
    assert len(lines) == 1
    shown = str(lines[0].msg)
    assert "s3cret" not in shown
    assert "'status': 200" in shown
    assert "forged" in shown
    assert "\n" not in shown


@pytest.mark.parametrize(
    ("path", "lines"),
    [("/async-monitoring/health/", 0), ("/static/missing.css", 1), ("/nowhere/", 1)],
)
def test_health_is_never_told_whatever_it_is(client, caplog, path, lines):
    caplog.set_level(logging.INFO, logger="academy.access")
    client.raise_request_exception = False
    assert client.get(path).status_code >= 400
    assert len([r for r in caplog.records if r.name == "academy.access"]) == lines


def test_a_path_in_the_log_is_bounded_and_on_one_line():
    request = RequestFactory().get("/a%0Ab/" + "x" * 5000 + "?" + "y=1&" * 5000)
    shown = shown_path(request)
    assert len(shown) <= 500
    assert "\n" not in shown
    assert shown.startswith("/a%0Ab/")


def test_what_runs_for_a_job_says_its_id_and_afterwards_the_old_one():
    bind_correlation_id("outside")
    with correlated("job"):
        assert correlation_id() == "job"
    assert correlation_id() == "outside"


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/seen/", "/seen-async/"])
async def test_under_asgi_two_requests_never_see_each_others_id(path):
    application = ASGIHandler()

    async def fetch(number):
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": b"",
            "headers": [(b"host", b"localhost"), (b"x-request-id", b"id-%d" % number)],
        }
        communicator = ApplicationCommunicator(application, scope)
        await communicator.send_input({"type": "http.request", "body": b""})
        start = await communicator.receive_output(5)
        body = await communicator.receive_output(5)
        await communicator.wait()
        return dict(start["headers"])[b"X-Request-ID"], body["body"]

    first, second = await fetch(1), await fetch(2)
    assert first[0] == b"id-1"
    assert b'"bound": "id-1"' in first[1]
    assert second[0] == b"id-2"
