import os
import time

import pytest
import redis

from academy.platform.caching.instances import CacheErrors, cache_client, queue_client
from academy.platform.caching.tests.instance import instance


@pytest.fixture(scope="module")
def running():
    with instance() as running:
        yield running


def test_a_process_has_one_client_of_each_instance(settings, running):
    settings.CACHE_URL = running.url
    settings.QUEUE_URL = f"{running.url}?db=1"
    assert cache_client() is cache_client()
    assert cache_client() is not queue_client()
    cache_client().set("here", 1)
    assert queue_client().get("here") is None


def test_a_child_does_not_share_its_parents_connections(settings, running):
    settings.CACHE_URL = running.url
    parents = cache_client()
    parents.ping()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, b"own" if cache_client() is not parents else b"shared")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 10) == b"own"
    os.close(reader)
    os.close(writer)


@pytest.mark.parametrize("is_connected", [True, False])
def test_a_frozen_instance_costs_two_tenths_of_a_second(settings, running, is_connected):
    settings.CACHE_URL = f"{running.url}?db={int(is_connected)}"
    client = cache_client()
    if is_connected:
        client.ping()
    with running.frozen():
        started = time.perf_counter()
        with pytest.raises(CacheErrors):
            client.ping()
        assert 0.15 < time.perf_counter() - started < 0.8


def test_a_missing_instance_is_an_error_at_once(settings, tmp_path):
    settings.CACHE_URL = f"unix://{tmp_path}/none"
    started = time.perf_counter()
    with pytest.raises(redis.RedisError):
        cache_client().ping()
    assert time.perf_counter() - started < 0.5
