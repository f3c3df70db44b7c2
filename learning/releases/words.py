"""What changed within a line: a paragraph of Markdown is one, and may be long."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from learning.releases.matching import BoundedMatcher, Budget, TooDifferentError

MAX_SHOWN_CHARACTERS: Final = 1_000
_AROUND_CHARACTERS: Final = 120
_LEAST_ALIKE: Final = 0.3
_MAX_PAIRED_LINES: Final = 12
# Chinese and Japanese put no space between words. A run that goes on is cut, for what is shown of
# a long line begins at the first word that differs.
_IDEOGRAPHS: Final = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD: Final = re.compile(rf"\s{{1,40}}|[{_IDEOGRAPHS}]|[^\s{_IDEOGRAPHS}]{{1,40}}")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a line; `is_changed` where the line beside it says something else."""

    text: str
    is_changed: bool = False


def changed_parts(
    before: str, after: str, budget: Budget
) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Both lines with their changed words marked, cut around them where they are long.

    Lines that have little in common have no marks, for nearly all would be marked.
    """
    budget.word_steps -= len(before) + len(after)
    if budget.word_steps < 0:
        start = _shared_length(before, after)
        old, new = _apart(before, start), _apart(after, start)
    else:
        old, new = _compared(_WORD.findall(before), _WORD.findall(after), budget)
    shown_old, shown_new = shortened(old), shortened(new)
    kept = sum(len(part.text) for part in old if not part.is_changed)
    if kept < _LEAST_ALIKE * max(len(before), len(after)):
        return _unmarked(shown_old), _unmarked(shown_new)
    return shown_old, shown_new


def shortened(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts in at most `MAX_SHOWN_CHARACTERS`; what is left out has "…" in its place."""
    if sum(len(part.text) for part in parts) <= MAX_SHOWN_CHARACTERS:
        return tuple(part for part in parts if part.text)
    last, left = len(parts) - 1, MAX_SHOWN_CHARACTERS
    shown = []
    for number, part in enumerate(parts):
        text = part.text
        if last and not part.is_changed:
            text = _around(text, is_first=number == 0, is_last=number == last)
        if len(text) > left:
            shown.append(replace(part, text=f"{text[: left - 1]}…" if left else ""))
            break
        # Room for the sign that more follows.
        left -= len(text)
        shown.append(replace(part, text=text))
    return _ended(shown, is_whole=len(shown) == len(parts))


def _ended(parts: list[Part], *, is_whole: bool) -> tuple[Part, ...]:
    parts = [part for part in parts if part.text]
    if not is_whole and parts and not parts[-1].text.endswith("…"):
        parts[-1] = replace(parts[-1], text=f"{parts[-1].text[:-1]}…")
    return tuple(parts)


def paired(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Indices of the lines that became each other, in order."""
    if len(old) == len(new) or max(len(old), len(new)) > _MAX_PAIRED_LINES:
        yield from zip(range(len(old)), range(len(new)), strict=False)
        return
    place = 0
    for number, line in enumerate(old):
        rest = range(place, len(new))
        best = max(rest, key=lambda at: _alike(line, new[at]), default=None)
        if best is not None and _alike(line, new[best]) >= _LEAST_ALIKE:
            yield number, best
            place = best + 1


def _alike(one: str, other: str) -> float:
    longest = max(len(one), len(other))
    start = _shared_length(one, other)
    end = _shared_length(one[start:][::-1], other[start:][::-1])
    return (start + end) / longest if longest else 1


def _shared_length(one: str, other: str) -> int:
    """How many characters both begin with; halving, for a loop over them took seconds."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _apart(text: str, start: int) -> list[Part]:
    return [Part(text[:start]), Part(text[start:], is_changed=True)]


def _compared(
    old: Sequence[str], new: Sequence[str], budget: Budget
) -> tuple[list[Part], list[Part]]:
    steps = Budget(steps=budget.word_steps)
    start = _same_count(old, new)
    end = _same_count(old[start:][::-1], new[start:][::-1])
    old_middle, new_middle = old[start : len(old) - end], new[start : len(new) - end]
    try:
        matcher = BoundedMatcher(old_middle, new_middle, steps)
        blocks = [
            (tag != "equal", slice(*places[:2]), slice(*places[2:]))
            for tag, *places in matcher.get_opcodes()
        ]
    except TooDifferentError:
        blocks = [(True, slice(None), slice(None))]
    budget.word_steps = max(0, steps.steps)
    head, tail = Part("".join(old[:start])), Part("".join(old[len(old) - end :]))
    gone = [Part("".join(old_middle[here]), is_new) for is_new, here, _there in blocks]
    come = [Part("".join(new_middle[there]), is_new) for is_new, _here, there in blocks]
    return [head, *gone, tail], [head, *come, tail]


def _same_count(old: Sequence[str], new: Sequence[str]) -> int:
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _around(text: str, *, is_first: bool, is_last: bool) -> str:
    """What of an unchanged stretch stands beside a change."""
    head = "" if is_first else text[:_AROUND_CHARACTERS]
    tail = "" if is_last else text[-_AROUND_CHARACTERS:]
    return text if len(text) <= len(head) + len(tail) + 1 else f"{head}…{tail}"


def _unmarked(parts: Sequence[Part]) -> tuple[Part, ...]:
    text = "".join(part.text for part in parts)
    return (Part(text),) if text else ()
