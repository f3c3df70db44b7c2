"""What somebody may have meant whose search finds nothing."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from itertools import islice, product
from typing import Final

from academy.accounts.permissions import Person
from learning.courses.searching import in_each_course, words_of
from learning.courses.shelf import Wanted, shelf
from learning.releases.selectors import read_entries
from learning.rights.selectors import standing_of

MAX_SUGGESTIONS: Final = 3
_MAX_TRIES: Final = 40
_MAX_COURSES: Final = 200
_MAX_CORRECTED: Final = 3
_MAX_NEAR: Final = 2000
# One of three letters may be another one.
_CLOSE: Final = 0.66
_EDGES: Final = re.compile(r"^\W+|\W+$")
# From here on scripts are written without spaces (U+2E80, the first radical).
_WIDE: Final = "\u2e80"


def suggested_queries(person: Person, wanted: Wanted) -> list[str]:
    """Up to three searches near to what is wanted that find something, the nearest first.

    Of the person's own catalogue, and with the other filters as they are. One query beside those
    for the person's standing.
    """
    words = words_of(wanted.query)
    if not words:
        return []
    courses = _titles(person, wanted)
    tried = islice(dict.fromkeys(_candidates(words, "\n".join(courses))), _MAX_TRIES)
    finding = (
        " ".join(map(_quoted, chosen))
        for chosen in tried
        if any(all(word in titles for word in chosen) for titles in courses)
    )
    return list(islice(finding, MAX_SUGGESTIONS))


def _titles(person: Person, wanted: Wanted) -> list[str]:
    """For each course among which is looked its title and those of its lessons, folded."""
    titles = in_each_course(read_entries(standing_of(person)), "revision__title")
    courses = shelf(person, replace(wanted, query="")).order_by("pk").annotate(titles=titles)
    rows = courses.values_list("shown_title", "titles")[:_MAX_COURSES]
    return ["\n".join([title, *(lessons or ())]).casefold() for title, lessons in rows]


def _candidates(words: Sequence[str], known: str) -> Iterator[tuple[str, ...]]:
    """First all words, those that stand nowhere corrected; then each by itself."""
    parts = {_EDGES.sub("", part) for part in dict.fromkeys(known.split())}
    # In an order of their own, so that the same search has the same answer.
    vocabulary = sorted(parts)
    choices: list[list[str]] = []
    corrected = 0
    for word in map(str.casefold, words):
        if word in known:
            choices.append([word])
        elif corrected < _MAX_CORRECTED:
            corrected += 1
            choices.append(_close_to(word, vocabulary))
    some = [choice for choice in choices if choice]
    if some:
        yield from product(*some)
    yield from ((choice[0],) for choice in some)


def _close_to(word: str, vocabulary: Sequence[str]) -> list[str]:
    """The words that are like it, the nearest first."""
    letters = set(word)
    # The matcher is slow: what shares too few letters is not shown to it.
    near = (
        part
        for known in vocabulary
        if 2 * len(letters.intersection(known)) > len(letters)
        for part in _parts(known, len(word))
    )
    some = dict.fromkeys(islice(near, _MAX_NEAR))
    return get_close_matches(word, some, n=MAX_SUGGESTIONS, cutoff=_CLOSE)


def _parts(known: str, length: int) -> Iterator[str]:
    """The word; of one in a script without spaces, all parts of that length."""
    if known[:1] < _WIDE or len(known) <= length:
        yield known
    else:
        yield from (known[n : n + length] for n in range(len(known) - length + 1))


def _quoted(word: str) -> str:
    return f'"{word}"' if any(character.isspace() for character in word) else word
