"""Two texts beside each other, line by line, in bounded time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from learning.releases.matching import BoundedMatcher, Budget, TooDifferentError
from learning.releases.words import Part, changed_parts, paired, shortened

MAX_TEXT_BYTES: Final = 200_000
MAX_TEXT_LINES: Final = 5_000
MAX_SHOWN_LINES: Final = 400
_CONTEXT_LINES: Final = 3


class LineKind(StrEnum):
    """What became of a line; `gap` stands for the unchanged ones that are left out."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a difference, cut around what changed in it; `gap` has no parts."""

    kind: LineKind
    parts: tuple[Part, ...] = ()

    @property
    def text(self) -> str:
        """All parts; at most `words.MAX_SHOWN_CHARACTERS`."""
        return "".join(part.text for part in self.parts)

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
    except TooDifferentError:
        return TextDiff(problem=_("The texts differ too much to be compared line by line."))
    if lines and not budget.lines:
        return TextDiff(problem=_("Too much has changed to be shown at once."))
    shown = tuple(lines[: min(MAX_SHOWN_LINES, budget.lines)])
    budget.lines -= len(shown)
    return TextDiff(lines=shown, left_out_count=len(lines) - len(shown))


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []


def _told(old: Sequence[str], new: Sequence[str], budget: Budget) -> Iterator[DiffLine]:
    matcher = BoundedMatcher(old, new, budget)
    for number, group in enumerate(matcher.get_grouped_opcodes(_CONTEXT_LINES)):
        if number:
            yield DiffLine(LineKind.GAP)
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                yield from _all(LineKind.SAME, map(_whole, old[old_from:old_to]))
            else:
                yield from _replaced(old[old_from:old_to], new[new_from:new_to], budget)


def _replaced(old: Sequence[str], new: Sequence[str], budget: Budget) -> Iterator[DiffLine]:
    gone, come = [*map(_whole, old)], [*map(_whole, new)]
    for before, after in paired(old, new):
        gone[before], come[after] = changed_parts(old[before], new[after], budget)
    yield from _all(LineKind.REMOVED, gone)
    yield from _all(LineKind.ADDED, come)


def _whole(text: str) -> tuple[Part, ...]:
    return shortened([Part(text)])


def _all(kind: LineKind, lines: Iterable[tuple[Part, ...]]) -> Iterator[DiffLine]:
    for parts in lines:
        yield DiffLine(kind, parts)
