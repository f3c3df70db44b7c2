import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.db import connection
from django.shortcuts import resolve_url
from django.test import Client

from academy.accounts.models import User
from academy.accounts.services import factor_spend
from academy.accounts.tests.conftest import PASSWORD, Factor
from academy.platform.rates import parse_rate

SIGN_IN = "/accounts/sign-in/"
STEP = "/accounts/sign-in/second-factor/"
ON = "/accounts/me/second-factor/on/"


def first_step(client, **more):
    return client.post(SIGN_IN, {"username": "alice", "password": PASSWORD, **more})


def is_signed_in(client):
    return "_auth_user_id" in client.session


def test_a_password_alone_does_not_sign_in(client, alice, factor):
    assert first_step(client)["Location"] == STEP
    assert not is_signed_in(client)
    assert client.get("/accounts/me/").status_code == 302
    assert client.get(STEP).status_code == 200


@pytest.mark.parametrize("kind", ["app", "late", "spaced", "recovery", "spaced recovery"])
def test_the_code_of_the_app_or_a_recovery_code_signs_in(client, alice, factor, kind):
    first_step(client, next="/courses/?q=x")
    code = {
        "app": factor.code(),
        "late": factor.code(steps=1),
        "spaced": f"{factor.code()[:3]} {factor.code()[3:]}",
        "recovery": factor.recovery[3],
        "spaced recovery": f"{factor.recovery[3][:4]}-{factor.recovery[3][4:]}",
    }[kind]
    assert client.post(STEP, {"code": code})["Location"] == "/courses/?q=x"
    assert is_signed_in(client)


def test_the_second_step_leads_nowhere_else(client, alice, factor):
    first_step(client, next="https://evil.example/")
    answer = client.post(STEP, {"code": factor.code(), "next": "//evil.example"})
    assert answer["Location"] == resolve_url(settings.LOGIN_REDIRECT_URL)


@pytest.mark.parametrize("which", ["app", "recovery"])
def test_a_code_signs_in_once(alice, factor, which):
    code = factor.code() if which == "app" else factor.recovery[0]
    statuses = []
    for _ in range(2):
        browser = Client()
        first_step(browser)
        browser.post(STEP, {"code": code})
        statuses.append(is_signed_in(browser))
    assert statuses == [True, False]


def test_an_older_code_is_no_good_after_a_newer_one(alice, factor):
    assert factor_spend(person=alice, code=factor.code(steps=1))
    assert not factor_spend(person=alice, code=factor.code())


@pytest.mark.django_db(transaction=True)
def test_of_many_who_send_one_code_at_once_one_gets_in(transactional_db):
    person = User.objects.create_user("alice", "", PASSWORD)
    factor = Factor(person)
    codes = [factor.code()] * 4 + [factor.recovery[0]] * 4

    def spend(code):
        try:
            return factor_spend(person=person, code=code)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        spent = list(pool.map(spend, codes))
    assert (sum(spent[:4]), sum(spent[4:])) == (1, 1)


@pytest.mark.parametrize("code", ["", "abc", "١٢٣٤٥٦", "0" * 500, "\x00", "é" * 6])
def test_nonsense_is_no_code(client, alice, factor, code):
    first_step(client)
    assert client.post(STEP, {"code": code}).status_code == 200
    assert not is_signed_in(client)


def test_trying_codes_is_limited_from_wherever_it_is_done(alice, factor, settings):
    settings.RATES = {**settings.RATES, "factor": parse_rate("3/h")}
    statuses = []
    for number in range(5):
        browser = Client(REMOTE_ADDR=f"192.0.2.{number}")
        first_step(browser)
        statuses.append(browser.post(STEP, {"code": factor.wrong()}).status_code)
    assert statuses == [200, 200, 200, 429, 429]
    last = Client()
    body = {"username": "alice", "password": PASSWORD, "otp": factor.code()}
    assert last.post("/api/auth/token/", body, "application/json").status_code == 429


def test_the_second_step_needs_the_first(client, alice, factor):
    assert client.get(STEP)["Location"] == SIGN_IN
    assert client.post(STEP, {"code": factor.code()})["Location"] == SIGN_IN
    assert not is_signed_in(client)


def test_the_first_step_is_void_after_a_quarter_of_an_hour(client, alice, factor, time_machine):
    time_machine.move_to(time.time())
    first_step(client)
    time_machine.shift(901)
    assert client.post(STEP, {"code": factor.code()})["Location"] == SIGN_IN


@pytest.mark.parametrize("change", ["password", "off"])
def test_the_first_step_is_void_when_the_account_changed(client, alice, factor, change):
    first_step(client)
    if change == "password":
        alice.set_password("something else entirely")
        alice.save()
    else:
        User.objects.filter(pk=alice.pk).update(is_active=False)
    assert client.post(STEP, {"code": factor.code()})["Location"] == SIGN_IN
    assert not is_signed_in(client)


def test_signing_in_makes_a_new_session_after_the_second_step(client, alice, factor):
    first_step(client)
    before = client.session.session_key
    client.post(STEP, {"code": factor.code()})
    assert client.session.session_key != before


def test_the_admin_is_no_way_around_it(client, olga):
    factor = Factor(olga)
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith(SIGN_IN)
    form = {"username": "olga", "password": PASSWORD, "next": "/admin/"}
    assert client.post("/admin/login/?next=/admin/", form)["Location"].startswith(SIGN_IN)
    assert client.post(SIGN_IN, form)["Location"] == STEP
    assert client.get("/admin/").status_code == 302
    assert client.post(STEP, {"code": factor.code()})["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_a_token_needs_the_code_too(post, alice, factor):
    body = {"username": "alice", "password": PASSWORD}
    for given, code in (
        ({}, "second_factor_required"),
        ({"otp": ""}, "second_factor_required"),
        ({"otp": factor.wrong()}, "second_factor_wrong"),
        ({"password": "wrong", "otp": factor.code()}, "authentication_failed"),
    ):
        answer = post("token", {**body, **given})
        assert answer.status_code == 401
        assert answer.json()["errors"][0]["code"] == code
    code = factor.code()
    assert post("token", {**body, "otp": code}).status_code == 200
    assert post("token", {**body, "otp": code}).status_code == 401
    assert post("token", {**body, "otp": factor.recovery[0]}).status_code == 200


def switched_on(client):
    page = client.get(ON).content.decode()
    secret = re.search(r"<code>([A-Z2-7]+)</code>", page).group(1)
    factor = Factor.__new__(Factor)
    factor.secret = secret
    return factor, page


def test_a_person_switches_it_on_with_their_app(client, alice):
    client.force_login(alice)
    factor, page = switched_on(client)
    assert 'src="data:image/svg+xml;base64,' in page
    code = factor.code()
    answer = client.post(ON, {"code": code, "own_password": PASSWORD})
    codes = re.findall(r"<code>(\d{8})</code>", answer.content.decode())
    assert len(codes) == 10
    assert "no-store" in answer["Cache-Control"]
    assert "The second factor is on" in mail.outbox[-1].subject
    browser = Client()
    first_step(browser)
    browser.post(STEP, {"code": code})
    assert not is_signed_in(browser), "the code that switched it on is spent"
    browser.post(STEP, {"code": codes[9]})
    assert is_signed_in(browser)


@pytest.mark.parametrize("wrong", ["code", "password"])
def test_switching_on_takes_the_password_and_a_code_of_the_new_secret(client, alice, wrong):
    client.force_login(alice)
    factor, _page = switched_on(client)
    form = {"code": factor.code(), "own_password": PASSWORD}
    form |= {"code": factor.wrong()} if wrong == "code" else {"own_password": "wrong"}
    assert client.post(ON, form).status_code == 200
    assert not Authenticator.objects.exists()
    assert switched_on(client)[0].secret == factor.secret


def test_the_picture_holds_what_the_app_needs(client, alice):
    client.force_login(alice)
    page = client.get(ON)
    assert "unsafe-inline" not in page["Content-Security-Policy"]
    assert "data:" in page["Content-Security-Policy"]


def test_switching_off_takes_password_and_code(client, alice, factor):
    client.force_login(alice)
    path = "/accounts/me/second-factor/off/"
    for form in (
        {"own_password": PASSWORD},
        {"own_password": PASSWORD, "code": factor.wrong()},
        {"own_password": "wrong", "code": factor.code()},
    ):
        assert client.post(path, form).status_code == 200
        assert Authenticator.objects.count() == 2
    client.post(path, {"own_password": PASSWORD, "code": factor.code()})
    assert not Authenticator.objects.exists()
    assert first_step(Client())["Location"] == resolve_url(settings.LOGIN_REDIRECT_URL)


def test_new_recovery_codes_void_the_old_ones(client, alice, factor):
    client.force_login(alice)
    form = {"own_password": PASSWORD, "code": factor.code()}
    answer = client.post("/accounts/me/second-factor/codes/", form)
    fresh = re.findall(r"<code>(\d{8})</code>", answer.content.decode())
    assert not factor_spend(person=alice, code=factor.recovery[0])
    assert factor_spend(person=alice, code=fresh[0])


def test_secrets_are_encrypted_in_the_database(alice, factor):
    row = Authenticator.objects.get(type="totp")
    assert factor.secret not in str(row.data)
    codes = str(Authenticator.objects.get(type="recovery_codes").data)
    assert not any(code in codes for code in factor.recovery)


def test_one_persons_code_is_no_other_persons(alice, olga, factor):
    Factor(olga)
    assert not factor_spend(person=olga, code=factor.code())
    assert not factor_spend(person=olga, code=factor.recovery[0])


def test_an_operator_lets_somebody_in_who_lost_phone_and_codes(client, alice, olga, factor):
    client.force_login(olga)
    rows = list(Authenticator.objects.values_list("pk", flat=True))
    page = client.get(f"/admin/mfa/authenticator/{rows[0]}/change/")
    assert page.status_code == 200
    assert str(Authenticator.objects.get(pk=rows[0]).data["secret"]) not in page.content.decode()
    client.post(
        "/admin/mfa/authenticator/", {"action": "switch_off", "_selected_action": [str(rows[0])]}
    )
    assert not Authenticator.objects.exists()
    assert "The second factor is off" in mail.outbox[-1].subject


@pytest.mark.parametrize(
    "path",
    ["account/emailaddress", "mfa/authenticator", "accounts/browsersignin", "accounts/tokenfamily"],
)
def test_operators_look_at_sign_ins_and_edit_none(client, alice, olga, factor, path):
    client.force_login(alice)
    client.force_login(olga)
    page = client.get(f"/admin/{path}/")
    assert page.status_code == 200
    assert client.session.session_key not in page.content.decode()
    assert client.get(f"/admin/{path}/add/").status_code == 403
