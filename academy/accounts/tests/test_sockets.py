from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.db.models.functions import Now
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from academy.accounts.errors import ForeignOriginError, SignedOutError, TokenInvalidError
from academy.accounts.models import SocketTicket, TokenFamily
from academy.accounts.services import family_revoke, ticket_issue
from academy.accounts.sockets import authenticate_socket, is_own_origin, person_still_signed_in
from academy.accounts.tests.conftest import PASSWORD

OURS = "http://localhost:8000"


def scope(query="", **headers):
    headers = {"host": "localhost:8000", **headers}
    return {
        "type": "websocket",
        "path": "/ws/tasks/1/",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
    }


@pytest.fixture
def cookie(alice):
    client = Client()
    client.force_login(alice)
    return f"csrftoken=x; sessionid={client.cookies['sessionid'].value}"


def session_client(cookie):
    client = Client()
    client.cookies["sessionid"] = cookie.partition("sessionid=")[2]
    return client


def test_a_session_with_our_origin_is_its_person(alice, cookie):
    assert authenticate_socket(scope(origin=OURS, cookie=cookie)).person == alice


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost:8001",
        "http://localhost",
        "http://localhost:8000.evil.example",
        "null",
        "",
        "file://",
        "http://[",
        "http://evil.example#localhost:8000",
    ],
)
def test_a_foreign_origin_is_refused_with_and_without_a_cookie(cookie, origin):
    with pytest.raises(ForeignOriginError):
        authenticate_socket(scope(origin=origin, cookie=cookie))
    with pytest.raises(ForeignOriginError):
        authenticate_socket(scope(origin=origin))


def test_a_cookie_without_an_origin_is_refused(cookie):
    with pytest.raises(ForeignOriginError):
        authenticate_socket(scope(cookie=cookie))


def test_a_host_that_is_not_ours_makes_no_origin_ours(cookie):
    with pytest.raises(ForeignOriginError):
        authenticate_socket(scope(host="evil.example", origin="http://evil.example", cookie=cookie))


@pytest.mark.parametrize(
    ("trusted", "origin", "is_own"),
    [
        ("https://app.example", "https://app.example", True),
        ("https://app.example", "http://app.example", False),
        ("https://*.app.example", "https://a.app.example", True),
        ("https://*.app.example", "https://aapp.example", False),
    ],
)
def test_a_trusted_origin_is_ours(settings, trusted, origin, is_own):
    settings.CSRF_TRUSTED_ORIGINS = [trusted]
    assert is_own_origin(origin, host="localhost") is is_own


def test_behind_tls_only_https_is_ours(settings):
    settings.HTTPS = True
    assert not is_own_origin("http://localhost", host="localhost")
    assert is_own_origin("https://localhost", host="localhost")


@pytest.mark.parametrize("headers", [{}, {"origin": OURS}, {"origin": OURS, "cookie": "a=b"}])
def test_without_credentials_nobody_is_signed_in(db, headers):
    with pytest.raises(SignedOutError):
        authenticate_socket(scope(**headers))


@pytest.mark.parametrize("value", ["", "x", '"', "x" * 5000, "\xff", "../../etc"])
def test_a_cookie_of_anything_is_nobody(db, value):
    with pytest.raises((SignedOutError, ForeignOriginError)):
        authenticate_socket(scope(origin=OURS, cookie=f"sessionid={value}"))


def test_a_bearer_needs_no_origin(alice, pair):
    assert authenticate_socket(scope(authorization=f"Bearer {pair.access}")).person == alice


def test_a_bad_bearer_is_not_saved_by_a_cookie(cookie):
    with pytest.raises(TokenInvalidError):
        authenticate_socket(scope(authorization="Bearer x", origin=OURS, cookie=cookie))


@pytest.mark.parametrize("name", ["token", "access", "jwt", "bearer", "authorization", "ticket"])
def test_a_token_in_the_address_opens_nothing(pair, name):
    with pytest.raises(SignedOutError):
        authenticate_socket(scope(f"{name}={pair.access}"))


def test_a_ticket_opens_one_socket_once(client, alice, pair):
    answer = client.post(
        "/api/auth/ws-ticket/", headers={"authorization": f"Bearer {pair.access}"}
    ).json()
    assert answer["expires_in_seconds"] == 30
    handshake = scope(f"ticket={answer['ticket']}", origin="https://anywhere.example")
    assert authenticate_socket(handshake).person == alice
    with pytest.raises(SignedOutError):
        authenticate_socket(handshake)


def test_a_ticket_is_over_after_its_time(alice):
    ticket = ticket_issue(person=alice, source="session:x")
    left = SocketTicket.objects.get().expires_at - datetime.now(UTC)
    assert timedelta(seconds=28) < left <= timedelta(seconds=30)
    SocketTicket.objects.update(expires_at=Now() - timedelta(seconds=1))
    with pytest.raises(SignedOutError):
        authenticate_socket(scope(f"ticket={ticket}"))


def test_the_database_holds_no_ticket(alice):
    ticket = ticket_issue(person=alice, source="session:x")
    assert ticket not in str(SocketTicket.objects.values())


def test_a_ticket_of_a_person_who_is_gone_opens_nothing(alice):
    ticket = ticket_issue(person=alice, source="session:x")
    alice.is_active = False
    alice.save()
    with pytest.raises(SignedOutError):
        authenticate_socket(scope(f"ticket={ticket}"))


def test_anonymous_get_no_ticket(client, db):
    assert client.post("/api/auth/ws-ticket/").status_code == 401


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(query=st.binary(max_size=60), cookie=st.binary(max_size=60))
def test_any_handshake_is_answered(db, query, cookie):
    handshake = scope(origin=OURS)
    handshake["query_string"] = b"ticket=" + query
    handshake["headers"].append((b"cookie", b"sessionid=" + cookie))
    with pytest.raises((SignedOutError, ForeignOriginError)):
        authenticate_socket(handshake)


def test_signing_out_ends_what_stands_on_the_session(alice, cookie):
    client = session_client(cookie)
    by_cookie = authenticate_socket(scope(origin=OURS, cookie=cookie))
    ticket = client.post("/api/auth/ws-ticket/").json()["ticket"]
    by_ticket = authenticate_socket(scope(f"ticket={ticket}"))
    assert person_still_signed_in(by_cookie)
    assert person_still_signed_in(by_ticket)
    client.post("/accounts/sign-out/")
    assert SESSION_KEY not in client.session
    assert not person_still_signed_in(by_cookie)
    assert not person_still_signed_in(by_ticket)


def test_a_new_password_ends_the_session(alice, cookie):
    sign_in = authenticate_socket(scope(origin=OURS, cookie=cookie))
    alice.set_password(PASSWORD + "!")
    alice.save()
    assert not person_still_signed_in(sign_in)


def test_a_revoked_family_ends_what_stands_on_it(alice, pair):
    sign_in = authenticate_socket(scope(authorization=f"Bearer {pair.access}"))
    assert person_still_signed_in(sign_in)
    family_revoke(family_id=TokenFamily.objects.get().pk)
    assert not person_still_signed_in(sign_in)


def test_an_expired_access_token_ends_its_socket(alice, pair):
    sign_in = authenticate_socket(scope(authorization=f"Bearer {pair.access}"))
    left = sign_in.source.expires_at - datetime.now(UTC)
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)
    over = type(sign_in.source)("family", sign_in.source.reference, datetime.now(UTC))
    assert not person_still_signed_in(type(sign_in)(alice, over))


def test_a_person_who_is_gone_is_not_signed_in(alice, pair, cookie):
    sign_ins = [
        authenticate_socket(scope(authorization=f"Bearer {pair.access}")),
        authenticate_socket(scope(origin=OURS, cookie=cookie)),
    ]
    alice.is_active = False
    alice.save()
    assert not any(person_still_signed_in(sign_in) for sign_in in sign_ins)
