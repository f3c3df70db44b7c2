import threading
import time

from academy.platform.caching.breaker import Breaker


def wait_for(condition):
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_failure_opens_it_for_a_while():
    breaker = Breaker(open_seconds=0.05)
    assert breaker.allows()
    breaker.failed()
    assert not breaker.allows()
    time.sleep(0.06)
    assert breaker.allows()


def test_half_open_lets_one_caller_through():
    breaker = Breaker(open_seconds=0.0)
    breaker.failed()
    assert [breaker.allows() for _ in range(3)] == [True, False, False]
    breaker.succeeded()
    assert [breaker.allows() for _ in range(3)] == [True, True, True]


def test_a_failed_trial_opens_it_again():
    breaker = Breaker(open_seconds=0.05)
    breaker.failed()
    time.sleep(0.06)
    assert breaker.allows()
    breaker.failed()
    assert not breaker.allows()


def test_one_of_many_threads_makes_the_trial():
    breaker = Breaker(open_seconds=0.0)
    breaker.failed()
    let_through = []
    threads = [
        threading.Thread(target=lambda: breaker.allows() and let_through.append(1))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(let_through) == 1


def test_with_a_probe_no_caller_waits_for_the_trial():
    answering = threading.Event()
    breaker = Breaker(open_seconds=0.0, probe=answering.wait)
    breaker.failed()
    started = time.perf_counter()
    assert not breaker.allows()
    assert not breaker.allows()
    assert time.perf_counter() - started < 0.5
    answering.set()
    wait_for(breaker.allows)


def test_a_probe_that_fails_keeps_it_open():
    tried = []

    def probe():
        tried.append(1)
        raise ConnectionRefusedError

    breaker = Breaker(open_seconds=0.0, probe=probe)
    breaker.failed()
    wait_for(lambda: not breaker.allows() and len(tried) >= 3)
