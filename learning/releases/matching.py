"""difflib with an end to what it may cost."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from itertools import accumulate


@dataclass
class Budget:
    """What the texts of one comparison may cost together: steps of difflib, and lines to show.

    `word_steps` are those within changed lines; without them, words are no longer told apart.
    """

    steps: int = 1_000_000
    lines: int = 3_000
    word_steps: int = 400_000


class TooDifferentError(Exception):
    """Comparing these would take too long."""


class BoundedMatcher(SequenceMatcher[str]):
    """Stops before it becomes slow: difflib is quadratic at best, and cubic at worst.

    A call looks at each line of its part of the old text, and at every place in the new one where
    that line stands; their number is known beforehand. Lines that stand in more than one of a
    hundred places are no landmarks to difflib, from 200 lines on.
    """

    def __init__(self, old: Sequence[str], new: Sequence[str], budget: Budget) -> None:
        super().__init__(None, old, new)
        places = Counter(new)
        most = len(new) // 100 + 1 if len(new) >= 200 else len(new)
        steps = (1 + (places[line] if places[line] <= most else 0) for line in old)
        self._steps_up_to = [0, *accumulate(steps)]
        self._budget = budget

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        last = len(self._steps_up_to) - 1 if ahi is None else ahi
        self._budget.steps -= self._steps_up_to[last] - self._steps_up_to[alo]
        if self._budget.steps < 0:
            raise TooDifferentError
        return super().find_longest_match(alo, ahi, blo, bhi)
