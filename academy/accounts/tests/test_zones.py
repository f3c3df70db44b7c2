"""Time zones: what browsers propose, and what people choose among."""

import pytest

from academy.accounts.forms import ProfileForm
from academy.accounts.models import User
from academy.accounts.services import token_pair_issue
from academy.accounts.tests.conftest import PASSWORD
from academy.accounts.zones import zone_proposed, zones

SIGN_IN, SIGN_UP, ME = "/accounts/sign-in/", "/accounts/sign-up/", "/accounts/me/"
RUBBISH = ["", "Mars/Olympus", "../etc/passwd", "UTC\x00", "Asia/Tokyo ", "東京", "x" * 10_000]


@pytest.fixture
def set_zone(client, alice):
    def one(zone):
        token = token_pair_issue(person=alice).access
        body = {"time_zone": zone}
        headers = {"authorization": f"Bearer {token}"}
        return client.patch("/api/me/", body, "application/json", headers=headers)

    return one


@pytest.fixture
def sign_in(client, alice):
    def one(zone):
        answer = client.post(
            SIGN_IN, {"username": "alice", "password": PASSWORD, "time_zone": zone}
        )
        assert answer.status_code == 302
        client.post("/accounts/sign-out/")
        return User.objects.get(pk=alice.pk).time_zone

    return one


def zone_of_newcomer(client, **more):
    form = {"display_name": "Zoë", "email": "zoe@example.org", "password": PASSWORD, **more}
    assert client.post(SIGN_UP, form)["Location"] == "/accounts/sign-up/sent/"
    return User.objects.get(display_name="Zoë").time_zone


def test_whoever_signs_up_is_in_the_zone_of_their_browser(client, db):
    assert zone_of_newcomer(client, time_zone="Asia/Tokyo") == "Asia/Tokyo"


@pytest.mark.parametrize("rubbish", RUBBISH)
def test_rubbish_instead_of_a_zone_keeps_nobody_from_signing_up_or_in(client, sign_in, rubbish):
    assert sign_in(rubbish) == "UTC"
    assert zone_of_newcomer(client, time_zone=rubbish) == "UTC"


def test_without_scripts_people_sign_up_in_utc(client, db):
    assert zone_of_newcomer(client) == "UTC"


def test_the_first_sign_in_takes_the_zone_of_the_browser_and_no_later_one_does(sign_in):
    assert sign_in("Europe/Oslo") == "Europe/Oslo"
    assert sign_in("Asia/Tokyo") == "Europe/Oslo"


def test_utc_that_was_kept_once_is_not_changed_by_another_browser(sign_in):
    assert sign_in("") == "UTC"
    assert sign_in("Asia/Tokyo") == "UTC"


def test_whoever_came_by_a_program_before_has_the_zone_of_their_first_browser(sign_in, alice):
    token_pair_issue(person=alice)
    assert sign_in("Europe/Berlin") == "Europe/Berlin"
    assert sign_in("Asia/Tokyo") == "Europe/Berlin"


@pytest.mark.parametrize("zone", ["UTC", "America/Lima"])
def test_a_zone_that_was_chosen_by_a_program_stays_chosen(sign_in, set_zone, zone):
    assert set_zone(zone).status_code == 200
    assert sign_in("Europe/Berlin") == zone


def test_a_program_that_changes_something_else_chooses_no_zone(client, sign_in, alice):
    headers = {"authorization": f"Bearer {token_pair_issue(person=alice).access}"}
    body = {"display_name": "Alice"}
    assert client.patch("/api/me/", body, "application/json", headers=headers).status_code == 200
    assert sign_in("Europe/Berlin") == "Europe/Berlin"


def test_a_zone_that_an_operator_gave_stays(sign_in, alice):
    User.objects.filter(pk=alice.pk).update(time_zone="America/Lima")
    assert sign_in("Asia/Tokyo") == "America/Lima"


def test_a_wrong_password_changes_nothing(client, alice):
    form = {"username": "alice", "password": "wrong", "time_zone": "Asia/Tokyo"}
    assert client.post(SIGN_IN, form).status_code == 200
    assert User.objects.get(pk=alice.pk).time_zone == "UTC"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("US/Eastern", "America/New_York"),
        ("Europe/Oslo", "Europe/Oslo"),
    ],
)
def test_what_a_browser_calls_by_an_old_name_is_the_zone_of_today(said, meant):
    assert zone_proposed(said) == meant


@pytest.mark.parametrize(
    "name",
    ["UTC", "Europe/Oslo", "Asia/Calcutta", "US/Eastern", "Japan", "Etc/UTC", "Etc/GMT+3", "GMT"],
)
def test_programs_set_any_zone_that_browsers_say(set_zone, name):
    assert set_zone(name).status_code == 200
    assert User.objects.get(username="Alice").time_zone == name


@pytest.mark.parametrize(
    "name",
    ["Factory", "localtime", "posixrules", "posix/Asia/Tokyo", "right/UTC", "Etc/GMT+99", "GMT+0"],
)
def test_a_name_that_is_no_place_is_refused(set_zone, name):
    answer = set_zone(name)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "time_zone"
    assert User.objects.get(username="Alice").time_zone == "UTC"


def test_the_list_has_no_outdated_names_and_begins_with_utc():
    names = zones()
    assert names[0] == "UTC"
    assert {"Asia/Kolkata", "Europe/Oslo", "America/New_York"} <= set(names)
    assert not {"Asia/Calcutta", "Europe/Kiev", "US/Eastern", "GMT", "Etc/GMT+3"} & set(names)
    assert len(set(names)) == len(names) > 400


def test_an_outdated_name_that_somebody_has_stays_until_they_choose(client, alice):
    User.objects.filter(pk=alice.pk).update(time_zone="Asia/Calcutta")
    client.force_login(alice)
    form = {"display_name": "Alice", "language": "en"}
    assert client.post(ME, {**form, "time_zone": "Asia/Calcutta"}).status_code == 303
    assert User.objects.get(pk=alice.pk).time_zone == "Asia/Calcutta"
    assert client.post(ME, {**form, "time_zone": "Asia/Kolkata"}).status_code == 303
    choices = ProfileForm(person=User.objects.get(pk=alice.pk)).fields["time_zone"].choices
    assert "Asia/Calcutta" not in dict(choices)
