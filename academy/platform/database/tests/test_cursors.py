"""Nobody who may write waits for somebody who waits to write."""

import gc
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler

pytestmark = pytest.mark.django_db
WAITS_SECONDS = 3


@pytest.fixture
def connection_of(tmp_path):
    """Connections to a file of SQLite, one for each thread that asks."""
    named = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(tmp_path / "cursors.sqlite3"),
        "OPTIONS": {"transaction_mode": "IMMEDIATE"},
    }
    connections = ConnectionHandler({"default": named})
    return lambda: connections["default"]


@pytest.fixture
def collected_by_hand():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("collected_by_hand")
def test_who_holds_the_lock_collects_garbage_of_one_who_waits_without_waiting_for_them(
    connection_of,
):
    holder = connection_of()
    holder.cursor().execute("BEGIN IMMEDIATE")
    is_waiting = threading.Event()

    def refused_and_back():
        waiter = connection_of()
        waiter.ensure_connection()
        try:
            waiter.cursor().execute("PRAGMA busy_timeout=10")
            refused(waiter)
            waiter.cursor().execute(f"PRAGMA busy_timeout={WAITS_SECONDS * 1000}")
            is_waiting.set()
            refused(waiter)
        finally:
            waiter.close()

    with ThreadPoolExecutor(1) as pool:
        back = pool.submit(refused_and_back)
        assert is_waiting.wait(30)
        time.sleep(WAITS_SECONDS / 6)
        started = time.monotonic()
        gc.collect()
        took = time.monotonic() - started
        assert not back.done()
        back.result()
    holder.close()
    assert took < WAITS_SECONDS / 3


def refused(connection):
    with pytest.raises(OperationalError, match="locked"):
        connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


def test_what_went_well_keeps_its_cursor(connection_of):
    connection = connection_of()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 UNION SELECT 2")
        assert cursor.fetchall() == [(1,), (2,)]
    connection.close()
