"""One effect for each key: a request claims it, and answers in the effect's own transaction."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from scheduler.idempotency.errors import KeyInFlightError, KeyReusedError
from scheduler.idempotency.models import IdempotencyKey


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to answer for a key; lost when its lease runs out and another takes it."""

    scope: str
    key: str
    owner: uuid.UUID


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What the first request was answered."""

    status_code: int
    body: Any
    headers: Mapping[str, str]


def key_claim(*, scope: str, key: str, fingerprint: str) -> Claim | StoredAnswer:
    """The key is in flight for this request, or its stored answer is returned.

    Commit it before the effect begins, so that the same request sent twice at once sees it.

    Raises:
        KeyReusedError: the key belongs to a request with another fingerprint.
        KeyInFlightError: another request with this key has not been answered yet.
    """
    claim = Claim(scope=scope, key=key, owner=uuid.uuid4())
    if _insert(claim, fingerprint):
        return claim
    row = (
        IdempotencyKey.objects.filter(scope=scope, key=key)
        .annotate(is_kept=Q(expires_at__gt=Now()))
        .first()
    )
    if row is None:
        # The other request was refused this very moment, and freed the key.
        raise KeyInFlightError(retry_after_seconds=1)
    if row.is_kept:
        if row.fingerprint != fingerprint:
            raise KeyReusedError
        if row.status_code is not None:
            return StoredAnswer(row.status_code, row.body, row.headers)
    if not _take_over(claim, fingerprint, previous_owner=row.owner):
        raise KeyInFlightError(retry_after_seconds=1)
    return claim


def key_answer_store(
    *, claim: Claim, status_code: int, body: Any, headers: Mapping[str, str]
) -> None:
    """The key replays this answer from now on; call it in the transaction of the effect.

    Raises:
        KeyInFlightError: the lease ran out and another request owns the key: roll back.
    """
    stored = _owned(claim).update(status_code=status_code, body=body, headers=dict(headers))
    if stored != 1:
        raise KeyInFlightError(retry_after_seconds=1)


def key_release(*, claim: Claim) -> None:
    """The key is free again, since its request was refused; nothing happens to another's."""
    _owned(claim).delete()


def keys_expire() -> int:
    """Keys whose time is over are gone; returns how many there were."""
    removed, _rows = IdempotencyKey.objects.filter(expires_at__lte=Now()).delete()
    return removed


def keys_forget(*, scope: str) -> None:
    """No answer is kept for whoever sent keys in this scope."""
    IdempotencyKey.objects.filter(scope=scope).delete()


def _owned(claim: Claim) -> Any:
    return IdempotencyKey.objects.filter(
        scope=claim.scope, key=claim.key, owner=claim.owner, status_code=None
    )


def _insert(claim: Claim, fingerprint: str) -> bool:
    row = IdempotencyKey(
        scope=claim.scope, key=claim.key, owner=claim.owner, fingerprint=fingerprint, **_times()
    )
    # Without an exception on conflict, so that it also works inside a transaction.
    IdempotencyKey.objects.bulk_create([row], ignore_conflicts=True)
    return bool(_owned(claim).exists())


def _take_over(claim: Claim, fingerprint: str, *, previous_owner: uuid.UUID) -> bool:
    """True when the row was nobody's any more, and is the claim's now."""
    free = Q(expires_at__lte=Now()) | Q(status_code=None, lease_until__lte=Now())
    taken = IdempotencyKey.objects.filter(
        free, scope=claim.scope, key=claim.key, owner=previous_owner
    ).update(
        owner=claim.owner,
        fingerprint=fingerprint,
        status_code=None,
        body=None,
        headers={},
        **_times(),
    )
    return taken == 1


def _times() -> dict[str, Any]:
    return {
        "lease_until": Now() + timedelta(seconds=settings.LEASE_SECONDS),
        "expires_at": Now() + timedelta(seconds=settings.IDEMPOTENCY_KEEP_SECONDS),
    }
