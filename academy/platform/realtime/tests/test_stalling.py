"""Whoever stops reading is let go, after a while or when too much waits."""

import pytest

from academy.platform.realtime.stalling import STALLED_SECONDS, WAITING_BYTES, Stall


class Timer:
    def __init__(self, call):
        self.call = call
        self.cancelled = False

    def active(self):
        return not self.cancelled

    def cancel(self):
        self.cancelled = True


@pytest.fixture
def watched():
    class Watched:
        def __init__(self):
            self.aborted = 0
            self.timers = []
            self.stall = Stall(abort=self.abort, later=self.later)

        def abort(self):
            self.aborted += 1

        def later(self, seconds, call):
            assert seconds == STALLED_SECONDS
            self.timers.append(Timer(call))
            return self.timers[-1]

    return Watched()


def test_a_reader_is_never_let_go_however_much_it_reads(watched):
    for _ in range(100):
        watched.stall.sent(WAITING_BYTES)
    assert (watched.aborted, watched.timers) == (0, [])


def test_a_pause_runs_out(watched):
    watched.stall.pauseProducing()
    watched.stall.pauseProducing()
    assert len(watched.timers) == 1
    watched.timers[0].call()
    assert watched.aborted == 1


def test_who_reads_again_in_time_stays(watched):
    watched.stall.pauseProducing()
    watched.stall.sent(WAITING_BYTES)
    watched.stall.resumeProducing()
    assert watched.timers[0].cancelled
    watched.stall.pauseProducing()
    watched.stall.sent(WAITING_BYTES)
    assert watched.aborted == 0


def test_too_much_for_a_full_transport_ends_it_at_once(watched):
    watched.stall.pauseProducing()
    watched.stall.sent(WAITING_BYTES)
    watched.stall.sent(1)
    assert watched.aborted == 1
    assert watched.timers[0].cancelled


def test_a_connection_that_is_gone_leaves_no_timer(watched):
    watched.stall.pauseProducing()
    watched.stall.stopProducing()
    watched.stall.stopProducing()
    assert watched.timers[0].cancelled
    assert watched.aborted == 0
