from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.db import connection
from django.test import Client

from academy.accounts import leaving
from academy.accounts.errors import LeavingBlockedError
from academy.accounts.models import BrowserSignIn, Role, SocketTicket, TokenFamily, User
from academy.accounts.services import person_anonymise, ticket_issue, token_pair_issue
from academy.accounts.signals import person_anonymised
from academy.accounts.tests.conftest import PASSWORD

LEAVE = "/accounts/me/delete/"


@pytest.fixture
def heard():
    calls = []

    def receive(**said):
        said.pop("signal")
        calls.append(said)

    person_anonymised.connect(receive)
    yield calls
    person_anonymised.disconnect(receive)


def test_nobody_can_tell_whose_account_it_was(client, alice, factor, heard):
    client.force_login(alice)
    EmailAddress.objects.create(user=alice, email="old@example.org", verified=True)
    EmailAddress.objects.create(user=alice, email="perhaps-anybodys@example.org")
    token_pair_issue(person=alice)
    ticket_issue(person=alice, source="session:x")
    there = Client()
    there.force_login(alice)
    form = {"own_password": PASSWORD, "code": factor.code()}
    assert client.post(LEAVE, form)["Location"] == "/accounts/left/"
    assert client.get("/accounts/left/").status_code == 200
    left = User.objects.get(pk=alice.pk)
    assert left.username.startswith("deleted-")
    assert (left.email, left.display_name, left.is_active) == ("", "Deleted person", False)
    assert not left.has_usable_password()
    for model in (EmailAddress, Authenticator, TokenFamily, SocketTicket, BrowserSignIn):
        assert not model.objects.exists(), model
    assert there.get("/accounts/me/").status_code == 302
    assert heard == [
        {
            "sender": None,
            "person_id": alice.pk,
            "username": "Alice",
            "addresses": heard[0]["addresses"],
        }
    ]
    assert set(heard[0]["addresses"]) == {"alice@example.org", "old@example.org"}
    assert mail.outbox[-1].to == ["Alice@example.org"]


def test_the_address_and_the_name_are_free_again(client, alice):
    person_anonymise(person_id=alice.pk)
    User.objects.create_user("alice", "alice@example.org", PASSWORD)


def test_leaving_twice_is_as_good_as_once(alice, heard):
    person_anonymise(person_id=alice.pk)
    name = User.objects.get(pk=alice.pk).username
    person_anonymise(person_id=alice.pk)
    assert User.objects.get(pk=alice.pk).username == name
    assert len(heard) == 1


def test_without_the_password_nobody_leaves(client, alice):
    client.force_login(alice)
    for password in ("", "wrong"):
        assert client.post(LEAVE, {"own_password": password}).status_code == 200
    assert User.objects.get(pk=alice.pk).is_active


def test_somebody_who_is_needed_is_told_what_to_do_first(client, alice, monkeypatch):
    monkeypatch.setattr(leaving, "_obstacles", {"x": lambda person_id: "Give the boat back first."})
    client.force_login(alice)
    assert "Give the boat back first." in client.get(LEAVE).content.decode()
    answer = client.post(LEAVE, {"own_password": PASSWORD})
    assert answer.status_code == 409
    assert User.objects.get(pk=alice.pk).email == "Alice@example.org"


def test_what_fails_on_the_way_changes_nothing(alice):
    def fail(**_said):
        raise RuntimeError

    person_anonymised.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            person_anonymise(person_id=alice.pk)
    finally:
        person_anonymised.disconnect(fail)
    assert User.objects.get(pk=alice.pk).email == "Alice@example.org"
    assert not mail.outbox


@pytest.mark.django_db(transaction=True)
def test_of_the_last_two_operators_one_stays(transactional_db):
    people = [
        User.objects.create_user(name, "", PASSWORD, role=Role.OPERATOR) for name in ("a", "b")
    ]

    def leave(person):
        try:
            person_anonymise(person_id=person.pk)
        except LeavingBlockedError:
            return "stays"
        finally:
            connection.close()
        return "leaves"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, people)) == ["leaves", "stays"]
    assert User.objects.filter(role=Role.OPERATOR, is_active=True).count() == 1


def test_operators_anonymise_people_and_delete_none(client, alice, olga):
    client.force_login(olga)
    assert client.post(f"/admin/accounts/user/{alice.pk}/delete/").status_code == 403
    form = {"action": "anonymise", "_selected_action": [str(alice.pk), str(olga.pk)]}
    asked = client.post("/admin/accounts/user/", form).content.decode()
    assert "Anonymise 2 people" in asked
    assert User.objects.get(pk=alice.pk).is_active
    form["confirmed"] = "yes"
    page = client.post("/admin/accounts/user/", form, follow=True).content.decode()
    assert "You are the last operator" in page
    assert not User.objects.get(pk=alice.pk).is_active
    assert User.objects.get(pk=olga.pk).is_active


def test_the_page_says_what_goes_and_stays_and_offers_ones_data_before_the_grave_button(
    client, alice
):
    client.force_login(alice)
    text = client.get(LEAVE).content.decode()
    order = [
        "Nobody can undo this.",
        'action="/accounts/me/export/"',
        "Gone for good:",
        "What stays:",
        '<button class="danger" type="submit">Delete my account',
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
