import sqlite3

import pytest
from django.db import OperationalError

from academy.platform.http.exceptions import known_error

pytestmark = pytest.mark.urls("academy.platform.http.tests.urls")


def raised(client, name):
    client.raise_request_exception = False
    return client.get(f"/api/raise/{name}/")


@pytest.mark.parametrize(
    ("name", "status", "kind", "code", "attr"),
    [
        ("conflict", 409, "client_error", "conflict", None),
        ("field", 400, "validation_error", "invalid", "title"),
        ("invalid", 400, "client_error", "invalid", None),
        ("limit", 429, "client_error", "throttled", None),
        ("busy", 503, "server_error", "unavailable", None),
        ("missing", 404, "client_error", "not_found", None),
        ("forbidden", 403, "client_error", "permission_denied", None),
        ("suspicious", 400, "client_error", "invalid", None),
        ("value", 400, "client_error", "invalid", None),
        ("overflow", 400, "client_error", "invalid", None),
        ("gone", 503, "server_error", "unavailable", None),
        ("lost", 503, "server_error", "unavailable", None),
    ],
)
@pytest.mark.parametrize("view", ["raise", "plain"])
def test_every_refusal_has_the_standard_shape(client, view, name, status, kind, code, attr):
    if view == "plain" and name in {"missing", "forbidden"}:
        code = {"missing": "not_found", "forbidden": "permission_denied"}[name]
    client.raise_request_exception = False
    response = client.get(f"/api/{view}/{name}/")
    assert response.status_code == status
    assert response["Content-Type"].startswith("application/json")
    body = response.json()
    assert body["type"] == kind
    assert [(error["code"], error["attr"]) for error in body["errors"]] == [(code, attr)]
    assert "secret" not in response.content.decode()


@pytest.mark.parametrize(("name", "seconds"), [("limit", "7"), ("busy", "3"), ("lost", "2")])
@pytest.mark.parametrize("view", ["raise", "plain"])
def test_a_refusal_that_passes_says_when(client, view, name, seconds):
    client.raise_request_exception = False
    assert client.get(f"/api/{view}/{name}/")["Retry-After"] == seconds


def test_a_crash_tells_the_client_nothing(client):
    response = raised(client, "bug")
    assert response.status_code == 500
    assert response.json()["type"] == "server_error"
    assert "secret" not in response.content.decode()


def test_a_crash_is_reported_but_a_busy_database_is_not(client, caplog):
    raised(client, "lost")
    assert "Traceback" not in caplog.text
    raised(client, "bug")
    assert "ZeroDivisionError" in caplog.text


def test_a_lock_is_weather_and_a_missing_table_is_a_bug():
    def failure(statement):
        with sqlite3.connect(":memory:") as connection:
            try:
                connection.execute(statement)
            except sqlite3.OperationalError as error:
                return error
            finally:
                connection.rollback()
        raise AssertionError

    missing = OperationalError("no such table")
    missing.__cause__ = failure("SELECT * FROM nothing")
    assert known_error(missing) is None
    locked = OperationalError("database is locked")
    locked.__cause__ = sqlite3.OperationalError("database is locked")
    locked.__cause__.sqlite_errorcode = sqlite3.SQLITE_BUSY
    assert known_error(locked).http_status == 503


@pytest.mark.parametrize("path", ["/api/nowhere/", "/async-monitoring/nowhere/"])
def test_an_unknown_address_of_the_api_is_json(client, path):
    response = client.get(path)
    assert response.status_code == 404
    assert response.json() == {
        "type": "client_error",
        "errors": [{"code": "not_found", "detail": "There is nothing here.", "attr": None}],
    }


def test_an_unknown_page_is_a_page(client):
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


def test_a_method_that_is_not_there_is_405(client):
    response = client.delete("/api/echo/")
    assert response.status_code == 405
    assert response.json()["errors"][0]["code"] == "method_not_allowed"
    assert response["Allow"] == "POST, OPTIONS"


@pytest.mark.parametrize("thing_id", [2**80, 2**63, 0, "-1", "1e3", "\uff19"])
def test_what_no_primary_key_can_be_is_404(client, thing_id):
    assert client.get(f"/api/things/{thing_id}/").status_code == 404


def test_the_largest_primary_key_is_an_address(client):
    assert client.get(f"/api/things/{2**63 - 1}/").content == str(2**63 - 1).encode()


@pytest.mark.parametrize("path", ["/api/same/?title=%00", "/api/same/%00", "/api/sa%00me/"])
def test_nul_in_an_address_is_refused_before_any_database_sees_it(client, path):
    assert client.get(path).status_code == 400


def test_a_foreign_host_is_400_without_a_traceback(client, caplog):
    response = client.get("/api/same/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(("name", "status"), [("conflict", 409), ("limit", 429), ("lost", 503)])
def test_a_refusal_on_a_page_is_a_page_with_its_status(client, name, status):
    response = client.get(f"/page/raise/{name}/")
    assert response.status_code == status
    assert response["Content-Type"].startswith("text/html")


def test_a_form_without_its_token_is_403_in_the_clients_language(client):
    client.handler.enforce_csrf_checks = True
    page = client.post("/page/limited/")
    api = client.post("/api/plain/conflict/")
    assert page.status_code == api.status_code == 403
    assert page["Content-Type"].startswith("text/html")
    assert api.json()["errors"][0]["code"] == "csrf_failed"
