"""The one question: may this person do this to that object?

Rooms declare judges for their models; every edge (API, pages, sockets, downloads) asks `may` or
`require` and decides nothing itself. Only the admin asks `User.has_perm`, where an operator has
everything and nobody else anything.
"""

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model

from academy.accounts.errors import SignedOutError
from academy.accounts.models import User
from academy.platform.errors import NotFoundError, PermissionDeniedError

Person: TypeAlias = User | AnonymousUser | None
"""Whoever asks; None and the anonymous user are a stranger."""


class Verdict(Enum):
    """What follows for the person: done, refused (401 or 403), or no such thing (404)."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    HIDDEN = "hidden"


Judge: TypeAlias = Callable[[Person, str, Any], Verdict]
_judges: dict[tuple[str, type[Model] | None], Judge] = {}


def declare(actions: Iterable[str], judge: Judge, *, of: type[Model] | None) -> None:
    """`judge` decides about these actions on rows of that model; None: on no row (making one).

    Raises:
        ValueError: another judge decides about one of them.
    """
    for action in actions:
        if _judges.setdefault((action, of), judge) is not judge:
            message = f"two judges of {action}"
            raise ValueError(message)


def declared() -> list[tuple[str, str]]:
    """Every action with the name of the model that it is about, for the documentation."""
    return sorted((action, of.__name__ if of else "") for action, of in _judges)


def verdict(person: Person, action: str, row: Model | None = None) -> Verdict:
    """What the judge of this action says.

    Raises:
        LookupError: nobody declared the action; a mistake in the program, never an answer.
    """
    judge = _judges.get((action, type(row) if row is not None else None))
    if judge is None:
        message = f"nobody judges {action} on {type(row).__name__}"
        raise LookupError(message)
    return judge(signed_in(person), action, row)


def may(person: Person, action: str, row: Model | None = None) -> bool:
    """Whether the person may do this to that."""
    return verdict(person, action, row) is Verdict.ALLOWED


def require(person: Person, action: str, row: Model | None = None) -> None:
    """Nothing happens where the person may.

    Raises:
        NotFoundError: they may not even know of it.
        SignedOutError: nobody is signed in, and somebody might.
        PermissionDeniedError: they may see it, but not do this.
    """
    said = verdict(person, action, row)
    if said is Verdict.HIDDEN:
        raise NotFoundError
    if said is Verdict.REFUSED:
        raise SignedOutError if signed_in(person) is None else PermissionDeniedError


def signed_in(person: Person) -> User | None:
    """The person; None for a stranger and for an account that is switched off."""
    return person if isinstance(person, User) and person.is_active else None
