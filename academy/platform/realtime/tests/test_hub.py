"""One reader for all: the newest frame reaches everybody, and a lost message costs one sweep."""

import asyncio
import contextlib

import pytest
import redis

from academy.platform.caching.tests.instance import instance
from academy.platform.realtime import hub as hubs
from academy.platform.realtime.hub import Frame, hub, register_loader
from academy.platform.realtime.publishing import CHANNEL


@pytest.fixture(scope="module")
def cache():
    with instance() as running:
        yield running


@pytest.fixture
def rows():
    """The states that a test's loader reads, and the calls that it got."""

    class Rows(dict):
        calls = []

    found = Rows()
    found.calls = []

    def load(keys):
        found.calls.append(sorted(keys))
        return {key: found[key] for key in keys if key in found}

    register_loader("test", load)
    yield found
    del hubs._loaders["test"]


@pytest.fixture
def quick(settings, cache):
    settings.CACHE_URL = cache.url
    settings.SWEEP_SECONDS = 0.3
    return settings


def frame(seq, *, last=False, private=None, **data):
    return Frame(seq=seq, data={"n": seq, **data}, last=last, private=private)


async def listening(cache):
    with redis.Redis.from_url(cache.url) as client:
        for _ in range(200):
            if dict(client.pubsub_numsub(CHANNEL))[CHANNEL.encode()]:
                return
            await asyncio.sleep(0.02)
    raise AssertionError


def test_a_published_topic_is_read_and_shown_at_once(quick, cache, rows):
    quick.SWEEP_SECONDS = 60

    async def follow():
        with contextlib.closing(hub().subscribe("test:a")) as subscription:
            await listening(cache)
            await asyncio.sleep(0.2)
            rows["a"] = frame(5)
            with redis.Redis.from_url(cache.url) as client:
                client.publish(CHANNEL, "test:a")
            return await subscription.next(timeout_seconds=5)

    assert asyncio.run(follow()).seq == 5


def test_what_was_never_published_is_shown_with_the_next_sweep(quick, rows):
    async def follow():
        with contextlib.closing(hub().subscribe("test:a")) as subscription:
            await asyncio.sleep(0.1)
            rows["a"] = frame(5)
            return await subscription.next(timeout_seconds=3)

    assert asyncio.run(follow()).seq == 5


def test_without_a_cache_instance_sweeps_go_on(quick, rows, tmp_path):
    quick.CACHE_URL = f"unix://{tmp_path}/none"

    async def follow():
        with contextlib.closing(hub().subscribe("test:a")) as subscription:
            rows["a"] = frame(5)
            return await subscription.next(timeout_seconds=3)

    assert asyncio.run(follow()).seq == 5


def test_two_hundred_followers_of_one_topic_cost_one_read_a_sweep(quick, rows):
    async def follow():
        followers = [hub().subscribe("test:a") for _ in range(200)]
        rows["a"] = frame(1)
        await asyncio.gather(*(one.next(timeout_seconds=3) for one in followers))
        rows.calls.clear()
        await asyncio.sleep(1.0)
        for one in followers:
            one.close()

    asyncio.run(follow())
    assert 2 <= len(rows.calls) <= 4
    assert set(map(tuple, rows.calls)) == {("a",)}


def test_many_topics_are_read_in_one_go(quick, rows):
    async def follow():
        followers = [hub().subscribe(f"test:{number}") for number in range(50)]
        await asyncio.sleep(1.0)
        for one in followers:
            one.close()

    asyncio.run(follow())
    assert max(len(call) for call in rows.calls) == 50
    assert len(rows.calls) <= 5


def test_who_reads_slowly_gets_the_newest_frame_only(rows):
    async def follow():
        with contextlib.closing(hub().subscribe("test:a")) as subscription:
            for seq in range(1, 500):
                subscription.offer(frame(seq))
            first = await subscription.next(timeout_seconds=1)
            second = await subscription.next(timeout_seconds=0.05)
            return first, second

    first, second = asyncio.run(follow())
    assert (first.seq, second) == (499, None)


def test_older_frames_and_frames_that_tell_nothing_new_are_not_shown(rows):
    async def follow():
        with contextlib.closing(hub().subscribe("test:a")) as subscription:
            subscription.start_from(frame(5, checked_at="1", place=2))
            shown = []
            for newer in (
                frame(4),
                frame(5, checked_at="2", place=2),
                frame(5, checked_at="3", place=1),
                frame(6),
                frame(7, last=True),
                frame(8),
            ):
                subscription.offer(newer)
                found = await subscription.next(timeout_seconds=0.05)
                shown.append(found and (found.seq, found.data.get("place")))
            return shown

    assert asyncio.run(follow()) == [None, None, (5, 1), (6, None), (7, None), None]


def test_a_change_of_who_may_see_it_is_shown_although_the_seq_is_the_same(rows):
    async def follow():
        with contextlib.closing(hub().subscribe("test:a")) as subscription:
            subscription.start_from(frame(5, private={}))
            subscription.offer(frame(5, private={1: "now"}))
            return await subscription.next(timeout_seconds=0.5)

    assert asyncio.run(follow()).private == {1: "now"}


def test_the_last_to_leave_stops_the_hub_and_the_next_starts_it_again(quick, rows):
    async def follow():
        first = hub().subscribe("test:a")
        await asyncio.sleep(0.1)
        first.close()
        first.close()
        await asyncio.sleep(0.1)
        left = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        rows["b"] = frame(1)
        with contextlib.closing(hub().subscribe("test:b")) as second:
            return left, await second.next(timeout_seconds=3)

    left, found = asyncio.run(follow())
    assert left == []
    assert found.seq == 1


def test_topics_that_nobody_knows_are_nothing(rows):
    rows["a"] = frame(1)
    assert hubs.read_topics({"test:a", "test:b", "other:c", "nonsense"}) == {"test:a": frame(1)}


@pytest.fixture
def versioned(rows):
    """Frames whose versions are told for less; the calls of both are counted."""
    told = []

    def versions(keys):
        told.append(sorted(keys))
        return {key: rows[key].seq for key in keys if key in rows}

    register_loader("test", hubs._loaders["test"], versions=versions)
    yield told
    del hubs._versions["test"]


def test_a_sweep_reads_only_what_has_a_newer_version(quick, rows, versioned):
    rows["a"], rows["b"] = frame(1), frame(1)

    async def follow():
        followers = {key: hub().subscribe(f"test:{key}") for key in ("a", "b")}
        for follower in followers.values():
            await follower.next(timeout_seconds=3)
        await asyncio.sleep(0.7)
        rows.calls.clear()
        versioned.clear()
        rows["b"] = frame(2)
        found = await followers["b"].next(timeout_seconds=3)
        await asyncio.sleep(0.7)
        for follower in followers.values():
            follower.close()
        return found

    assert asyncio.run(follow()).seq == 2
    assert rows.calls == [["b"]]
    assert len(versioned) >= 2
    assert all(keys == ["a", "b"] for keys in versioned)


def test_a_word_about_another_name_is_one_about_the_topic(quick, cache, rows):
    quick.SWEEP_SECONDS = 60

    async def follow():
        with contextlib.closing(hub().subscribe("test:a", also=["course:1"])) as subscription:
            await listening(cache)
            await asyncio.sleep(0.2)
            rows["a"] = frame(5)
            with redis.Redis.from_url(cache.url) as client:
                client.publish(CHANNEL, "course:1")
            return await subscription.next(timeout_seconds=5)

    assert asyncio.run(follow()).seq == 5


def test_a_bell_wakes_who_waits_and_nobody_else(quick, cache, rows):
    quick.SWEEP_SECONDS = 60

    async def follow():
        alice = hub().subscribe("test:a", bells=["person:1"])
        bob = hub().subscribe("test:a", bells=["person:2"])
        await listening(cache)
        await asyncio.sleep(0.2)
        with redis.Redis.from_url(cache.url) as client:
            client.publish(CHANNEL, "person:1")
        woken = await alice.next(timeout_seconds=5)
        await bob.next(timeout_seconds=0.2)
        rang = (alice.rang(), alice.rang(), bob.rang())
        alice.close()
        bob.close()
        return woken, rang, hub()._by_word

    woken, rang, words = asyncio.run(follow())
    assert woken is None
    assert rang == (True, False, False)
    assert words == {}


def test_a_frame_that_was_read_beside_the_snapshot_is_not_shown_twice(rows):
    async def follow():
        with contextlib.closing(hub().subscribe("test:a")) as subscription:
            subscription.offer(frame(5))
            subscription.start_from(frame(5))
            same = await subscription.next(timeout_seconds=0.05)
            subscription.offer(frame(7))
            subscription.start_from(frame(6))
            return same, await subscription.next(timeout_seconds=0.05)

    same, newer = asyncio.run(follow())
    assert same is None
    assert newer.seq == 7
