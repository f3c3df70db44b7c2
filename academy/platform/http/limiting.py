"""Limits: counted in the cache instance, and while it is silent in the database where it matters."""

import functools
import hashlib
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, cast

import redis
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter

from academy.platform.caching.breaker import Breaker
from academy.platform.caching.instances import CacheErrors, cache_client
from academy.platform.errors import TooManyError
from academy.platform.http.addresses import client_address
from academy.platform.rates import Rate

EXACT_SCOPES: Final = frozenset({"login", "export"})
_NOTES: Final = "_academy_limits"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether one more event was allowed, and what the window holds after it.

    `remaining` events are left; `reset_seconds` until the oldest one leaves the window.
    """

    scope: str
    rate: Rate
    allowed: bool
    remaining: int
    reset_seconds: int


class Counter(Protocol):
    """Counts one event under `key`, exactly, if that keeps within `rate`.

    Returns whether it was counted, how many are in the window now, and how many seconds remain
    until the oldest of them leaves it.
    """

    def __call__(self, *, key: str, rate: Rate) -> tuple[bool, int, float]:
        """Count one event."""
        ...


_counters: dict[str, Counter] = {}


def register_counter(counter: Counter) -> None:
    """The app that has a database counts in it while the cache instance is silent."""
    _counters["database"] = counter


def hit(scope: str, identity: str, *, exact: bool | None = None, times: int = 1) -> Decision:
    """One event of `identity` is counted under `settings.RATES[scope]`, or refused.

    `times` as many are allowed as the rate says.

    Costs two round trips to the cache instance. While that is silent, an `exact` limit (default:
    those of `EXACT_SCOPES`) is counted in the database, any other lets everything pass.
    """
    usual: Rate = settings.RATES[scope]
    rate = replace(usual, amount=usual.amount * times)
    key = f"{scope}:{_short(identity)}"
    counted = _count_in_cache(key=key, rate=rate)
    if counted is None and (scope in EXACT_SCOPES if exact is None else exact):
        counted = _counters["database"](key=key, rate=rate)
    if counted is None:
        return Decision(scope, rate, allowed=True, remaining=rate.amount, reset_seconds=0)
    allowed, used, reset_seconds = counted
    return Decision(
        scope=scope,
        rate=rate,
        allowed=allowed,
        remaining=max(0, rate.amount - used),
        reset_seconds=min(rate.period_seconds, max(1, math.ceil(reset_seconds))),
    )


def require(
    request: HttpRequest, scope: str, *, identity: str | None = None, exact: bool | None = None
) -> Decision:
    """One event is counted for whoever sends `request`, and its answer will tell the limit.

    `identity` defaults to the signed-in person, else to the address.

    Raises:
        TooManyError: the limit is reached.
    """
    decision = hit(scope, identity or person_or_address(request), exact=exact)
    note(request, decision)
    if not decision.allowed:
        raise too_many(decision)
    return decision


def too_many(decision: Decision) -> TooManyError:
    """The refusal that says when to come back."""
    message = _("Too many requests. Please try again in %(seconds)d s.")
    return TooManyError(
        message % {"seconds": decision.reset_seconds}, retry_after_seconds=decision.reset_seconds
    )


def person_or_address(request: Any) -> str:
    """`user:<id>` of a signed-in person, else `addr:<address>`."""
    person = getattr(request, "user", None)
    if person is not None and person.is_authenticated:
        return f"user:{person.pk}"
    return f"addr:{client_address(request.META)}"


def note(request: HttpRequest, decision: Decision) -> None:
    """The answer to `request` will carry this limit in its headers."""
    request.__dict__.setdefault(_NOTES, {})[decision.scope] = decision


def limit_headers(request: HttpRequest) -> Mapping[str, str]:
    """`RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10) of an answer."""
    decisions: dict[str, Decision] = request.__dict__.get(_NOTES, {})
    if not decisions:
        return {}
    policies = [
        f'"{d.scope}";q={d.rate.amount};w={d.rate.period_seconds}' for d in decisions.values()
    ]
    states = [f'"{d.scope}";r={d.remaining};t={d.reset_seconds}' for d in decisions.values()]
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(states)}


def _short(identity: str) -> str:
    """An identity of any length and alphabet as a key's part."""
    if len(identity) <= 64 and identity.isascii() and identity.isprintable():
        return identity
    return hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()


class _Window:
    """The moving window in the cache instance, behind a breaker whose probe nobody waits for."""

    def __init__(self, client: redis.Redis) -> None:
        self._breaker = Breaker(probe=client.ping, errors=CacheErrors)
        pool = cast(Any, client.connection_pool)
        storage = RedisStorage("redis://", connection_pool=pool, key_prefix="limit")
        self._limiter = MovingWindowRateLimiter(storage)

    def count(self, *, key: str, rate: Rate) -> tuple[bool, int, float] | None:
        if not self._breaker.allows():
            return None
        item: RateLimitItem = RateLimitItemPerSecond(rate.amount, rate.period_seconds)
        try:
            allowed = self._limiter.hit(item, key)
            window = self._limiter.get_window_stats(item, key)
        except CacheErrors:
            self._breaker.failed()
            return None
        self._breaker.succeeded()
        return allowed, rate.amount - window.remaining, window.reset_time - time.time()


@functools.lru_cache(maxsize=4)
def _window(client: redis.Redis) -> _Window:
    return _Window(client)


def _count_in_cache(*, key: str, rate: Rate) -> tuple[bool, int, float] | None:
    """What the cache instance says; None when it says nothing."""
    return _window(cache_client()).count(key=key, rate=rate)
