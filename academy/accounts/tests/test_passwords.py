import time

import pytest
from django.core import mail
from django.test import Client

from academy.accounts.authentication import bearer
from academy.accounts.errors import TokenInvalidError
from academy.accounts.models import User
from academy.accounts.services import token_pair_issue
from academy.accounts.tests.conftest import PASSWORD, link_of

RESET = "/accounts/reset/"
FRESH = "an entirely new secret"


def asked(client, address="alice@example.org"):
    client.post(RESET, {"email": address})
    return link_of(mail.outbox[-1])


def test_a_forgotten_password_is_set_anew_by_mail(client, alice):
    path, fields = asked(client)
    assert client.get(path, fields).status_code == 200
    answer = client.post(path, {**fields, "password": FRESH})
    assert answer["Location"] == "/accounts/sign-in/"
    assert User.objects.get(pk=alice.pk).check_password(FRESH)
    assert "Your password was changed" in mail.outbox[-1].subject


def test_a_reset_link_is_good_once(client, alice):
    path, fields = asked(client)
    client.post(path, {**fields, "password": FRESH})
    again = client.post(path, {**fields, "password": "yet another secret"})
    assert again.status_code == 410
    assert client.get(path, fields).status_code == 410
    assert User.objects.get(pk=alice.pk).check_password(FRESH)


def test_a_reset_link_is_void_after_a_sign_in_and_after_a_change_of_address(client, alice):
    path, fields = asked(client)
    Client().post("/accounts/sign-in/", {"username": "alice", "password": PASSWORD})
    assert client.get(path, fields).status_code == 410
    path, fields = asked(client)
    User.objects.filter(pk=alice.pk).update(email="other@example.org")
    assert client.get(path, fields).status_code == 410


def test_a_reset_link_is_good_for_an_hour(client, alice, time_machine):
    time_machine.move_to(time.time())
    path, fields = asked(client)
    time_machine.shift(3590)
    assert client.get(path, fields).status_code == 200
    time_machine.shift(20)
    assert client.get(path, fields).status_code == 410


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"person": "MQ", "token": "x-y"},
        {"person": "////", "token": "\x01"},
        {"person": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "token": "a-b"},
        {"person": "é", "token": "é"},
        {"person": "x" * 9000, "token": "y" * 9000},
    ],
)
def test_a_made_up_reset_link_is_told_to_be_spent(client, alice, fields):
    assert client.get("/accounts/new-password/", fields).status_code == 410
    answer = client.post("/accounts/new-password/", {**fields, "password": FRESH})
    assert answer.status_code == 410


def test_one_persons_token_sets_no_other_persons_password(client, alice, olga):
    path, fields = asked(client)
    _path, others = asked(client, "olga@example.org")
    stolen = {"person": others["person"], "token": fields["token"], "password": FRESH}
    assert client.post(path, stolen).status_code == 410
    assert User.objects.get(pk=olga.pk).check_password(PASSWORD)


def test_asking_for_a_reset_answers_alike_whatever_the_address(client, alice, bob):
    answers = [
        Client().post(RESET, {"email": address})
        for address in ("alice@example.org", "nobody@example.org")
    ]
    assert {(a.status_code, a["Location"]) for a in answers} == {(302, "/accounts/reset/sent/")}
    assert [message.to for message in mail.outbox] == [
        ["Alice@example.org"],
        ["nobody@example.org"],
    ]
    assert "new-password" not in mail.outbox[1].body


def test_an_account_that_is_switched_off_gets_no_reset(client, alice):
    User.objects.filter(pk=alice.pk).update(is_active=False)
    client.post(RESET, {"email": "alice@example.org"})
    assert all("new-password" not in message.body for message in mail.outbox)


def test_a_weak_new_password_is_refused_and_the_link_stays_good(client, alice):
    path, fields = asked(client)
    answer = client.post(path, {**fields, "password": "password"})
    assert answer.status_code == 200
    assert "too common" in answer.content.decode()
    assert client.post(path, {**fields, "password": FRESH}).status_code == 303


def test_a_reset_ends_every_sign_in(client, alice):
    browser = Client()
    browser.force_login(alice)
    pair = token_pair_issue(person=alice)
    path, fields = asked(client)
    client.post(path, {**fields, "password": FRESH})
    assert browser.get("/accounts/me/").status_code == 302
    with pytest.raises(TokenInvalidError):
        bearer(pair.access)


def test_changing_the_password_ends_other_devices_and_keeps_this_one(client, alice):
    here, there = Client(), Client()
    for browser in (here, there):
        browser.force_login(alice)
    pair = token_pair_issue(person=alice)
    form = {"own_password": PASSWORD, "password": FRESH}
    assert here.post("/accounts/me/password/", form).status_code == 303
    assert here.get("/accounts/me/").status_code == 200
    assert there.get("/accounts/me/").status_code == 302
    with pytest.raises(TokenInvalidError):
        bearer(pair.access)
    assert "This browser" in here.get("/accounts/me/").content.decode()


def test_changing_the_password_takes_the_old_one(client, alice):
    client.force_login(alice)
    form = {"own_password": "wrong", "password": FRESH}
    answer = client.post("/accounts/me/password/", form)
    assert answer.status_code == 200
    assert "The password is not right" in answer.content.decode()
    assert User.objects.get(pk=alice.pk).check_password(PASSWORD)


def test_the_log_holds_no_link(client, alice, caplog):
    path, fields = asked(client)
    client.get(path, fields)
    client.post(path, {**fields, "password": FRESH})
    assert fields["token"] not in caplog.text
    assert "/accounts/new-password/" in caplog.text


def test_a_password_that_an_operator_sets_ends_sign_ins_too(client, alice, olga):
    pair = token_pair_issue(person=alice)
    client.force_login(olga)
    form = {"usable_password": "true", "password1": FRESH, "password2": FRESH}
    client.post(f"/admin/accounts/user/{alice.pk}/password/", form)
    assert User.objects.get(pk=alice.pk).check_password(FRESH)
    with pytest.raises(TokenInvalidError):
        bearer(pair.access)


def test_a_password_that_is_only_hashed_anew_ends_nothing(client, alice, settings):
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    pair = token_pair_issue(person=alice)
    client.post("/accounts/sign-in/", {"username": "alice", "password": PASSWORD})
    assert bearer(pair.access)[0] == alice
