import json
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIRequestFactory

from academy.accounts.models import User
from scheduler.idempotency.api import fingerprint_of
from scheduler.idempotency.errors import KeyInFlightError
from scheduler.idempotency.models import IdempotencyKey
from scheduler.idempotency.services import (
    Claim,
    StoredAnswer,
    key_answer_store,
    key_claim,
    key_release,
    keys_expire,
)

pytestmark = pytest.mark.urls("scheduler.idempotency.tests.urls")


@pytest.fixture
def alice(db):
    return User.objects.create_user("alice")


def signed_in(person):
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def make(client, key=None, body=None, path="/make/"):
    headers = {} if key is None else {"idempotency-key": key}
    return client.post(path, body or {}, content_type="application/json", headers=headers)


def test_the_same_key_and_body_replay_the_answer(alice):
    client = signed_in(alice)
    first, again = make(client, "k"), make(client, "k")
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json() == {"made": 1, "title": "入門 😀"}
    assert again["Location"] == first["Location"] == "/there/"
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert "X-Other" not in again
    assert Group.objects.count() == 1


def test_without_a_key_every_post_has_its_effect(alice):
    client = signed_in(alice)
    make(client)
    make(client)
    assert Group.objects.count() == 2
    assert not IdempotencyKey.objects.exists()


def test_another_body_or_address_with_the_same_key_is_422(alice):
    client = signed_in(alice)
    make(client, "k", {"format": "pdf"})
    for refused in (
        make(client, "k", {"format": "docx"}),
        make(client, "k", {"format": "pdf"}, path="/make-more/"),
    ):
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["code"] == "idempotency_key_reused"
    assert Group.objects.count() == 1


def test_the_order_of_names_and_the_spaces_are_the_same_body(alice):
    client = signed_in(alice)
    for body in ('{"a": 1, "b": [2]}', '{ "b":[2],"a":1 }'):
        answer = client.post(
            "/make/", body, content_type="application/json", headers={"idempotency-key": "k"}
        )
        assert answer.status_code == 202
    assert Group.objects.count() == 1


def test_two_people_may_use_one_key(alice):
    make(signed_in(alice), "k")
    make(signed_in(User.objects.create_user("bob")), "k")
    assert Group.objects.count() == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "x" * 300, "a\tb", "a\x7f", "schlüssel", "a\nb"])
def test_a_malformed_key_is_400(alice, key):
    refused = make(signed_in(alice), key)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["code"] == "idempotency_key_malformed"
    assert not Group.objects.exists()


def test_the_longest_key_is_a_key(alice):
    client = signed_in(alice)
    key = "~ !" + "x" * 252
    assert [make(client, key).status_code for _ in range(2)] == [202, 202]
    assert Group.objects.count() == 1


@pytest.mark.parametrize(("how", "status"), [("refused", 409), ("broken", 500)])
def test_a_refusal_frees_the_key_and_leaves_no_effect(alice, how, status):
    client = signed_in(alice)
    assert make(client, "k", {"how": how}).status_code == status
    assert not Group.objects.exists()
    assert not IdempotencyKey.objects.exists()
    assert make(client, "k").status_code == 202


def test_an_answer_that_refuses_is_not_stored(alice):
    client = signed_in(alice)
    assert make(client, "k", {"how": "answer 409"}).status_code == 409
    assert not IdempotencyKey.objects.exists()
    assert not Group.objects.exists()


def test_a_body_that_is_no_json_claims_nothing(alice):
    client = signed_in(alice)
    refused = client.post(
        "/make/", "{", content_type="application/json", headers={"idempotency-key": "k"}
    )
    assert refused.status_code == 400
    assert not IdempotencyKey.objects.exists()


def test_in_flight_is_409_with_retry_after(alice):
    key_claim(scope=f"user:{alice.pk}", key="k", fingerprint=fingerprint("/make/"))
    refused = make(signed_in(alice), "k")
    assert refused.status_code == 409
    assert refused["Retry-After"] == "1"
    assert refused.json()["errors"][0]["code"] == "idempotency_key_in_flight"


def test_another_body_while_in_flight_is_422(alice):
    key_claim(scope=f"user:{alice.pk}", key="k", fingerprint="other")
    assert make(signed_in(alice), "k").status_code == 422


def test_a_key_whose_request_died_is_taken_over_after_its_lease(alice):
    key_claim(scope=f"user:{alice.pk}", key="k", fingerprint=fingerprint("/make/"))
    IdempotencyKey.objects.update(lease_until=Now() - timedelta(seconds=1))
    client = signed_in(alice)
    assert make(client, "k").status_code == 202
    assert make(client, "k")["Idempotency-Replayed"] == "true"


def test_an_expired_key_is_free_for_anything(alice):
    client = signed_in(alice)
    make(client, "k", {"a": 1})
    IdempotencyKey.objects.update(expires_at=Now() - timedelta(seconds=1))
    fresh = make(client, "k", {"a": 2})
    assert fresh.status_code == 202
    assert "Idempotency-Replayed" not in fresh


def test_a_key_is_kept_for_a_day(alice):
    make(signed_in(alice), "k")
    row = IdempotencyKey.objects.get()
    assert row.expires_at - row.created_at > timedelta(hours=23, minutes=59)


def fingerprint(path, body=None):
    request = APIRequestFactory().post(path, body or {}, format="json")
    request.data = body or {}
    return fingerprint_of(request)


def claimed(**changed):
    return key_claim(**{"scope": "user:1", "key": "k", "fingerprint": "f", **changed})


@pytest.mark.django_db
def test_who_lost_the_lease_can_neither_answer_nor_release():
    late = claimed()
    IdempotencyKey.objects.update(lease_until=Now() - timedelta(seconds=1))
    owner = claimed()
    assert isinstance(owner, Claim)
    key_release(claim=late)
    with pytest.raises(KeyInFlightError):
        key_answer_store(claim=late, status_code=202, body={}, headers={})
    key_answer_store(claim=owner, status_code=202, body={"a": 1}, headers={})
    assert claimed() == StoredAnswer(202, {"a": 1}, {})


@pytest.mark.django_db
def test_an_answer_is_stored_once():
    claim = claimed()
    key_answer_store(claim=claim, status_code=202, body={}, headers={})
    with pytest.raises(KeyInFlightError):
        key_answer_store(claim=claim, status_code=200, body={}, headers={})


@pytest.mark.django_db
def test_expired_keys_are_removed_and_others_stay():
    claimed(key="old")
    IdempotencyKey.objects.update(expires_at=Now() - timedelta(seconds=1))
    claimed(key="new")
    assert keys_expire() == 1
    assert IdempotencyKey.objects.get().key == "new"


@given(
    a=st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3),
    b=st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3),
)
def test_fingerprints_are_equal_exactly_when_the_bodies_are(a, b):
    assert (fingerprint("/make/", a) == fingerprint("/make/", b)) == (
        json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)
    )


@pytest.mark.django_db(transaction=True)
def test_the_same_post_twice_at_once_has_one_effect(transactional_db):
    alice = User.objects.create_user("alice")
    clients = [signed_in(alice) for _ in range(6)]
    together = threading.Barrier(6)

    def send(client):
        together.wait()
        try:
            return make(client, "k", {"how": "slow"})
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, clients))
    fresh = [a for a in answers if a.status_code == 202 and "Idempotency-Replayed" not in a]
    assert len(fresh) == 1
    assert {a.status_code for a in answers} <= {202, 409}
    assert Group.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_that_take_over_one_does(transactional_db):
    claimed()
    IdempotencyKey.objects.update(lease_until=Now() - timedelta(seconds=1))

    def take(_number):
        try:
            return claimed()
        except KeyInFlightError:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        owners = [claim for claim in pool.map(take, range(8)) if claim]
    assert len(owners) == 1
    assert IdempotencyKey.objects.get().owner == owners[0].owner
    assert isinstance(owners[0].owner, uuid.UUID)
