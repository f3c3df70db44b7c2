"""People at the operators' desk: what would lock somebody out is refused beside its field."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from academy.accounts import leaving
from academy.accounts.errors import LeavingBlockedError
from academy.accounts.models import Role, SocketTicket, User
from academy.accounts.services import operator_spare, ticket_issue
from academy.accounts.tests.conftest import PASSWORD


@pytest.fixture
def desk(client, olga):
    client.force_login(olga)
    return client


def person_form(person, **changes):
    form = {
        "username": person.username,
        "display_name": person.display_name,
        "email": person.email,
        "language": person.language,
        "time_zone": person.time_zone,
        "role": person.role,
        "is_active": "on",
    }
    given = {**form, **changes}
    return {name: value for name, value in given.items() if value is not None}


def change(desk, person, **changes):
    return desk.post(f"/admin/accounts/user/{person.pk}/change/", person_form(person, **changes))


def errors_of(answer):
    return str(answer.context["adminform"].form.errors)


@pytest.mark.parametrize(
    "changes", [{"role": "learner"}, {"role": "instructor"}, {"is_active": None}]
)
def test_the_last_operator_stays_one(desk, olga, changes):
    User.objects.create_user("gone", role=Role.OPERATOR, is_active=False)
    assert "last operator" in errors_of(change(desk, olga, **changes))
    olga.refresh_from_db()
    assert (olga.role, olga.is_active) == ("operator", True)


def test_an_operator_among_others_may_step_down_and_the_last_may_be_renamed(desk, olga):
    assert change(desk, olga, display_name="Olga オルガ").status_code == 302
    User.objects.create_user("otto", role=Role.OPERATOR)
    olga.refresh_from_db()
    assert change(desk, olga, role="instructor").status_code == 302
    olga.refresh_from_db()
    assert (olga.display_name, olga.role, olga.is_staff) == ("Olga オルガ", "instructor", False)


@pytest.mark.django_db(transaction=True)
def test_of_two_last_operators_who_step_down_at_once_one_stays(transactional_db):
    people = [User.objects.create_user(f"o{number}", role=Role.OPERATOR) for number in range(2)]

    def step_down(person):
        try:
            with transaction.atomic():
                operator_spare(person_id=person.pk)
                User.objects.filter(pk=person.pk).update(role=Role.LEARNER)
        except LeavingBlockedError as error:
            return error
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(step_down, people))
    assert sum(answer is None for answer in answers) == 1
    assert User.objects.filter(role=Role.OPERATOR).count() == 1


@pytest.mark.parametrize("name", ["Alice@example.org", "ALICE@EXAMPLE.ORG", "nobody@example.org"])
def test_nobody_is_named_by_an_address_that_is_not_their_own(desk, alice, bob, name):
    assert "own" in errors_of(change(desk, bob, username=name))
    form = {"username": name, "role": "learner", "usable_password": "true"}
    form |= {"password1": PASSWORD, "password2": PASSWORD}
    assert "own" in errors_of(desk.post("/admin/accounts/user/add/", form))
    assert User.objects.count() == 3


def test_whoever_is_named_by_their_own_address_keeps_it_with_the_name(desk, bob):
    own = {"username": "bob@example.org", "email": "Bob@example.org"}
    assert change(desk, bob, **own).status_code == 302
    bob.refresh_from_db()
    assert change(desk, bob, display_name="Bob").status_code == 302
    assert "own" in errors_of(change(desk, bob, email="other@example.org"))


def test_whose_name_was_an_address_before_can_be_changed_otherwise(desk, bob):
    User.objects.filter(pk=bob.pk).update(username="old@example.org", email="new@example.org")
    bob.refresh_from_db()
    assert change(desk, bob, display_name="Bob").status_code == 302


def test_who_owns_courses_becomes_no_learner(desk, bob, monkeypatch):
    User.objects.filter(pk=bob.pk).update(role=Role.INSTRUCTOR)
    bob.refresh_from_db()
    monkeypatch.setitem(leaving._obstacles, "courses", lambda _person_id: "You own 2 courses.")
    refused = errors_of(change(desk, bob, role="learner"))
    assert "handed over first" in refused
    assert "You own 2 courses." in refused
    assert change(desk, bob, role="operator").status_code == 302
    monkeypatch.setitem(leaving._obstacles, "courses", lambda _person_id: None)
    bob.refresh_from_db()
    assert change(desk, bob, role="learner").status_code == 302


def test_a_ticket_is_shown_without_the_sign_in_that_it_stands_for(desk, alice):
    ticket_issue(person=alice, source="session:verysecretkey")
    row = SocketTicket.objects.get()
    for path in ("", f"{row.pk}/change/"):
        page = desk.get(f"/admin/accounts/socketticket/{path}")
        assert page.status_code == 200
        assert "Alice" in page.text
        assert "verysecretkey" not in page.text


def test_the_list_of_people_tells_when_they_joined_and_last_signed_in(desk, olga):
    page = desk.get("/admin/accounts/user/")
    assert {"date_joined", "last_login"} <= set(page.context["cl"].list_display)
    text = page.content.decode().lower()
    assert "date joined" in text
    assert "last login" in text
