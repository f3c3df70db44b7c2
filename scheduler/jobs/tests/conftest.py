"""alice and bob learn, carol too, olga operates; `declare` makes kinds that end with the test."""

import itertools
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.db.models import F
from django.db.models.functions import Now

from academy.accounts.models import Role, User
from academy.accounts.services import token_pair_issue
from academy.platform.caching.instances import cache_client
from academy.platform.caching.tests.instance import instance
from scheduler.jobs import estimates, kinds, services
from scheduler.jobs.kinds import JobKind
from scheduler.jobs.models import Job


@pytest.fixture
def alice(db):
    return User.objects.create_user("alice")


@pytest.fixture
def bob(db):
    return User.objects.create_user("bob")


@pytest.fixture
def carol(db):
    return User.objects.create_user("carol")


@pytest.fixture
def olga(db):
    return User.objects.create_user("olga", role=Role.OPERATOR)


@pytest.fixture(autouse=True)
def _no_history():
    estimates._known.clear()


@pytest.fixture
def declare():
    """Declares a kind of job; it is forgotten after the test."""
    numbers = itertools.count()
    names = []

    def make(run=lambda context, **params: None, **more):
        given = {
            "name": f"test.kind{next(numbers)}",
            "lane": "interactive",
            "label": "A test",
            "soft_time_limit_seconds": 30,
            "hard_time_limit_seconds": 60,
            **more,
        }
        kind = JobKind(run=run, **given)
        kinds.register(kind)
        names.append(kind.name)
        return kind

    yield make
    for name in names:
        kinds.forget(name)


@pytest.fixture
def kind(declare):
    return declare()


@pytest.fixture
def ask(kind):
    """Submits a job of `kind`; returns the job."""

    def submit(person=None, **more):
        arguments = {"kind": kind.name, "params": {}, **more}
        return services.job_submit(person_id=person.pk if person else None, **arguments).job

    return submit


@pytest.fixture
def claim():
    """A worker claims the job; returns its run, or None."""

    def take(job, *, lease_seconds=30.0, worker="w1"):
        claimed = services.job_claim(job_id=job.pk, worker=worker, lease_seconds=lease_seconds)
        return services.Run(job_id=claimed.pk, fence=claimed.fence) if claimed else None

    return take


@pytest.fixture
def shift():
    """Moves times of jobs by the database's own clock: shift(job, run_at=-60)."""

    def move(job, **seconds):
        rows = Job.objects.filter(pk=job.pk)
        for name, offset in seconds.items():
            assert rows.update(**{name: _moved(name, offset)}) == 1

    return move


def _moved(name, offset):
    start = Now() if name in {"lease_until", "finished_at"} else F(name)
    return start + timedelta(seconds=offset)


@pytest.fixture
def bearer():
    def headers(person):
        return {"Authorization": f"Bearer {token_pair_issue(person=person).access}"}

    return headers


@pytest.fixture(scope="session")
def shared_cache():
    with instance() as running:
        yield running


@pytest.fixture
def cache(shared_cache, settings):
    """An empty cache instance that answers."""
    settings.CACHE_URL = shared_cache.url
    settings.REDIS_TIMEOUT_SECONDS = 5.0
    cache_client().flushall()
    return shared_cache


@pytest.fixture
def for_threads(transactional_db, tmp_path):
    """A database that several threads can use at once, each on a connection of its own.

    SQLite's tests live in memory, where tables are locked without waiting; here it is a file.
    """
    if not (connection.vendor == "sqlite" and connection.is_in_memory_db()):
        yield
        return
    path = str(tmp_path / "threads.sqlite3")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [path])
    in_memory = connections["default"]
    previous = connections.settings["default"]["NAME"]
    connections.settings["default"]["NAME"] = path
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"]["NAME"] = previous
        connections["default"] = in_memory
