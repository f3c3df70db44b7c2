"""Facts about lessons that other apps know and the API shows beside ours.

A provider gets all readings of an answer at once, so that a list costs no more queries than one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from learning.lessons.selectors import Reading

Provider: TypeAlias = Callable[[Sequence[Reading]], Mapping[int, object]]
"""Values by lesson id; a lesson that is left out has null."""

Kind: TypeAlias = Literal["text", "time"]


@dataclass(frozen=True, slots=True)
class Facet:
    """A field of a lesson in the API; `kind` is what OpenAPI says of it."""

    name: str
    provider: Provider
    kind: Kind


_facets: dict[str, Facet] = {}


def register(name: str, provider: Provider, *, kind: Kind = "text") -> None:
    """Lessons in the API carry the field `name`.

    Raises:
        ValueError: the name is taken by another provider.
    """
    if name in _facets and _facets[name].provider is not provider:
        message = f"two facets are called {name}"
        raise ValueError(message)
    _facets[name] = Facet(name=name, provider=provider, kind=kind)


def forget(name: str) -> None:
    """The facet is no longer shown; for tests that declare their own."""
    _facets.pop(name, None)


def registered() -> tuple[Facet, ...]:
    """All facets, in the order of their registration."""
    return tuple(_facets.values())


def facets_of(readings: Sequence[Reading]) -> dict[int, dict[str, Any]]:
    """The facets' values by lesson id, each lesson with each name."""
    values: dict[int, dict[str, Any]] = {reading.lesson.pk: {} for reading in readings}
    for facet in _facets.values():
        known = facet.provider(readings)
        for lesson_id, row in values.items():
            row[facet.name] = known.get(lesson_id)
    return values
