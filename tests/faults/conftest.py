"""One academy that all faults happen to, at a tenth of the real times unless FULL_FAULTS is set."""

import os
import time
from contextlib import contextmanager

import pytest

from tests.faults.ledger import Ledger, Load, check, settled, still_as
from tests.stack import WORKERS, Stack

FULL = bool(os.environ.get("FULL_FAULTS"))
# At full length people stay signed in for longer than a token lives, and under faults more work
# waits, and for longer, than the lanes' limits like: neither is what is broken here.
LASTING = {
    "ACADEMY_ACCESS_SECONDS": "86400",
    "ACADEMY_LANE_DEPTH": "100000",
    "ACADEMY_LANE_OLDEST_SECONDS": "86400",
}
PROGRAMS = ("queue", "cache", "web", *WORKERS, "beat")


def scaled(seconds):
    """A time of FAULTS.md: as it stands there at full length, a tenth of it otherwise."""
    return seconds if FULL else seconds / 10


# Starting a process takes what it takes, whatever the leases are: this part is not scaled.
STARTING_SECONDS = 60


@pytest.fixture(scope="session")
def broken():
    with Stack(environment=LASTING, demo=False, pages=False, quick=not FULL) as running:
        running.people_of_load = running.people(12, prefix="load")
        running.keep_running(*WORKERS)
        yield running


@pytest.fixture
def academy(broken):
    """The academy, whole again, whatever the test before did to it."""
    mend(broken)
    return broken


@pytest.fixture
def ledger():
    return Ledger()


@pytest.fixture
def measured(request):
    """Notes a figure; all of them are printed at the end."""

    def note(name, value):
        request.node.user_properties.append((name, value))

    return note


@pytest.fixture
def under_load(academy, ledger, measured):
    """A block with ordinary work going on; afterwards everything that was promised is checked."""

    @contextmanager
    def block():
        started = time.monotonic()
        with Load(academy, ledger, academy.people_of_load):
            yield
        healthy = settled(academy, seconds=STARTING_SECONDS)
        rows = check(academy, ledger, seconds=STARTING_SECONDS + scaled(60))
        time.sleep(scaled(5))
        still_as(academy, rows)
        measured("seconds", round(time.monotonic() - started, 1))
        measured("healthy_after_seconds", round(healthy, 1))

    return block


def mend(stack):
    for name in PROGRAMS:
        stack.thaw(name)
        if not stack.is_running(name):
            stack.start(name)
    stack.wait_until_healthy(seconds=STARTING_SECONDS)


@pytest.fixture
def fresh_logs(academy):
    """What the logs gained since the test began."""
    sizes = {name: len(academy.log(name)) for name in academy.processes}
    return lambda: {name: academy.log(name)[sizes.get(name, 0) :] for name in academy.processes}
