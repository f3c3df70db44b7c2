"""Two texts beside each other, line by line, in bounded time."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from enum import StrEnum
from itertools import accumulate
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MAX_TEXT_BYTES: Final = 200_000
MAX_TEXT_LINES: Final = 5_000
MAX_SHOWN_LINES: Final = 400
MAX_SHOWN_CHARACTERS: Final = 1_000
_CONTEXT_LINES: Final = 3


class LineKind(StrEnum):
    """What became of a line; `gap` stands for the unchanged ones that are left out."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a difference; `text` has at most `MAX_SHOWN_CHARACTERS`."""

    kind: LineKind
    text: str

    @property
    def sign(self) -> str:
        """As in a unified difference."""
        return {LineKind.ADDED: "+", LineKind.REMOVED: "-", LineKind.GAP: "…"}.get(self.kind, " ")


@dataclass(frozen=True, slots=True)
class TextDiff:
    """How a text changed; with a `problem` there are no lines, and it says why.

    `left_out_count`: lines of the difference beyond those that are shown.
    """

    lines: tuple[DiffLine, ...] = ()
    left_out_count: int = 0
    problem: str = ""

    @property
    def left_out_text(self) -> str:
        """What is not shown, in a sentence; empty where all is."""
        count = self.left_out_count
        if not count:
            return ""
        return ngettext(
            "One more line of the difference is not shown.",
            "%(count)d more lines of the difference are not shown.",
            count,
        ) % {"count": count}


@dataclass
class Budget:
    """What the texts of one comparison may cost together: steps of difflib, and lines to show."""

    steps: int = 1_000_000
    lines: int = 3_000


class _TooDifferentError(Exception):
    """Comparing these would take too long."""


class _Matcher(SequenceMatcher[str]):
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
            raise _TooDifferentError
        return super().find_longest_match(alo, ahi, blo, bhi)


def text_diff(before: str, after: str, budget: Budget | None = None) -> TextDiff:
    """How the text changed, with three lines around each change; lines end at newlines only.

    What would be too long to compare or to show is said instead.
    """
    budget = budget or Budget()
    if max(len(before.encode()), len(after.encode())) > MAX_TEXT_BYTES:
        return TextDiff(problem=_("The text is too large to be compared line by line."))
    old, new = _lines(before), _lines(after)
    if max(len(old), len(new)) > MAX_TEXT_LINES:
        return TextDiff(problem=_("The text has too many lines to be compared."))
    try:
        lines = list(_told(old, new, budget))
    except _TooDifferentError:
        return TextDiff(problem=_("The texts differ too much to be compared line by line."))
    if lines and not budget.lines:
        return TextDiff(problem=_("Too much has changed to be shown at once."))
    shown = tuple(lines[: min(MAX_SHOWN_LINES, budget.lines)])
    budget.lines -= len(shown)
    return TextDiff(lines=shown, left_out_count=len(lines) - len(shown))


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []


def _told(old: Sequence[str], new: Sequence[str], budget: Budget) -> Iterator[DiffLine]:
    matcher = _Matcher(old, new, budget)
    for number, group in enumerate(matcher.get_grouped_opcodes(_CONTEXT_LINES)):
        if number:
            yield DiffLine(LineKind.GAP, "")
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                yield from _all(LineKind.SAME, old[old_from:old_to])
            else:
                yield from _all(LineKind.REMOVED, old[old_from:old_to])
                yield from _all(LineKind.ADDED, new[new_from:new_to])


def _all(kind: LineKind, texts: Sequence[str]) -> Iterator[DiffLine]:
    for text in texts:
        is_long = len(text) > MAX_SHOWN_CHARACTERS
        yield DiffLine(kind, f"{text[: MAX_SHOWN_CHARACTERS - 1]}…" if is_long else text)
