"""Sign-ins by token and by browser, and tickets for sockets."""

import hashlib
import secrets
import uuid
from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models.functions import Now

from academy.accounts.errors import SignedOutError, TokenInvalidError, TokenReusedError
from academy.accounts.models import BrowserSignIn, SocketTicket, TokenFamily, User
from academy.accounts.tokens import Claims, TokenPair, pair_for, read_token
from academy.platform.realtime.publishing import publish_on_commit

_AGENT_CHARACTERS = 200


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
    """No token of this sign-in is good any more, and its open sockets hear of it.

    False when that was so already.
    """
    families = TokenFamily.objects.filter(pk=family_id)
    is_revoked = families.filter(revoked_at=None).update(revoked_at=Now()) == 1
    if is_revoked:
        for person_id in families.values_list("person_id", flat=True):
            publish_on_commit(f"person:{person_id}")
    return is_revoked


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


def browser_sign_in_record(*, person_id: int, session_key: str, agent: str) -> None:
    """The session is one of the person's sign-ins, which they can see and end."""
    BrowserSignIn.objects.update_or_create(
        session_key=session_key,
        defaults={"person_id": person_id, "agent": agent[:_AGENT_CHARACTERS]},
    )


@transaction.atomic
def sign_ins_end(*, person_id: int, except_session: str = "") -> int:
    """No token and no session of the person is good any more, but this one; their number.

    Pages and sockets that are open learn it when they ask next, within a minute.
    """
    families = TokenFamily.objects.filter(person_id=person_id, revoked_at=None)
    ended = families.update(revoked_at=Now())
    SocketTicket.objects.filter(person_id=person_id).delete()
    others = BrowserSignIn.objects.filter(person_id=person_id).exclude(session_key=except_session)
    keys = list(others.values_list("session_key", flat=True))
    ended += Session.objects.filter(session_key__in=keys).delete()[0]
    others.delete()
    return ended


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode("utf-8", "replace")).hexdigest()


def _refresh_lifetime() -> timedelta:
    lifetime: timedelta = settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"]
    return lifetime
