"""What the operators' home counts: rooms add what they know, and the home shows it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _

_cards: Final[dict[str, "Card"]] = {}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, and the list of what it counts.

    `value` and `text` are in the reader's language; `warning` is a word where the figure is bad.
    Without `link` there is no list of it.
    """

    value: str
    text: str
    link: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """Figures under one title. `icon` is a name of the theme's symbols, lower `rank` comes first."""

    name: str
    title: str | Promise
    icon: str
    rank: int
    read: Callable[[], Sequence[Figure]]


def register_card(
    name: str,
    read: Callable[[], Sequence[Figure]],
    *,
    title: str | Promise,
    icon: str,
    rank: int,
) -> None:
    """`read()` is asked whenever an operator opens the home: one or two cheap queries, no more.

    Raises:
        ValueError: another room has the name.
    """
    card = Card(name=name, title=title, icon=icon, rank=rank, read=read)
    if _cards.setdefault(name, card).read is not read:
        message = f"two cards of the desk are called {name}"
        raise ValueError(message)


def cards() -> list[tuple[Card, Sequence[Figure]]]:
    """All cards in their order, with what they count at this moment."""
    return [(card, card.read()) for card in sorted(_cards.values(), key=lambda card: card.rank)]


def forget(name: str) -> None:
    """The card is no longer known; for tests that register their own."""
    _cards.pop(name, None)


def counted(count: int, text: str, link: str, *, is_bad: bool = False) -> Figure:
    """A number of rows; with a word of warning where some are there that should not be."""
    warning = _("Needs a look") if is_bad and count else ""
    return Figure(number_format(count, force_grouping=True), text, link, warning)


def list_link(model: Any, **chosen: str) -> str:
    """The address of the model's list, with these of its filters."""
    options = model._meta  # noqa: SLF001 - Django's documented _meta API
    address = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
    return f"{address}?{urlencode(chosen)}" if chosen else address
