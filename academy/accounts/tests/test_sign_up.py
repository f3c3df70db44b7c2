import re
import time
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate
from django.core import mail
from django.core.management import call_command
from django.db.models import F
from django.http import HttpResponse
from django.test import Client, RequestFactory

from academy.accounts.middleware import PersonMiddleware
from academy.accounts.models import User
from academy.accounts.services import demo_accounts_ensure, spent_credentials_expire
from academy.accounts.tests.conftest import PASSWORD, link_of
from academy.platform.rates import parse_rate

SIGN_UP = "/accounts/sign-up/"
SIGN_IN = "/accounts/sign-in/"
ADDRESSES = ("alice@example.org", "nobodys@example.org")


def sign_up(client, email="new@example.org", name="新しい人", password=PASSWORD):
    return client.post(SIGN_UP, {"display_name": name, "email": email, "password": password})


def sign_in(client, name="new@example.org", password=PASSWORD):
    return client.post(SIGN_IN, {"username": name, "password": password})


def is_signed_in(client):
    return "_auth_user_id" in client.session


def told(answer):
    """The headers without what differs each time."""
    own = {"X-Request-ID", "Content-Security-Policy", "Content-Length", "Expires"}
    headers = {name: value for name, value in answer.headers.items() if name not in own}
    return {name: re.sub(r"\bt=\d+", "t=", value) for name, value in headers.items()}


def plain(answer):
    """The page without what differs each time."""
    return re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]*"', "", answer.content.decode())


def confirm(client, message):
    path, fields = link_of(message)
    assert client.get(path, fields).status_code == 200
    return client.post(path, fields)


def test_a_person_signs_up_confirms_and_signs_in(client, db):
    assert sign_up(client)["Location"] == "/accounts/sign-up/sent/"
    assert client.get("/accounts/sign-up/sent/").status_code == 200
    (message,) = mail.outbox
    assert message.to == ["new@example.org"]
    assert confirm(client, message)["Location"] == SIGN_IN
    assert sign_in(client).status_code == 302
    assert is_signed_in(client)
    person = User.objects.get(email="new@example.org")
    assert (person.display_name, person.role, person.is_staff) == ("新しい人", "learner", False)


def test_opening_the_link_alone_confirms_nothing(client, db):
    sign_up(client)
    path, fields = link_of(mail.outbox[0])
    client.get(path, fields)
    client.head(path, data=fields)
    assert not EmailAddress.objects.filter(verified=True).exists()


def test_nobody_signs_in_before_confirming_and_the_link_comes_again(client, db, post):
    sign_up(client)
    page = sign_in(client)
    assert page.status_code == 200
    assert "Open the link in our mail first" in page.content.decode()
    assert not is_signed_in(client)
    answer = post("token", {"username": "new@example.org", "password": PASSWORD})
    assert answer.status_code == 401
    assert [message.to for message in mail.outbox] == [["new@example.org"]] * 3
    assert confirm(client, mail.outbox[2]).status_code == 303
    assert sign_in(client).status_code == 302


def test_whoever_signs_up_and_signs_in_is_not_told_whether_the_address_had_an_account(alice):
    """The same password, for an address that is somebody's and for one that is nobody's."""
    pages, answers = [], []
    for number, address in enumerate(ADDRESSES):
        browser = Client(REMOTE_ADDR=f"192.0.2.{number}")
        own = "the stranger's own words"
        sign_up(browser, address, password=own)
        pages.append(sign_in(browser, address, own))
        body = {"username": address, "password": own}
        answers.append(browser.post("/api/auth/token/", body, "application/json"))
    texts = [plain(page).replace(a, "@") for page, a in zip(pages, ADDRESSES, strict=True)]
    assert texts[0] == texts[1]
    assert [page.status_code for page in pages] == [200, 200]
    assert pages[0].cookies.keys() == pages[1].cookies.keys()
    assert answers[0].content == answers[1].content
    assert answers[0].json()["errors"][0]["code"] == "authentication_failed"
    for first, second in (pages, answers):
        assert told(first) == told(second)


def test_signing_in_before_confirming_uses_up_no_limit_that_can_be_seen(alice, settings):
    settings.RATES = {**settings.RATES, "mail": parse_rate("3/h"), "sign_up": parse_rate("9/h")}
    seen = []
    for number, address in enumerate(ADDRESSES):
        browser = Client(REMOTE_ADDR=f"192.0.2.{number}")
        sign_up(browser, address, password="the stranger's own words")
        for _ in range(5):
            sign_in(browser, address, "the stranger's own words")
        for _ in range(3):
            answer = browser.post("/accounts/reset/", {"email": address})
            headers = {**told(answer), "Retry-After": "Retry-After" in answer}
            seen.append((answer.status_code, headers))
    assert seen[:3] == seen[3:]
    assert [status for status, _headers in seen[:3]] == [302, 302, 429]
    assert mail.outbox


def test_the_link_is_sent_again_a_few_times_only(client, db, settings):
    settings.RATES = {**settings.RATES, "mail": parse_rate("2/h")}
    sign_up(client)
    assert {sign_in(client).status_code for _ in range(6)} == {200}
    assert len(mail.outbox) == 3


def test_the_link_is_sent_again_after_the_answer(client, db):
    """Writing a mail takes time, which would tell what the answer does not."""
    sign_up(client)
    request = RequestFactory().post("/")
    assert authenticate(request, username="new@example.org", password=PASSWORD) is None
    answer = HttpResponse()
    PersonMiddleware(lambda _request: answer)(request)
    assert len(mail.outbox) == 1
    answer.close()
    assert len(mail.outbox) == 2


def test_with_a_wrong_password_an_unconfirmed_account_is_told_from_nothing(client, db):
    sign_up(client)
    answers = [sign_in(client, name, "wrong") for name in ("new@example.org", "x@example.org")]
    texts = [plain(answer).partition("<h1>")[2] for answer in answers]
    assert "do not belong together" in texts[0]
    assert texts[0].replace("new@", "x@") == texts[1]
    assert len(mail.outbox) == 1


def test_sign_up_answers_alike_whether_or_not_the_address_has_an_account(client, alice):
    known = sign_up(Client(), "alice@example.ORG")
    unknown = sign_up(Client(), "other@example.org")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert set(known.headers) == set(unknown.headers)
    assert [message.to for message in mail.outbox] == [["Alice@example.org"], ["other@example.org"]]
    assert "You have an account already" in mail.outbox[0].subject
    assert User.objects.filter(email__iexact="alice@example.org").count() == 1
    assert User.objects.get(pk=alice.pk).check_password(PASSWORD)


def test_sign_up_takes_as_long_whether_or_not_the_address_has_an_account(alice):
    seconds = {True: [], False: []}
    # In turns, and the best of each: what else the machine does only ever adds.
    for number in range(7):
        for is_known, email in ((True, "alice@example.org"), (False, f"new{number}@example.org")):
            started = time.perf_counter()
            sign_up(Client(), email)
            seconds[is_known].append(time.perf_counter() - started)
    known, unknown = min(seconds[True]), min(seconds[False])
    assert 0.4 < known / unknown < 2.5


def test_the_first_who_confirms_has_the_address(client, db):
    sign_up(Client(), password="the squatter's own words")
    sign_up(client)
    squatters, own = mail.outbox
    confirm(client, own)
    assert User.objects.count() == 1
    path, fields = link_of(squatters)
    assert client.post(path, fields).status_code == 410
    assert not sign_in(Client(), password="the squatter's own words").has_header("Location")
    assert sign_in(client).status_code == 302


def test_a_link_confirms_once(client, db):
    sign_up(client)
    confirm(client, mail.outbox[0])
    path, fields = link_of(mail.outbox[0])
    assert client.post(path, fields).status_code == 410


@pytest.mark.parametrize(
    "key",
    ["", "x", "MQ:1xyz:abc", "a" * 5000, "é\udcff".encode("utf-8", "replace").decode(), "1:1:1"],
)
def test_a_made_up_link_is_told_to_be_spent(client, db, key):
    answer = client.post("/accounts/confirm/", {"key": key})
    assert answer.status_code == 410


def test_what_is_not_confirmed_in_three_days_is_gone(client, db, alice):
    sign_up(client)
    before = timedelta(days=3, minutes=1)
    User.objects.update(date_joined=F("date_joined") - before)
    assert spent_credentials_expire() >= 1
    assert list(User.objects.values_list("username", flat=True)) == ["Alice"]


@pytest.mark.parametrize(
    "name",
    ["Eve\nBcc: all@example.org", "Eve\r\nX: y", "a\x00b", "\u202eevE", "x" * 121, "", "\u2028"],
)
def test_a_name_that_breaks_a_line_is_refused(client, db, name):
    assert sign_up(client, name=name).status_code in {200, 400}
    assert not User.objects.exists()
    assert not mail.outbox


@pytest.mark.parametrize(
    "email",
    ["", "x", "a@b\nBcc: c@example.org", "a@b@c.org", "x@" + "y" * 300 + ".org", "a\x00@b.org"],
)
def test_what_is_no_address_is_refused(client, db, email):
    assert sign_up(client, email).status_code in {200, 400}
    assert not mail.outbox


@pytest.mark.parametrize("password", ["short", "password", "12345678901", "new@example.org"])
def test_a_password_that_is_easy_to_guess_is_refused(client, db, password):
    assert sign_up(client, password=password).status_code == 200
    assert not User.objects.exists()


def test_the_mail_carries_no_words_of_whoever_typed_the_address(client, db):
    sign_up(client, name="Win a prize at evil.example")
    assert "evil.example" not in f"{mail.outbox[0].subject} {mail.outbox[0].body}"


def test_links_lead_to_the_academys_own_address_whatever_host_was_sent(client, db, settings):
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_URL = "https://academy.example.org"
    client.post(
        SIGN_UP,
        {"display_name": "N", "email": "n@example.org", "password": PASSWORD},
        headers={"host": "evil.example"},
    )
    assert "evil.example" not in mail.outbox[0].body
    assert "https://academy.example.org/accounts/confirm/?key=" in mail.outbox[0].body


def ask(number, path="/accounts/reset/"):
    browser = Client(REMOTE_ADDR=f"192.0.2.{number}")
    return browser.post(path, {"email": "ALICE@example.org"}).status_code


def test_nobody_is_flooded_with_mails(alice, settings):
    settings.RATES = {**settings.RATES, "mail": parse_rate("1/h")}
    assert [ask(number) for number in range(6)] == [302] * 4 + [429] * 2
    assert sign_up(Client(REMOTE_ADDR="192.0.2.9"), "alice@example.org").status_code == 429
    assert len(mail.outbox) == 4


def test_a_stranger_does_not_use_up_anothers_mails(alice, settings):
    settings.RATES = {**settings.RATES, "mail": parse_rate("1/h")}
    assert [ask(1) for _ in range(6)] == [302] + [429] * 5
    assert ask(2) == 302


def test_one_place_makes_so_many_accounts_and_no_more(db, settings):
    settings.RATES = {**settings.RATES, "sign_up": parse_rate("2/h")}
    statuses = [sign_up(Client(), f"n{n}@example.org").status_code for n in range(3)]
    assert statuses == [302, 302, 429]


def test_a_form_of_another_site_makes_no_account(db):
    client = Client(enforce_csrf_checks=True)
    assert sign_up(client).status_code == 403
    assert not User.objects.exists()


def test_where_operators_make_accounts_nobody_signs_up(client, db, settings):
    settings.SIGN_UP = False
    assert client.get(SIGN_UP).status_code == 404
    assert sign_up(client).status_code == 404
    assert SIGN_UP not in client.get(SIGN_IN).content.decode()


def test_who_was_made_by_an_operator_needs_no_confirmation(client, alice, bob, olga):
    for name in ("alice", "bob", "olga@example.org"):
        browser = Client()
        assert sign_in(browser, name).status_code == 302
        assert is_signed_in(browser)


def test_the_shell_makes_a_superuser_who_signs_in_at_once(client, db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command(
        "createsuperuser", interactive=False, username="root", email="r@example.org", verbosity=0
    )
    assert sign_in(client, "root").status_code == 302
    assert client.get("/admin/").status_code == 200


def test_demo_accounts_sign_in_without_confirmation(client, db):
    demo_accounts_ensure(password=PASSWORD)
    assert sign_in(client, "learner").status_code == 302
    assert not mail.outbox
