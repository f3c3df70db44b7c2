import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from academy.platform.errors import TooManyError
from academy.platform.http.limiting import hit, too_many

pytestmark = pytest.mark.urls("academy.platform.http.tests.urls")


def allowed_of_many(scope, identity, *, count, threads=20, **options):
    def one(_number):
        try:
            return hit(scope, identity, **options).allowed
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(one, range(count)))


def test_of_a_hundred_at_once_exactly_the_limit_passes(cache, rates):
    rates(export="60/h")
    assert allowed_of_many("export", "user:1", count=100) == 60


@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_at_once_exactly_the_limit_passes_without_the_cache(silent_cache, rates):
    rates(login="10/m")
    assert allowed_of_many("login", "user:1", count=100, threads=10) == 10
    assert apps.get_model("accounts", "CountedEvent").objects.count() == 10


def test_each_person_and_each_scope_has_a_limit_of_its_own(cache, rates):
    rates(export="1/h", login="1/h")
    assert hit("export", "user:1").allowed
    assert hit("export", "user:2").allowed
    assert hit("login", "user:1").allowed
    assert not hit("export", "user:1").allowed


def test_an_identity_may_be_any_text(cache, rates):
    rates(login="1/m")
    for name in ("name:山田", "name:" + "x" * 10_000, "name:\n", "name:\udc00"):
        assert hit("login", name).allowed
        assert not hit("login", name).allowed


def test_the_window_moves(cache, rates):
    rates(status="2/s")
    assert [hit("status", "user:1").allowed for _ in range(3)] == [True, True, False]
    time.sleep(1.1)
    assert hit("status", "user:1").allowed


@pytest.mark.django_db
def test_the_window_moves_without_the_cache(silent_cache, rates):
    rates(export="1/s")
    assert hit("export", "user:1").allowed
    refused = hit("export", "user:1")
    assert not refused.allowed
    assert refused.reset_seconds == 1
    time.sleep(1.1)
    assert hit("export", "user:1").allowed


@pytest.mark.django_db
def test_without_the_cache_reads_pass_and_changes_are_counted(silent_cache, rates, client):
    rates(anon="2/h")
    assert [client.get("/api/hourly/").status_code for _ in range(4)] == [200] * 4
    assert [client.post("/api/hourly/").status_code for _ in range(4)] == [200, 200, 429, 429]


def test_a_frozen_cache_costs_one_timeout_and_then_nothing(cache, settings):
    settings.REDIS_TIMEOUT_SECONDS = 0.2
    hit("status", "user:1")
    with cache.frozen():
        started = time.perf_counter()
        assert hit("status", "user:1").allowed
        assert time.perf_counter() - started < 0.8
        started = time.perf_counter()
        for _ in range(100):
            assert hit("status", "user:1").allowed
        assert time.perf_counter() - started < 1


def test_limits_count_again_soon_after_the_cache_is_back(cache, settings, rates):
    settings.REDIS_TIMEOUT_SECONDS = 0.25
    rates(status="1/h")
    with cache.frozen():
        hit("status", "user:1")
    deadline = time.monotonic() + 10
    while hit("status", "user:1").allowed:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_limited_answer_tells_the_limit(cache, rates, client):
    rates(anon="3/h")
    first = client.get("/api/hourly/")
    assert first["RateLimit-Policy"] == '"anon";q=3;w=3600'
    assert first["RateLimit"] == '"anon";r=2;t=3600'
    client.get("/api/hourly/")
    client.get("/api/hourly/")
    refused = client.get("/api/hourly/")
    assert refused.status_code == 429
    assert refused.json()["errors"][0]["code"] == "throttled"
    assert 3590 <= int(refused["Retry-After"]) <= 3600
    assert refused["RateLimit"].startswith('"anon";r=0;t=3')


def test_an_answer_without_a_limit_tells_none(client):
    assert "RateLimit" not in client.get("/api/same/")


def test_reading_a_status_never_uses_up_the_hour(cache, rates, client):
    rates(anon="1/h", status="100/s")
    assert [client.get("/api/status/").status_code for _ in range(5)] == [200] * 5
    assert client.get("/api/hourly/").status_code == 200


def test_an_action_is_limited_besides_the_hour_and_reading_it_is_not(cache, rates, client):
    rates(export="1/h", anon="100/h")
    answers = [client.post("/api/exporting/") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[0]["RateLimit-Policy"] == '"anon";q=100;w=3600, "export";q=1;w=3600'
    assert client.get("/api/exporting/").status_code == 200


@pytest.mark.django_db
def test_a_person_is_limited_wherever_they_are(cache, rates):
    rates(user="1/h", anon="50/h")
    person = get_user_model().objects.create_user("alice")
    for address, status in (("192.0.2.1", 200), ("192.0.2.2", 429)):
        client = Client(REMOTE_ADDR=address)
        client.force_login(person)
        assert client.get("/api/hourly/").status_code == status


def test_addresses_are_limited_apart(cache, rates):
    rates(anon="1/h")
    assert Client(REMOTE_ADDR="192.0.2.1").get("/api/hourly/").status_code == 200
    assert Client(REMOTE_ADDR="192.0.2.2").get("/api/hourly/").status_code == 200
    assert Client(REMOTE_ADDR="192.0.2.1").get("/api/hourly/").status_code == 429


@pytest.mark.django_db
def test_a_page_is_limited_with_a_page(cache, rates, client):
    rates(page="1/m")
    assert client.post("/page/limited/").status_code == 200
    refused = client.post("/page/limited/")
    assert refused.status_code == 429
    assert refused["Content-Type"].startswith("text/html")
    assert refused["RateLimit"].startswith('"page";r=0')
    assert int(refused["Retry-After"]) <= 60


def test_a_refusal_names_the_seconds(cache, rates):
    rates(login="1/m")
    hit("login", "a")
    error = too_many(hit("login", "a"))
    assert isinstance(error, TooManyError)
    assert error.retry_after_seconds == 60
    assert "60 s" in str(error)
