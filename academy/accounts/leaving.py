"""What has to be done before a person may delete the account: rooms say what they need."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

Obstacle: TypeAlias = Callable[[int], str | None]
"""`obstacle(person_id)`: what to do first, in a sentence for that person; None: nothing."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Rows of a room that are locked before the row of a person who leaves.

    `take(person_id)` locks them and returns their ids; `needed(person_id)` says, once the person is
    locked, which they have to be.
    """

    take: Callable[[int], frozenset[int]]
    needed: Callable[[int], frozenset[int]]


_obstacles: dict[str, Obstacle] = {}
_holds: dict[str, Hold] = {}


def register_obstacle(name: str, obstacle: Obstacle) -> None:
    """The room `name` is asked before an account is deleted, inside the transaction."""
    _obstacles[name] = obstacle


def register_hold(name: str, hold: Hold) -> None:
    """The room `name` takes its locks first when somebody leaves."""
    _holds[name] = hold


def holds_take(person_id: int) -> dict[str, frozenset[int]]:
    """What has to be locked before the person is, by room. Within a transaction."""
    return {name: hold.take(person_id) for name, hold in _holds.items()}


def holds_suffice(held: dict[str, frozenset[int]], person_id: int) -> bool:
    """Nothing that has to be locked came up before the person was locked themselves."""
    return all(hold.needed(person_id) <= held[name] for name, hold in _holds.items())


def obstacles_of(person_id: int) -> list[str]:
    """What the person has to do first; empty when they may go."""
    return [text for find in _obstacles.values() if (text := find(person_id))]
