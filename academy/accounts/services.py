"""Sign-ins: token families, socket tickets, counted events, demo accounts."""

import hashlib
import secrets
import uuid
from datetime import timedelta
from importlib import import_module
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from academy.accounts.errors import SignedOutError, TokenInvalidError, TokenReusedError
from academy.accounts.models import CountedEvent, Role, SocketTicket, TokenFamily, User
from academy.accounts.tokens import Claims, TokenPair, pair_for, read_token
from academy.platform.rates import Rate

DEMO_ACCOUNTS: Final = (
    ("learner", Role.LEARNER, "Lena Learner"),
    ("instructor", Role.INSTRUCTOR, "Ines Instructor"),
    ("operator", Role.OPERATOR, "Otto Operator"),
)


def token_pair_issue(*, person: User) -> TokenPair:
    """A new family lives, and the pair is its first."""
    family_id = uuid.uuid4()
    pair, jti = pair_for(person_id=person.pk, family_id=family_id)
    TokenFamily.objects.create(
        id=family_id, person=person, current_jti=jti, expires_at=Now() + _refresh_lifetime()
    )
    return pair


def token_refresh(*, refresh: str) -> TokenPair:
    """The family's newest refresh token is spent, and the returned pair takes its place.

    Raises:
        TokenInvalidError: the token, its family or its person is no longer good.
        TokenReusedError: the token was spent before; its family is revoked now.
    """
    claims = read_token(refresh, kind="refresh")
    pair = _pair_rotate(claims)
    if pair is None:
        family_revoke(family_id=claims.family_id)
        raise TokenReusedError
    return pair


def _pair_rotate(claims: Claims) -> TokenPair | None:
    """The next pair; None when the token is not the family's newest."""
    with transaction.atomic():
        family = (
            # The lock makes two parallel refreshes one winner and one reuse.
            TokenFamily.objects.select_for_update(of=("self",))
            .select_related("person")
            .filter(
                pk=claims.family_id,
                person_id=claims.person_id,
                person__is_active=True,
                revoked_at=None,
                expires_at__gt=Now(),
            )
            .first()
        )
        if family is None:
            raise TokenInvalidError
        if not secrets.compare_digest(family.current_jti, claims.jti):
            return None
        pair, jti = pair_for(person_id=claims.person_id, family_id=claims.family_id)
        TokenFamily.objects.filter(pk=family.pk).update(
            current_jti=jti, expires_at=Now() + _refresh_lifetime()
        )
    return pair


def family_revoke(*, family_id: uuid.UUID) -> bool:
    """No token of this sign-in is good any more; False when that was so already."""
    return TokenFamily.objects.filter(pk=family_id, revoked_at=None).update(revoked_at=Now()) == 1


def ticket_issue(*, person: User, source: str) -> str:
    """A ticket that opens one socket within `TICKET_SECONDS`; `source` is what it stands for."""
    ticket = secrets.token_urlsafe(32)
    SocketTicket.objects.create(
        digest=_digest(ticket),
        person=person,
        source=source,
        expires_at=Now() + timedelta(seconds=settings.TICKET_SECONDS),
    )
    return ticket


def ticket_spend(*, ticket: str) -> tuple[User, str]:
    """The ticket is gone; returns its person and the source it stood for.

    Raises:
        SignedOutError: there is no such ticket, it was spent before, or it has expired.
    """
    row = SocketTicket.objects.select_related("person").filter(digest=_digest(ticket)).first()
    if row is None or not row.person.is_active:
        raise SignedOutError
    spent, _rows = SocketTicket.objects.filter(digest=row.digest, expires_at__gt=Now()).delete()
    if spent != 1:
        # Another socket got there first, or its time was over.
        raise SignedOutError
    return row.person, row.source


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


def spent_credentials_expire() -> int:
    """Families, tickets, sessions and counted events whose time is over are gone.

    Returns how many there were; sessions are not counted.
    """
    longest = max(rate.period_seconds for rate in settings.RATES.values())
    families, _rows = TokenFamily.objects.filter(expires_at__lte=Now()).delete()
    tickets, _rows = SocketTicket.objects.filter(expires_at__lte=Now()).delete()
    events, _rows = CountedEvent.objects.filter(at__lte=Now() - timedelta(seconds=longest)).delete()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return families + tickets + events


def demo_accounts_ensure(*, password: str | None, first_password: str | None = None) -> list[str]:
    """Learner, instructor and operator exist; returns the names of those that are new.

    A `password` is theirs from now on. Without one passwords that exist stay, and new accounts
    get `first_password`, or cannot sign in when there is none either.
    """
    made: list[str] = []
    for name, role, display_name in DEMO_ACCOUNTS:
        person = User.objects.filter(username=name).first()
        if person is None:
            made.append(name)
            person = User(
                username=name,
                role=role,
                display_name=display_name,
                email=f"{name}@academy.example",
                is_superuser=role == Role.OPERATOR,
            )
            person.set_password(password or first_password)
            person.save()
        elif password is not None and not person.check_password(password):
            person.set_password(password)
            person.save(update_fields=["password"])
    return made


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode("utf-8", "replace")).hexdigest()


def _refresh_lifetime() -> timedelta:
    lifetime: timedelta = settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"]
    return lifetime
