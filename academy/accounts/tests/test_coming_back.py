"""Whoever makes an account on the way to a page comes back to that page."""

import re
from html import unescape

import pytest
from django.core import mail
from django.test import Client

from academy.accounts.tests.conftest import PASSWORD, link_of

SIGN_IN, SIGN_UP = "/accounts/sign-in/", "/accounts/sign-up/"
COURSE = "/courses/wellen/?lang=日本&b=1"
BACK = "?next=%2Fcourses%2Fwellen%2F%3Flang%3D%E6%97%A5%E6%9C%AC%26b%3D1"


def links(answer):
    return [unescape(href) for href in re.findall(r'href="([^"]*)"', answer.content.decode())]


def make_account(client, wanted, email="new@example.org"):
    typed = {"display_name": "新しい人", "email": email, "password": PASSWORD, "next": wanted}
    return client.post(SIGN_UP, typed)


def confirmed(client):
    """Where the confirmation leads."""
    path, fields = link_of(mail.outbox[-1])
    return client.post(path, fields)["Location"]


def test_who_makes_an_account_lands_where_they_wanted_to_be(client, db):
    page = client.get(SIGN_IN, {"next": COURSE})
    assert f"{SIGN_UP}{BACK}" in links(page)
    page = client.get(f"{SIGN_UP}{BACK}")
    assert f"{SIGN_IN}{BACK}" in links(page)
    assert 'name="next" value="/courses/wellen/?lang=日本&amp;b=1"' in page.content.decode()
    make_account(client, COURSE)
    assert confirmed(client) == f"{SIGN_IN}{BACK}"
    typed = {"username": "new@example.org", "password": PASSWORD, "next": COURSE}
    assert unescape(client.post(SIGN_IN, typed)["Location"]).startswith("/courses/wellen/")


def test_a_form_that_comes_back_still_leads_on(client, db):
    page = client.post(SIGN_UP, {"next": COURSE, "email": "x"})
    assert page.status_code == 200
    assert f"{SIGN_IN}{BACK}" in links(page)
    page = client.post(SIGN_IN, {"next": COURSE, "username": "x", "password": "y"})
    assert f"{SIGN_UP}{BACK}" in links(page)


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example", ""],
)
def test_only_pages_of_this_site_are_come_back_to(client, db, wanted):
    for path in (SIGN_IN, SIGN_UP):
        page = client.get(path, {"next": wanted}).content.decode()
        assert 'name="next" value=""' in page
        assert "evil" not in page
    make_account(client, wanted)
    assert confirmed(client) == SIGN_IN


def test_an_endless_address_is_not_kept(client, db):
    make_account(client, "/" + "a" * 5000)
    assert confirmed(client) == SIGN_IN


def test_the_mail_has_no_word_of_where_somebody_wanted_to_be(client, alice):
    for address in ("new@example.org", "alice@example.org"):
        make_account(client, "/win-a-prize/", address)
        assert "prize" not in mail.outbox[-1].body


def test_the_next_account_of_a_browser_leads_not_where_the_last_one_wanted(client, db):
    make_account(client, COURSE)
    make_account(client, "", "other@example.org")
    assert confirmed(client) == SIGN_IN


def test_who_opens_the_link_elsewhere_signs_in_from_the_page_that_waits(client, alice):
    for address in ("new@example.org", "alice@example.org"):
        make_account(client, COURSE, address)
        assert f"{SIGN_IN}{BACK}" in links(client.get("/accounts/sign-up/sent/"))
    make_account(client, COURSE, "third@example.org")
    assert confirmed(Client()) == SIGN_IN


def test_who_is_signed_in_already_goes_straight_on(client, alice):
    client.force_login(alice)
    assert client.get(f"{SIGN_UP}{BACK}")["Location"].startswith("/courses/wellen/")
    assert client.get(SIGN_UP)["Location"] == "/accounts/me/"


def test_the_head_of_a_page_leads_back_to_it(client, db, settings):
    assert {SIGN_IN, SIGN_UP} <= set(links(client.get(SIGN_IN)))
    page = links(client.get("/", {"q": "日本"}))
    back = "?next=%2F%3Fq%3D%25E6%2597%25A5%25E6%259C%25AC"
    assert {f"{SIGN_IN}{back}", f"{SIGN_UP}{back}"} <= set(page)
    inside = links(client.get(SIGN_UP, {"next": COURSE}))
    assert inside.count(f"{SIGN_UP}{BACK}") == 1
    settings.SIGN_UP = False
    assert not [link for link in links(client.get("/", {"q": "x"})) if SIGN_UP in link]
