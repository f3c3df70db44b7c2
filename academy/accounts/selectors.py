"""Who somebody is, by name, token or session, and what the account page says of them."""

import re
import uuid
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower, Now
from django.http import HttpRequest

from academy.accounts.models import BrowserSignIn, TokenFamily, User

GONE_PREFIX: Final = "deleted-"
GONE_BYTES: Final = 8


def person_by_name(name: str) -> User | None:
    """The person with this user name, else with this e-mail address, whatever the case.

    Whoever has not confirmed the address yet is found by it last: the newest of them.
    """
    wanted = name.strip().lower()
    if not wanted or "\x00" in wanted:
        return None
    people = User.objects.alias(name_lower=Lower("username"), email_lower=Lower("email"))
    found = list(
        people.filter(
            Q(name_lower=wanted) | Q(email_lower=wanted) | Q(pk__in=_called(wanted))
        ).order_by("pk")[:2]
    )
    # A user name may look like somebody else's address: the name wins.
    found.sort(key=lambda person: person.username.lower() != wanted)
    return found[0] if found else _unconfirmed_by_address(wanted)


def _called(folded: str) -> list[int]:
    """People with that user name in letters whose case SQLite does not know; [] elsewhere."""
    if connection.vendor != "sqlite" or folded.isascii():
        return []
    names = User.objects.exclude(username__regex=r"^[\x00-\x7f]*$").values_list("pk", "username")
    return [pk for pk, name in names if name.lower() == folded]


def is_username_taken(name: str, *, but: int | None) -> bool:
    """Whether somebody else has that user name, whatever its case."""
    wanted = name.strip().lower()
    lowered = User.objects.alias(name_lower=Lower("username"))
    found = lowered.filter(Q(name_lower=wanted) | Q(pk__in=_called(wanted)))
    return found.exclude(pk=but or 0).exists()


def person_by_address(address: str) -> User | None:
    """The active person whose confirmed (or operator-given) address this is."""
    wanted = address.strip().lower()
    if not wanted or "\x00" in wanted:
        return None
    people = User.objects.alias(email_lower=Lower("email"))
    return people.filter(email_lower=wanted, is_active=True).first()


def unconfirmed_people() -> QuerySet[User]:
    """Accounts that wait for the confirmation of their first address; nobody can use them."""
    waiting = EmailAddress.objects.filter(user_id=OuterRef("pk"), verified=False)
    return User.objects.filter(Exists(waiting), email="", last_login=None)


def is_anonymised(person: User) -> bool:
    """Whether the account was deleted: the row stays for statistics, and is nobody's any more."""
    is_named_so = re.fullmatch(rf"{GONE_PREFIX}[0-9a-f]{{{2 * GONE_BYTES}}}", person.username)
    is_empty = not person.is_active and not person.email and not person.has_usable_password()
    return is_empty and is_named_so is not None


def proven_addresses(person_id: int) -> frozenset[str]:
    """The person's addresses in lower case, those that are confirmed or operator-given: one query.

    One that waits to be confirmed may be somebody else's, and so may one that was confirmed before
    operators gave the person another.
    """
    others = User.objects.exclude(pk=person_id).filter(email__iexact=OuterRef("email"))
    confirmed = EmailAddress.objects.filter(
        ~Exists(others), user_id=person_id, verified=True
    ).order_by()
    given = User.objects.filter(pk=person_id).exclude(email="").order_by()
    found = confirmed.values_list("email", flat=True).union(given.values_list("email", flat=True))
    return frozenset(address.lower() for address in found)


def is_unconfirmed(person: User) -> bool:
    """Whether the account waits for its first confirmation; one query, and only without address."""
    return not person.email and unconfirmed_people().filter(pk=person.pk).exists()


def _unconfirmed_by_address(address: str) -> User | None:
    waiting = EmailAddress.objects.filter(email=address, verified=False)
    people = unconfirmed_people().filter(pk__in=waiting.values("user_id"))
    return people.order_by("-pk").first()


def unconfirmed_address(person: User) -> EmailAddress | None:
    """The address that the person was asked to confirm last."""
    rows = EmailAddress.objects.filter(user_id=person.pk, verified=False)
    newest: EmailAddress | None = rows.order_by("-pk").first()
    return newest


def has_second_factor(person: User) -> bool:
    """Whether a password alone does not let this person in."""
    rows = Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.TOTP)
    return bool(rows.exists())


@dataclass(frozen=True, slots=True)
class AccountState:
    """What the account page and `/api/me/` say besides the person's own row."""

    email_confirmed: bool
    email_waiting: str | None
    second_factor: bool


def account_state(person: User) -> AccountState:
    """Two queries."""
    rows = list(EmailAddress.objects.filter(user_id=person.pk).order_by("pk"))
    own = person.email.lower()
    waiting = [row.email for row in rows if not row.verified and row.email.lower() != own]
    return AccountState(
        email_confirmed=any(row.verified and row.email.lower() == own for row in rows),
        email_waiting=waiting[-1] if waiting else None,
        second_factor=has_second_factor(person),
    )


def browser_sign_ins(person: User) -> list[BrowserSignIn]:
    """The person's sessions that still hold, newest first."""
    living = Session.objects.filter(expire_date__gt=Now()).values("session_key")
    rows = BrowserSignIn.objects.filter(person=person, session_key__in=living)
    return list(rows.order_by("-began_at", "pk"))


def token_sign_ins(person: User) -> list[TokenFamily]:
    """The person's sign-ins by token that still hold, newest first."""
    rows = TokenFamily.objects.filter(person=person, revoked_at=None, expires_at__gt=Now())
    return list(rows.order_by("-created_at", "pk"))


def person_of_family(*, person_id: int, family_id: uuid.UUID) -> User | None:
    """The active person, if this sign-in of theirs is neither revoked nor expired: one query."""
    found = User.objects.filter(
        pk=person_id,
        is_active=True,
        token_families__id=family_id,
        token_families__revoked_at=None,
        token_families__expires_at__gt=Now(),
    )
    # Without an order, which costs a third of such a query: there is one at most.
    return next(iter(found.order_by()), None)


def person_of_session(session_key: str) -> User | None:
    """The active person whose session this is; None when it ended or the password changed."""
    if not (session_key.isascii() and session_key.isalnum()):
        # Not one of Django's, and PostgreSQL refuses a NUL.
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    person = get_user(request)
    return person if isinstance(person, User) else None
