"""Fixtures of every test; roles are alice (learner), bob (another), ingrid (instructor), olga (operator)."""

import gc
from importlib import import_module

import pytest
from django.db import connection

from tests.stack import Stack

_END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def pytest_collection_finish():
    """What collecting made stays to the end: garbage is looked for without it, as in a server.

    Documents look for garbage when they are done, 0.1 s each time among 4,000 tests.
    """
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter):
    """What the tests measured, also in other processes than this one."""
    reports = [r for r in terminalreporter.getreports("passed") if r.when == "call"]
    figures = [(r.nodeid, r.user_properties) for r in reports if r.user_properties]
    if figures:
        terminalreporter.section("measured under faults")
    for name, values in figures:
        text = ", ".join(f"{key} {value}" for key, value in values)
        terminalreporter.line(f"{name.rpartition('::')[2]}: {text}")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The test database, which PostgreSQL drops only when nobody is connected.

    Threads that served an asynchronous test keep their connections as long as they live.
    """
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(_END_OTHERS)


@pytest.fixture(scope="session", autouse=True)
def addresses():
    """Every page is known, and so is the admin of every model, whichever test comes first."""
    import_module("academy.urls")


@pytest.fixture(scope="session")
def stack():
    """One whole academy for all tests that only use it as its users would."""
    with Stack() as running:
        yield running
