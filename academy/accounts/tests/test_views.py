from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client

from academy.accounts.demo import demo_accounts_load, generated_password, password_file
from academy.accounts.models import CountedEvent, SocketTicket, TokenFamily, User
from academy.accounts.services import (
    demo_accounts_ensure,
    spent_credentials_expire,
    ticket_issue,
    token_pair_issue,
)
from academy.accounts.tests.conftest import PASSWORD
from academy.platform.rates import parse_rate

SIGN_IN = "/accounts/sign-in/"


def sign_in(client, name="alice", password=PASSWORD, **extra):
    return client.post(SIGN_IN, {"username": name, "password": password, **extra})


def is_signed_in(client):
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("name", ["Alice", "alice", "ALICE@example.org"])
def test_a_name_or_an_address_signs_in(client, alice, name):
    response = sign_in(client, name)
    assert response.status_code == 302
    assert is_signed_in(client)


def test_signing_in_makes_a_new_session(client, alice):
    client.get("/accounts/sign-in/")
    client.session["before"] = 1
    before = client.session.session_key
    sign_in(client)
    assert client.session.session_key != before


def test_a_wrong_password_and_an_unknown_name_are_told_the_same(client, alice):
    pages = [sign_in(client, name, "wrong") for name in ("alice", "nobody")]
    for page in pages:
        assert page.status_code == 200
        assert "do not belong together" in page.content.decode()
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        ("/courses/", "/courses/"),
        ("https://evil.example/", None),
        ("//evil.example/", None),
        ("javascript:alert(1)", None),
        ("/\\evil.example", None),
        ("", None),
    ],
)
def test_next_leads_nowhere_else(client, alice, wanted, place):
    response = sign_in(client, next=wanted)
    usual = sign_in(Client())["Location"]
    assert response["Location"] == (place or usual)


def test_who_is_signed_in_is_sent_on(client, alice):
    client.force_login(alice)
    assert client.get(SIGN_IN, {"next": "/x/"})["Location"] == "/x/"


def test_signing_out_needs_a_post(client, alice):
    client.force_login(alice)
    assert client.get("/accounts/sign-out/").status_code == 405
    assert is_signed_in(client)
    assert client.post("/accounts/sign-out/").status_code == 302
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"username": "a\x00b", "password": "x"},
        {"username": "x" * 10_000, "password": "x" * 10_000},
        {"username": "\udcff", "password": "\udcff"},
    ],
    ids=["empty", "nul", "long", "surrogate"],
)
def test_a_form_of_anything_is_answered(client, db, form):
    body = urlencode({name: text.encode("utf-8", "surrogateescape") for name, text in form.items()})
    response = client.post(SIGN_IN, body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 200
    assert not is_signed_in(client)


def test_page_and_api_share_one_limit_and_the_admin_has_no_sign_in_of_its_own(
    client, alice, olga, settings
):
    settings.RATES = {**settings.RATES, "login": parse_rate("2/m")}
    assert sign_in(client, "alice", "wrong").status_code == 200
    api = client.post(
        "/api/auth/token/", {"username": "Alice", "password": "wrong"}, "application/json"
    )
    assert api.status_code == 401
    page = sign_in(client, "ALICE")
    assert page.status_code == 429
    assert 1 <= int(page["Retry-After"]) <= 60
    assert page["RateLimit"].startswith('"login";r=0')
    api = client.post(
        "/api/auth/token/", {"username": "alice", "password": PASSWORD}, "application/json"
    )
    assert api.status_code == 429
    assert 1 <= int(api["Retry-After"]) <= 60
    assert api.json()["errors"][0]["code"] == "throttled"
    form = {"username": "alice", "password": PASSWORD, "next": "/admin/"}
    assert client.post("/admin/login/", form)["Location"].startswith(SIGN_IN)
    assert not is_signed_in(client)


@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_a_name_is_limited_from_wherever_it_is_tried_but_generously(alice, settings, name):
    settings.RATES = {**settings.RATES, "login": parse_rate("1/m")}
    statuses = [
        sign_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), name, "wrong").status_code
        for number in range(12)
    ]
    assert statuses == [200] * 10 + [429] * 2


def test_wrong_tries_of_a_stranger_do_not_lock_the_owner_out(alice, settings):
    settings.RATES = {**settings.RATES, "login": parse_rate("2/m")}
    stranger = [sign_in(Client(REMOTE_ADDR="192.0.2.1"), "alice", "wrong") for _ in range(4)]
    assert [answer.status_code for answer in stranger] == [200, 200, 429, 429]
    assert sign_in(Client(REMOTE_ADDR="192.0.2.2")).status_code == 302


def test_no_limit_tells_that_a_name_and_an_address_are_one_account(alice, settings):
    """However often one of them was tried, the other is answered as an address of nobody is."""
    settings.RATES = {**settings.RATES, "login": parse_rate("3/m")}
    answers = []
    for number, address in enumerate(("alice@example.org", "nobodys@example.org")):
        for at in range(40):
            sign_in(Client(REMOTE_ADDR=f"198.51.{number}.{at}"), "alice", "wrong")
        tries = []
        for _ in range(4):
            body = {"username": address, "password": "wrong"}
            post = Client(REMOTE_ADDR=f"192.0.2.{number}").post
            tries.append(post("/api/auth/token/", body, "application/json"))
        answers.append([(try_.status_code, try_["RateLimit"].split(";t=")[0]) for try_ in tries])
    assert answers[0] == answers[1]
    assert [status for status, _limit in answers[0]] == [401, 401, 401, 429]


def test_the_answer_shows_what_is_left_to_the_network_address_alone(alice, settings):
    settings.RATES = {**settings.RATES, "login": parse_rate("9/m")}
    limits = [
        sign_in(Client(REMOTE_ADDR=source), name, "wrong")["RateLimit"].split(";t=")[0]
        for source, name in (
            ("192.0.2.1", "alice"),
            ("192.0.2.1", "alice@example.org"),
            ("192.0.2.1", "nobody"),
            ("192.0.2.2", "alice"),
        )
    ]
    assert limits == [f'"login";r={left}' for left in (8, 7, 6, 8)]


def test_a_name_has_one_limit_however_it_is_spelled(alice, settings):
    settings.RATES = {**settings.RATES, "login": parse_rate("1/m")}
    names = ["alice", "Alice", " ALICE "] * 4
    statuses = [
        sign_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), name, "wrong").status_code
        for number, name in enumerate(names)
    ]
    assert statuses == [200] * 10 + [429] * 2


def test_refused_tries_are_never_hashed(alice, settings, monkeypatch):
    settings.RATES = {**settings.RATES, "login": parse_rate("1/m")}
    sign_in(Client(), "alice", "wrong")
    hashed = []
    monkeypatch.setattr(User, "check_password", lambda *args: hashed.append(args))
    assert sign_in(Client()).status_code == 429
    assert not hashed


@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_log_ins_at_once_exactly_the_limit_is_tried(transactional_db, settings):
    settings.RATES = {
        **settings.RATES,
        "login": parse_rate("10/m"),
        "anon": parse_rate("1000/h"),
    }
    User.objects.create_user("alice", "", PASSWORD)

    def log_in(_number):
        try:
            body = {"username": "alice", "password": PASSWORD}
            return Client().post("/api/auth/token/", body, "application/json")
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(log_in, range(100)))
    assert sorted({answer.status_code for answer in answers}) == [200, 429]
    assert sum(answer.status_code == 200 for answer in answers) == 10
    assert all(int(a["Retry-After"]) <= 60 for a in answers if a.status_code == 429)


def test_what_is_spent_is_removed_and_what_is_not_stays(alice, client):
    for _ in range(2):
        token_pair_issue(person=alice)
        ticket_issue(person=alice, source="session:x")
        CountedEvent.objects.create(key="a")
    past = Now() - timedelta(days=40)
    for model, field in (
        (TokenFamily, "expires_at"),
        (SocketTicket, "expires_at"),
        (CountedEvent, "at"),
    ):
        model.objects.filter(pk=model.objects.first().pk).update(**{field: past})
    assert spent_credentials_expire() == 3
    assert TokenFamily.objects.count() == SocketTicket.objects.count() == 1
    assert CountedEvent.objects.count() == 1


def test_demo_accounts_are_made_once_and_keep_their_passwords(db):
    assert demo_accounts_ensure(password=None, first_password="first") == [
        "learner",
        "instructor",
        "operator",
    ]
    operator = User.objects.get(username="operator")
    assert operator.is_staff
    operator.set_password("own")
    operator.save()
    assert demo_accounts_ensure(password=None, first_password="other") == []
    assert User.objects.get(username="operator").check_password("own")
    assert User.objects.get(username="learner").check_password("first")
    demo_accounts_ensure(password="given")
    assert User.objects.get(username="operator").check_password("given")


def test_a_generated_password_is_kept_for_its_owner_alone(settings, tmp_path, db):
    settings.VAR_DIR = tmp_path
    settings.DEMO_PASSWORD = ""
    assert demo_accounts_load() == ["learner", "instructor", "operator"]
    assert password_file().stat().st_mode & 0o777 == 0o600
    assert User.objects.get(username="learner").check_password(generated_password())
    assert demo_accounts_load() == []


def test_a_given_password_is_written_nowhere(settings, tmp_path, db):
    settings.VAR_DIR = tmp_path
    settings.DEMO_PASSWORD = "given by hand"
    demo_accounts_load()
    assert User.objects.get(username="learner").check_password("given by hand")
    assert list(tmp_path.iterdir()) == []


def test_pages_tell_a_persons_own_time(client, alice, settings):
    settings.ROOT_URLCONF = "academy.accounts.tests.urls"
    alice.time_zone = "Asia/Tokyo"
    alice.save()
    client.force_login(alice)
    for path in ("/zone/", "/zone-async/"):
        assert client.get(path).content == b"Asia/Tokyo"
        assert Client().get(path).content == b"UTC"


def test_pages_speak_a_persons_language_where_there_is_one(client, alice, settings):
    settings.ROOT_URLCONF = "academy.accounts.tests.urls"
    settings.LANGUAGES = [("en", "English"), ("ja", "Japanese")]
    client.force_login(alice)
    for language, spoken in (("ja", b"ja"), ("de", b"en"), ("../x", b"en"), ("", b"en")):
        User.objects.filter(pk=alice.pk).update(language=language)
        assert client.get("/language/").content == spoken


def test_a_visitor_without_a_session_costs_no_query(
    client, settings, django_assert_num_queries, db
):
    settings.ROOT_URLCONF = "academy.accounts.tests.urls"
    with django_assert_num_queries(0):
        client.get("/zone/")


def test_the_admin_shows_people_and_ends_sign_ins(client, olga, alice):
    token_pair_issue(person=alice)
    client.force_login(olga)
    for path in (
        "/admin/accounts/user/",
        "/admin/accounts/user/add/",
        f"/admin/accounts/user/{alice.pk}/change/",
        "/admin/accounts/tokenfamily/",
    ):
        assert client.get(path).status_code == 200, path
    family = TokenFamily.objects.get()
    form = {"action": "revoke", "_selected_action": [str(family.pk)]}
    client.post("/admin/accounts/tokenfamily/", form)
    family.refresh_from_db()
    assert family.revoked_at is not None


def test_the_admin_makes_people(client, olga):
    client.force_login(olga)
    form = {
        "username": "new",
        "email": "new@example.org",
        "display_name": "新しい人",
        "role": "instructor",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    assert client.post("/admin/accounts/user/add/", form).status_code == 302
    made = User.objects.get(username="new")
    assert made.role == "instructor"
    assert made.check_password(PASSWORD)


def test_learners_are_kept_out_of_the_admin(client, alice):
    client.force_login(alice)
    assert client.get("/admin/accounts/user/").status_code == 302
