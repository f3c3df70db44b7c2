import base64
import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import jwt
import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from academy.accounts.authentication import bearer
from academy.accounts.errors import TokenInvalidError, TokenReusedError
from academy.accounts.models import TokenFamily, User
from academy.accounts.services import family_revoke, token_pair_issue, token_refresh
from academy.accounts.tests.conftest import PASSWORD
from academy.accounts.tokens import read_token


def get_self(client, token):
    return client.post("/api/auth/ws-ticket/", headers={"authorization": f"Bearer {token}"})


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


def test_name_and_password_get_a_pair_that_works(post, client, alice):
    response = post("token", {"username": "Alice", "password": PASSWORD})
    assert response.status_code == 200
    assert set(response.json()) == {"access", "refresh"}
    assert get_self(client, response.json()["access"]).status_code == 201


@pytest.mark.parametrize("name", ["alice", "ALICE", "alice@example.org", " Alice@Example.ORG "])
def test_a_name_or_an_address_in_any_case_signs_in(post, alice, name):
    assert post("token", {"username": name, "password": PASSWORD}).status_code == 200


def test_somebody_whose_name_is_anothers_address_does_not_take_their_place(post, alice, bob):
    bob.username = "alice@example.org"
    bob.set_password("another password")
    bob.save()
    assert post("token", {"username": "alice@example.org", "password": PASSWORD}).status_code == 401


def test_a_wrong_password_an_unknown_name_and_an_inactive_person_are_told_the_same(
    post, alice, bob
):
    bob.is_active = False
    bob.save()
    answers = [
        post("token", {"username": name, "password": password})
        for name, password in (("Alice", "wrong"), ("nobody", "wrong"), ("bob", PASSWORD))
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0]["WWW-Authenticate"] == "Bearer"
    assert answers[0].json()["errors"][0]["code"] == "authentication_failed"


def test_an_unknown_name_takes_as_long_as_a_wrong_password(post, alice):
    def seconds(name):
        started = time.process_time()
        post("token", {"username": name, "password": "wrong"})
        return time.process_time() - started

    known = sorted(seconds("Alice") for _ in range(7))[3]
    unknown = sorted(seconds("nobody") for _ in range(7))[3]
    assert 0.5 < unknown / known < 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": "Alice"},
        {"username": "", "password": ""},
        {"username": ["Alice"], "password": {"a": 1}},
        {"username": "Alice", "password": "x" * 100_000},
        [],
        "text",
        None,
        7,
    ],
    ids=lambda body: repr(body)[:30],
)
@pytest.mark.parametrize("path", ["token", "refresh", "revoke"])
def test_a_body_of_another_shape_is_400(post, db, path, body):
    assert post(path, json.dumps(body)).status_code == 400


def forged(alice, pair, how):
    claims = claims_of(pair.access)
    key = "x" * 50
    if how == "none":
        return jwt.encode(claims, "", algorithm="none")
    if how == "wrong key":
        return jwt.encode(claims, key, algorithm="HS256")
    if how == "refresh":
        return pair.refresh
    if how == "tampered":
        head, _body, signature = pair.access.split(".")
        body = base64.urlsafe_b64encode(json.dumps({**claims, "user_id": "99"}).encode())
        return ".".join([head, body.decode().rstrip("="), signature])
    return {"junk": "junk", "empty": "", "dots": "..", "text": "トークン", "nul": "\x00"}[how]


@pytest.mark.parametrize(
    "how", ["none", "wrong key", "refresh", "tampered", "junk", "empty", "dots"]
)
def test_a_forged_token_is_401(client, alice, pair, how):
    response = get_self(client, forged(alice, pair, how))
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert response.json()["errors"][0]["code"] == "token_not_valid"


@given(text=st.text(max_size=80))
def test_any_text_is_a_token_or_refused(text):
    with pytest.raises(TokenInvalidError):
        read_token(text, kind="access")


@pytest.mark.parametrize("expiry", [1e12, 1e18, 10**18, 10**30])
def test_our_key_with_an_expiry_beyond_all_calendars_is_401(client, alice, pair, settings, expiry):
    claims = {**claims_of(pair.access), "exp": expiry}
    text = jwt.encode(claims, settings.SIMPLE_JWT["SIGNING_KEY"], algorithm="HS256")
    assert get_self(client, text).status_code == 401


def test_our_key_with_strange_claims_is_refused(settings):
    ahead = timezone.now() + timedelta(hours=1)
    good = {"token_type": "access", "exp": ahead, "jti": "j", "sid": str(uuid.uuid4())}
    for claims in (
        {**good, "user_id": "one"},
        {**good, "user_id": None},
        {**good, "user_id": "1", "sid": "x"},
        {**good, "user_id": "1", "sid": 7},
        {**good},
        {**good, "user_id": "1", "exp": 10**30},
    ):
        token = jwt.encode(claims, settings.JWT_KEY, algorithm="HS256")
        with pytest.raises(TokenInvalidError):
            read_token(token, kind="access")


def test_a_person_id_that_no_database_holds_is_401(client, db, settings):
    ahead = timezone.now() + timedelta(hours=1)
    claims = {"token_type": "access", "exp": ahead, "jti": "j", "sid": str(uuid.uuid4())}
    token = jwt.encode({**claims, "user_id": str(2**80)}, settings.JWT_KEY, algorithm="HS256")
    assert get_self(client, token).status_code == 401


def test_an_expired_token_is_401(client, alice, settings):
    settings.SIMPLE_JWT = {**settings.SIMPLE_JWT, "ACCESS_TOKEN_LIFETIME": timedelta(seconds=-1)}
    claims = claims_of(token_pair_issue(person=alice).access)
    claims["exp"] = int(time.time()) - 1
    token = jwt.encode(claims, settings.JWT_KEY, algorithm="HS256")
    assert get_self(client, token).status_code == 401


def test_the_keys_of_sessions_and_tokens_differ(settings, pair):
    assert settings.JWT_KEY != settings.SECRET_KEY
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(pair.access, settings.SECRET_KEY, algorithms=["HS256"])


def test_a_bearer_costs_one_query(alice, pair, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert bearer(pair.access)[0] == alice


def test_a_refresh_token_is_good_once_and_its_second_use_revokes_all(post, client, pair):
    second = post("refresh", {"refresh": pair.refresh}).json()
    assert get_self(client, second["access"]).status_code == 201
    reused = post("refresh", {"refresh": pair.refresh})
    assert reused.status_code == 401
    assert reused.json()["errors"][0]["code"] == "token_reused"
    assert reused["WWW-Authenticate"] == "Bearer"
    for dead in (second["access"], pair.access):
        assert get_self(client, dead).status_code == 401
    assert post("refresh", {"refresh": second["refresh"]}).status_code == 401


def test_an_access_token_refreshes_nothing(post, pair):
    assert post("refresh", {"refresh": pair.access}).status_code == 401


def test_another_sign_in_of_the_same_person_lives_on(post, client, alice, pair):
    other = token_pair_issue(person=alice)
    post("revoke", {"refresh": pair.refresh})
    assert get_self(client, pair.access).status_code == 401
    assert get_self(client, other.access).status_code == 201


def test_revoking_twice_is_no_error(post, pair):
    assert [post("revoke", {"refresh": pair.refresh}).status_code for _ in range(2)] == [204, 204]


@pytest.mark.parametrize("how", ["deleted", "inactive"])
def test_tokens_of_a_person_who_is_gone_are_401(post, client, alice, pair, how):
    if how == "deleted":
        alice.delete()
    else:
        alice.is_active = False
        alice.save()
    assert get_self(client, pair.access).status_code == 401
    assert post("refresh", {"refresh": pair.refresh}).status_code == 401


def test_an_expired_family_is_401(post, client, pair):
    TokenFamily.objects.update(expires_at=Now() - timedelta(seconds=1))
    assert get_self(client, pair.access).status_code == 401
    assert post("refresh", {"refresh": pair.refresh}).status_code == 401


def test_a_refresh_prolongs_the_family(alice, pair):
    TokenFamily.objects.update(expires_at=Now() + timedelta(seconds=60))
    token_refresh(refresh=pair.refresh)
    left = TokenFamily.objects.get().expires_at - timezone.now()
    assert left > timedelta(days=13)


@pytest.mark.django_db(transaction=True)
def test_of_two_refreshes_at_once_one_wins_and_the_family_is_revoked(transactional_db):
    pair = token_pair_issue(person=User.objects.create_user("alice"))

    def refresh(_number):
        try:
            return token_refresh(refresh=pair.refresh)
        except (TokenReusedError, TokenInvalidError) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(refresh, range(8)))
    assert sum(not isinstance(answer, Exception) for answer in answers) == 1
    assert TokenFamily.objects.get().revoked_at is not None


def test_revoking_says_whether_it_was_news(pair):
    family_id = TokenFamily.objects.get().pk
    assert [family_revoke(family_id=family_id) for _ in range(2)] == [True, False]
