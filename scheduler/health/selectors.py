"""Whether the academy can do its work: one small check each, by name and code."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models.functions import Now

from academy.platform.caching.instances import CacheErrors, cache_client, queue_client
from scheduler.jobs.kinds import LANES
from scheduler.jobs.models import Process
from scheduler.jobs.selectors import oldest_waiting_seconds

_ALIVE_SECONDS: Final = 20.0
_FREE_BYTES: Final = 200 * 1024 * 1024
_migrated: Final[set[str]] = set()


@dataclass(frozen=True, slots=True)
class Check:
    """`code` is "ok", or what is wrong; `detail` says it for the operator."""

    name: str
    code: str
    detail: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The check as JSON shows it."""
        return asdict(self)


def health() -> list[Check]:
    """All checks. Cheap enough for every second: a handful of small queries, two pings."""
    return list(_checks())


def _checks() -> Iterator[Check]:
    yield _guarded("database", _database)
    yield _ping("queue", queue_client)
    yield _ping("cache", cache_client)
    yield _guarded("workers", _workers)
    yield _guarded("beat", _beat)
    yield _guarded("oldest_queued", _oldest)
    yield _guarded("migrations", _migrations)
    yield _disk()


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except DatabaseError as error:
        return Check(name, "database_error", type(error).__name__)


def _database() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Check("database", "ok")


def _ping(name: str, client: Callable[[], Any]) -> Check:
    try:
        client().ping()
    except CacheErrors as error:
        return Check(name, "no_answer", type(error).__name__)
    return Check(name, "ok")


def _alive(role: str) -> list[list[str]]:
    since = Now() - timedelta(seconds=_ALIVE_SECONDS)
    rows = Process.objects.filter(role=role, seen_at__gte=since)
    return list(rows.values_list("lanes", flat=True))


def _workers() -> Check:
    served = {lane for lanes in _alive("worker") for lane in lanes}
    missing = [lane for lane in LANES if lane not in served]
    if missing:
        return Check("workers", "lane_without_worker", ", ".join(missing))
    return Check("workers", "ok")


def _beat() -> Check:
    return Check("beat", "ok") if _alive("beat") else Check("beat", "not_seen")


def _oldest() -> Check:
    waits = {lane: oldest_waiting_seconds(lane, max_priority=0) for lane in LANES}
    lane, seconds = max(waits.items(), key=lambda item: item[1])
    if seconds > settings.LANE_OLDEST_SECONDS:
        return Check("oldest_queued", "waiting_too_long", f"{lane}: {seconds:.0f} s")
    return Check("oldest_queued", "ok", f"{seconds:.0f} s")


def _migrations() -> Check:
    # Reading the migration graph costs 100 ms; once nothing was missing, a restart comes first.
    if "done" not in _migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return Check("migrations", "not_applied")
        _migrated.add("done")
    return Check("migrations", "ok")


def _disk() -> Check:
    usage = shutil.disk_usage(settings.VAR_DIR)
    if usage.free < _FREE_BYTES:
        return Check("disk", "nearly_full", f"{usage.free // 2**20} MiB free")
    return Check("disk", "ok")
