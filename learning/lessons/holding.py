"""What was made from a lesson's revision, and needs it for as long as it stands.

Apps above register what they hold, so that no clean-up takes a revision from under it.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from django.db.models import QuerySet

Holder: TypeAlias = Callable[[], QuerySet[Any, Any]]
"""Ids of revisions, as a query of one column; none of them null."""

_holders: dict[str, Holder] = {}


def register(name: str, holder: Holder) -> None:
    """The revisions that `holder` names stay.

    Raises:
        ValueError: the name is taken by another holder.
    """
    if _holders.setdefault(name, holder) is not holder:
        message = f"two holders of revisions are called {name}"
        raise ValueError(message)


def held() -> list[QuerySet[Any, Any]]:
    """What is held now, a query for each holder."""
    return [holder() for holder in _holders.values()]
