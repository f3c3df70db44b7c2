"""Counting in the database, exactly, while the cache instance is silent."""

from datetime import timedelta

from django.db import connection, transaction
from django.db.models.functions import Now

from academy.accounts.models import CountedEvent
from academy.platform.rates import Rate


def event_count(*, key: str, rate: Rate) -> tuple[bool, int, float]:
    """One event is counted under `key` unless `rate.amount` of them are in the window already.

    Exact however many ask at once. Returns whether it was counted, how many are in the window
    now, and the seconds until the oldest of them leaves it.
    """
    with transaction.atomic():
        _lock_key(key)
        start = Now() - timedelta(seconds=rate.period_seconds)
        inside = CountedEvent.objects.filter(key=key, at__gt=start)
        used = inside.count()
        allowed = used < rate.amount
        if allowed:
            CountedEvent.objects.create(key=key)
            used += 1
        oldest = inside.annotate(now=Now()).order_by("at").first()
    age_seconds = (oldest.now - oldest.at).total_seconds() if oldest else 0.0
    return allowed, used, rate.period_seconds - age_seconds


def _lock_key(key: str) -> None:
    """Whoever counts under the same key waits; SQLite's IMMEDIATE transactions wait anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
