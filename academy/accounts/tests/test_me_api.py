import json

import pytest
from django.test import Client

from academy.accounts.models import User
from academy.accounts.services import token_pair_issue
from academy.accounts.tests.conftest import PASSWORD
from academy.platform.rates import parse_rate


@pytest.fixture
def me(client, pair):
    def call(method, path="", body=None):
        return client.generic(
            method,
            f"/api/me/{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"authorization": f"Bearer {pair.access}"},
        )

    return call


def test_a_program_reads_and_changes_its_persons_account(me, alice):
    shown = me("GET").json()
    assert shown["email"] == "Alice@example.org"
    assert shown["second_factor"] is False
    changed = me("PATCH", body={"display_name": "Ålice", "time_zone": "Europe/Oslo"})
    assert changed.status_code == 200
    assert changed.json()["display_name"] == "Ålice"
    assert changed.json()["language"] == shown["language"]
    alice.refresh_from_db()
    assert alice.time_zone == "Europe/Oslo"


def test_strangers_have_no_account(client, db):
    assert client.get("/api/me/").status_code == 401
    assert client.post("/api/me/delete/").status_code == 401


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"display_name": "a\nb"}, "display_name"),
        ({"display_name": None}, "display_name"),
        ({"language": "xx"}, "language"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": ["UTC"]}, "time_zone"),
        ([], "non_field_errors"),
    ],
)
def test_what_cannot_be_used_is_400(me, body, attr):
    answer = me("PATCH", body=body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == attr


def test_what_is_not_ones_own_to_change_is_ignored(me, alice):
    before = me("GET").json()
    more = {"role": "operator", "email": "x@example.org", "username": "root", "is_staff": True}
    assert me("PATCH", body=more).json() == before


def test_deleting_takes_the_password_and_the_second_factor(me, alice, factor):
    for body, status, code in (
        ({}, 400, "required"),
        ({"password": "wrong", "otp": factor.code()}, 403, "password_wrong"),
        ({"password": PASSWORD}, 401, "second_factor_required"),
        ({"password": PASSWORD, "otp": factor.wrong()}, 401, "second_factor_wrong"),
    ):
        answer = me("POST", "delete/", body)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
        assert User.objects.get(pk=alice.pk).is_active
    assert me("POST", "delete/", {"password": PASSWORD, "otp": factor.code()}).status_code == 204
    assert not User.objects.get(pk=alice.pk).is_active
    assert me("GET").status_code == 401


def test_a_stolen_token_does_not_guess_the_password_for_long(me, settings):
    settings.RATES = {**settings.RATES, "login": parse_rate("2/m")}
    statuses = [me("POST", "delete/", {"password": "wrong"}).status_code for _ in range(3)]
    assert statuses == [403, 403, 429]


def test_a_session_needs_the_csrf_token(alice):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    answer = browser.post("/api/me/delete/", {"password": PASSWORD}, "application/json")
    assert answer.status_code == 403
    assert User.objects.get(pk=alice.pk).is_active


def test_the_last_operator_is_told_what_to_do_first(client, olga):
    pair = token_pair_issue(person=olga)
    answer = client.post(
        "/api/me/delete/",
        {"password": PASSWORD},
        "application/json",
        headers={"authorization": f"Bearer {pair.access}"},
    )
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "account_needed"
    assert "make somebody else an operator" in answer.json()["errors"][0]["detail"]
