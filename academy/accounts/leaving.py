"""What has to be done before a person may delete the account: rooms say what they need."""

from collections.abc import Callable
from typing import TypeAlias

Obstacle: TypeAlias = Callable[[int], str | None]
"""`obstacle(person_id)`: what to do first, in a sentence for that person; None: nothing."""

_obstacles: dict[str, Obstacle] = {}


def register_obstacle(name: str, obstacle: Obstacle) -> None:
    """The room `name` is asked before an account is deleted, inside the transaction."""
    _obstacles[name] = obstacle


def obstacles_of(person_id: int) -> list[str]:
    """What the person has to do first; empty when they may go."""
    return [text for find in _obstacles.values() if (text := find(person_id))]
