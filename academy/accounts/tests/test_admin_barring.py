"""People whom operators keep out and let in again."""

import pytest
from django.test import Client
from django.urls import reverse

from academy.accounts.errors import AccountGoneError, LeavingBlockedError, OwnAccountError
from academy.accounts.models import BrowserSignIn, Role, SocketTicket, TokenFamily, User
from academy.accounts.services import (
    person_activate,
    person_anonymise,
    person_deactivate,
    ticket_issue,
)
from academy.accounts.tests.conftest import PASSWORD

LIST = "/admin/accounts/user/"


@pytest.fixture
def desk(client, olga):
    client.force_login(olga)
    return client


def act(desk, action, *people, **more):
    form = {"action": action, "_selected_action": [person.pk for person in people], **more}
    return desk.post(LIST, form, follow=True)


def told(answer):
    return " ".join(str(message) for message in answer.context["messages"])


def signed_in():
    client = Client()
    form = {"username": "alice", "password": PASSWORD}
    assert client.post(reverse("accounts:sign-in"), form).status_code == 302
    return client


def test_who_is_deactivated_is_signed_out_everywhere_and_cannot_come_back(alice, olga, pair):
    page = signed_in()
    ticket_issue(person=alice, source="session:x")
    assert BrowserSignIn.objects.filter(person=alice).exists()
    assert person_deactivate(person_id=alice.pk, acting_user=olga)
    assert not BrowserSignIn.objects.filter(person=alice).exists()
    assert not SocketTicket.objects.filter(person=alice).exists()
    assert not TokenFamily.objects.filter(person=alice, revoked_at=None).exists()
    assert page.get(reverse("accounts:me")).status_code == 302
    form = {"username": "alice", "password": PASSWORD}
    assert Client().post(reverse("accounts:sign-in"), form).status_code != 302
    bearer = {"Authorization": f"Bearer {pair.access}"}
    assert Client().get("/api/me/", headers=bearer).status_code == 401


def test_open_pages_of_who_is_deactivated_hear_of_it(
    alice, olga, monkeypatch, django_capture_on_commit_callbacks
):
    heard = []
    monkeypatch.setattr(
        "academy.platform.realtime.publishing._sender.offer", lambda topic: heard.append(topic)
    )
    with django_capture_on_commit_callbacks(execute=True):
        person_deactivate(person_id=alice.pk, acting_user=olga)
    assert f"person:{alice.pk}" in heard


def test_who_is_activated_again_signs_in_anew_with_the_old_password(alice, olga):
    page = signed_in()
    person_deactivate(person_id=alice.pk, acting_user=olga)
    assert person_activate(person_id=alice.pk)
    assert page.get(reverse("accounts:me")).status_code == 302
    assert signed_in().get(reverse("accounts:me")).status_code == 200


def test_doing_it_twice_changes_nothing(alice, olga):
    assert not person_activate(person_id=alice.pk)
    assert person_deactivate(person_id=alice.pk, acting_user=olga)
    assert not person_deactivate(person_id=alice.pk, acting_user=olga)


def test_nobody_shuts_themselves_or_the_last_operator_out(olga):
    with pytest.raises(OwnAccountError):
        person_deactivate(person_id=olga.pk, acting_user=olga)
    # Somebody deactivated this one after the page was opened.
    otto = User.objects.create_user("otto", role=Role.OPERATOR, is_active=False)
    with pytest.raises(LeavingBlockedError):
        person_deactivate(person_id=olga.pk, acting_user=otto)
    olga.refresh_from_db()
    assert olga.is_active


def test_an_account_that_was_deleted_is_not_activated(alice):
    person_anonymise(person_id=alice.pk)
    with pytest.raises(AccountGoneError):
        person_activate(person_id=alice.pk)


def test_the_desk_says_whom_it_reaches_and_what_stays_before_it_deactivates(desk, alice, bob):
    page = act(desk, "deactivate", alice, bob)
    assert "Deactivate 2 people" in page.text
    assert "Their places in courses" in page.text
    assert User.objects.filter(is_active=False).count() == 0
    done = act(desk, "deactivate", alice, bob, confirmed="yes")
    assert "2 accounts are deactivated." in told(done)
    assert User.objects.filter(is_active=False).count() == 2
    assert "None of them can sign in already." in told(act(desk, "deactivate", alice, bob))
    assert "2 accounts are active again." in told(act(desk, "activate", alice, bob))
    assert User.objects.filter(is_active=False).count() == 0


def test_the_desk_tells_who_could_not_be_deactivated_and_does_the_others(desk, olga, alice):
    done = told(act(desk, "deactivate", olga, alice, confirmed="yes"))
    assert "Nobody shuts themselves out" in done
    assert "1 account is deactivated." in done
    olga.refresh_from_db()
    assert olga.is_active


def test_the_desk_does_not_count_the_operator_among_whom_it_reaches(desk, olga, alice):
    page = act(desk, "deactivate", olga, alice)
    assert "Nobody shuts themselves out" in told(page)
    assert "Deactivate 1 person" in page.text
    alone = act(desk, "deactivate", olga, confirmed="yes")
    assert alone.redirect_chain
    assert "Nobody shuts themselves out" in told(alone)


def test_too_many_people_at_once_are_refused(desk, alice, bob, monkeypatch):
    monkeypatch.setattr("academy.accounts.admin.MAX_PEOPLE_AT_ONCE", 1)
    assert "at most 1 people" in told(act(desk, "deactivate", alice, bob, confirmed="yes"))
    assert User.objects.filter(is_active=False).count() == 0


def test_sign_ins_end_also_where_the_account_is_deactivated_on_its_page(desk, alice, pair):
    signed_in()
    form = {
        "username": alice.username, "display_name": alice.display_name, "email": alice.email,
        "language": alice.language, "time_zone": alice.time_zone, "role": alice.role,
    }  # fmt: skip
    assert desk.post(f"{LIST}{alice.pk}/change/", form).status_code == 302
    alice.refresh_from_db()
    assert not alice.is_active
    assert not BrowserSignIn.objects.filter(person=alice).exists()
    assert not TokenFamily.objects.filter(person=alice, revoked_at=None).exists()
