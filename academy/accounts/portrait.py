"""Everything that the academy knows of a person: rooms add what they hold."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.utils.functional import Promise

Collected: TypeAlias = Mapping[str, Any] | Iterable[Mapping[str, Any]]
"""One object, or rows (a generator is read once); values are plain, dates and ids become text."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the portrait: the file `<name>.json` and a chapter of the readable page."""

    name: str
    title: str | Promise
    collect: Callable[[int], Collected]


_sections: dict[str, Section] = {}


def register_section(
    name: str, collect: Callable[[int], Collected], *, title: str | Promise = ""
) -> None:
    """`collect(person_id)` says what one room holds of a person; `name` is a file's stem.

    Raises:
        ValueError: another room has the name.
    """
    section = Section(name=name, title=title or name, collect=collect)
    if _sections.setdefault(name, section).collect is not collect:
        message = f"two sections of the portrait are called {name}"
        raise ValueError(message)


def sections() -> tuple[Section, ...]:
    """All sections in the order in which they were registered."""
    return tuple(_sections.values())


def forget(name: str) -> None:
    """The section is no longer known; for tests that register their own."""
    _sections.pop(name, None)
