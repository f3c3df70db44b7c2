"""How many sockets and streams one person may hold open in this process."""

from collections import Counter
from typing import Final

AT_MOST: Final = 50
_open: Final[Counter[int]] = Counter()


def take_place(person_id: int) -> bool:
    """One more is open for the person; False when there are `AT_MOST` already."""
    if _open[person_id] >= AT_MOST:
        return False
    _open[person_id] += 1
    return True


def leave_place(person_id: int) -> None:
    """One of the person's is closed."""
    _open[person_id] -= 1
    if _open[person_id] <= 0:
        del _open[person_id]
