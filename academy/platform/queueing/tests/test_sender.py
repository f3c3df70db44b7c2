"""Whoever offers never waits, whatever the other side does."""

import os
import threading
import time

import pytest

from academy.platform.queueing.sender import Sender


def sender(deliver, **more):
    return Sender(name="test", deliver=deliver, errors=(OSError,), **more)


def test_what_is_offered_is_sent_in_order_by_another_thread():
    sent = []
    one = sender(lambda item: sent.append((item, threading.current_thread().name)))
    for number in range(50):
        assert one.offer(number)
    one.flush(timeout_seconds=5)
    assert [item for item, _ in sent] == list(range(50))
    assert {name for _, name in sent} == {"test"}


def test_offering_to_a_sender_that_hangs_takes_no_time_and_drops_what_is_too_much():
    go_on = threading.Event()
    one = sender(lambda _: go_on.wait(20), capacity=10)
    started = time.perf_counter()
    accepted = sum(one.offer(number) for number in range(1000))
    assert time.perf_counter() - started < 0.5
    assert 10 <= accepted <= 11
    go_on.set()
    one.flush(timeout_seconds=5)


def test_after_an_error_it_rests_and_then_sends_again():
    sent = []

    def deliver(item):
        if item == "bad":
            raise ConnectionError
        sent.append(item)

    one = sender(deliver)
    one.offer("bad")
    one.offer("lost")
    one.flush(timeout_seconds=5)
    assert sent == []
    time.sleep(1.1)
    one.offer("good")
    one.flush(timeout_seconds=5)
    assert sent == ["good"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_that_nobody_foresaw_does_not_silence_the_sender():
    sent = []

    def deliver(item):
        if item == "bad":
            raise LookupError
        sent.append(item)

    one = sender(deliver)
    one.offer("bad")
    one.flush(timeout_seconds=5)
    time.sleep(0.1)
    one.offer("good")
    one.flush(timeout_seconds=5)
    assert sent == ["good"]


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_forked_child_has_a_sender_of_its_own():
    read, write = os.pipe()
    one = sender(lambda item: os.write(write, item))
    one.offer(b"p")
    one.flush(timeout_seconds=5)
    child = os.fork()
    if not child:
        one.offer(b"c")
        one.flush(timeout_seconds=5)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert os.read(read, 10) == b"pc"
    os.close(read)
    os.close(write)


def test_flushing_gives_up_in_time():
    go_on = threading.Event()
    one = sender(lambda _: go_on.wait(20))
    one.offer(1)
    started = time.monotonic()
    one.flush(timeout_seconds=0.2)
    assert time.monotonic() - started < 2
    go_on.set()
