"""Who somebody is, by name, token or session."""

import uuid
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.http import HttpRequest

from academy.accounts.models import User


def person_by_name(name: str) -> User | None:
    """The person with this user name, else with this e-mail address, whatever the case."""
    wanted = name.strip().lower()
    if not wanted or "\x00" in wanted:
        return None
    found = list(
        User.objects.alias(name_lower=Lower("username"), email_lower=Lower("email"))
        .filter(Q(name_lower=wanted) | Q(email_lower=wanted))
        .order_by("pk")[:2]
    )
    # A user name may look like somebody else's address: the name wins.
    found.sort(key=lambda person: person.username.lower() != wanted)
    return found[0] if found else None


def person_of_family(*, person_id: int, family_id: uuid.UUID) -> User | None:
    """The active person, if this sign-in of theirs is neither revoked nor expired: one query."""
    return User.objects.filter(
        pk=person_id,
        is_active=True,
        token_families__id=family_id,
        token_families__revoked_at=None,
        token_families__expires_at__gt=Now(),
    ).first()


def person_of_session(session_key: str) -> User | None:
    """The active person whose session this is; None when it ended or the password changed."""
    if not (session_key.isascii() and session_key.isalnum()):
        # Not one of Django's, and PostgreSQL refuses a NUL.
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    person = get_user(request)
    return person if isinstance(person, User) else None
