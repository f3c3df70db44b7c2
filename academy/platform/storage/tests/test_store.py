"""Files named by what is in them."""

import hashlib
import os
import threading
import time

import pytest

from academy.platform.storage.store import Store


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "files")


def age(store, digest, seconds):
    moment = time.time() - seconds
    os.utime(store.path(digest), (moment, moment))


def test_bytes_are_kept_under_their_sha_256(store):
    stored = store.put("日本".encode())
    assert stored.digest == hashlib.sha256("日本".encode()).hexdigest()
    assert stored.size == 6
    assert store.has(stored.digest)
    assert store.read(stored.digest) == "日本".encode()


def test_a_digest_tells_of_whole_large_files(store):
    data = os.urandom(3_000_001)
    assert store.put(data).digest == hashlib.sha256(data).hexdigest()


def test_the_same_bytes_are_one_file(store):
    assert store.put(b"x") == store.put(b"x")
    assert sum(path.is_file() for path in store.root.rglob("*")) == 1


def test_a_draft_that_is_not_kept_leaves_nothing(store):
    with store.writing() as draft:
        draft.file.write(b"half")
    assert not any(path.is_file() for path in store.root.rglob("*"))


def test_a_draft_whose_writer_fails_leaves_nothing(store):
    def fail():
        with store.writing() as draft:
            draft.file.write(b"half")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert not any(path.is_file() for path in store.root.rglob("*"))


def test_nobody_sees_a_file_before_it_is_whole(store):
    digest = hashlib.sha256(b"a" * 100).hexdigest()
    with store.writing() as draft:
        draft.file.write(b"a" * 100)
        assert not store.has(digest)
        assert draft.keep().digest == digest
    assert store.has(digest)


@pytest.mark.parametrize(
    "digest", ["", "a" * 63, "A" * 64, "../" + "a" * 61, "a" * 64 + "\n", "/etc/passwd", "\0" * 64]
)
def test_what_is_no_digest_names_no_file(store, digest):
    with pytest.raises(ValueError, match="digest"):
        store.path(digest)


def test_what_is_missing_is_not_there(store):
    assert not store.has("0" * 64)
    with pytest.raises(FileNotFoundError):
        store.read("0" * 64)


def test_old_files_that_nothing_refers_to_go_and_others_stay(store):
    kept, young, old = (store.put(text).digest for text in (b"kept", b"young", b"old"))
    for digest in (kept, old):
        age(store, digest, 100)
    assert store.collect(referenced={kept}, older_than_seconds=50) == 1
    assert [store.has(digest) for digest in (kept, young, old)] == [True, True, False]


def test_a_forgotten_draft_goes_too(store):
    with store.writing():
        draft = next(path for path in (store.root / "drafts").iterdir())
        moment = time.time() - 100
        os.utime(draft, (moment, moment))
        assert store.collect(referenced=set(), older_than_seconds=50) == 1


def test_keeping_the_same_bytes_again_makes_the_file_young(store):
    digest = store.put(b"x").digest
    age(store, digest, 1000)
    store.put(b"x")
    assert store.collect(referenced=set(), older_than_seconds=50) == 0


def test_collecting_an_empty_store_is_nothing(store):
    assert store.collect(referenced=set(), older_than_seconds=0) == 0


def test_many_writers_of_the_same_bytes_all_succeed(store):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(store.put(b"same" * 1000))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(found) == 8
    assert len(set(found)) == 1
    assert store.read(found[0].digest) == b"same" * 1000
    assert list((store.root / "drafts").iterdir()) == []
