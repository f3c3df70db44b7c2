"""What somebody looks for in the catalogue, and where it is found."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import JSONObject

from academy.platform.database.lists import JsonList
from academy.platform.database.words import holds
from academy.platform.documents.text import clean_text, direction_of
from learning.courses.paths import lesson_path
from learning.releases.models import ReleaseLesson
from learning.releases.selectors import read_entries
from learning.rights.selectors import Standing

MAX_QUERY_CHARACTERS: Final = 200
MAX_WORDS: Final = 8
# Telephones and word processors write quotes of their own.
_QUOTES: Final = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
_PHRASE_OR_WORD: Final = re.compile(r'"([^"]*)"|([^\s"]+)')

_LESSONS_NAMED: Final = 2


@dataclass(frozen=True, slots=True)
class FoundLesson:
    """A lesson for which its course was found, as the person's release has it."""

    title: str
    url: str
    language: str
    direction: str


@dataclass(frozen=True, slots=True)
class FoundLessons:
    """Those that a card names, and how many more there are."""

    named: list[FoundLesson]
    more: int


def searched(query: str) -> str:
    """The text that is looked for."""
    return clean_text(query).strip()[:MAX_QUERY_CHARACTERS]


def words_of(query: str) -> list[str]:
    """The first words of the query, each once; what stands in quotes is one word.

    A query of nothing but quotes and spaces looks for itself.
    """
    text = searched(query)
    found = [
        (phrase or word).strip()
        for phrase, word in _PHRASE_OR_WORD.findall(text.translate(_QUOTES))
    ]
    words = list(dict.fromkeys(filter(None, found)))[:MAX_WORDS]
    return words or ([text] if text else [])


def about(query: str, standing: Standing) -> Q:
    """Courses with every word in title or summary, their own or that of a lesson that is read.

    The words may stand in any of these, in any order. Texts are not searched: closed and premium
    ones would tell strangers what they say.
    """
    entries = read_entries(standing)
    asked = Q()
    for word in words_of(query):
        # A subquery: joined, each lesson that is found would be a course of its own.
        found = entries.filter(titled(word, "revision__"))
        asked &= _of_course(word) | Q(pk__in=found.values("release__course_id"))
    return asked


def titled(word: str, of: str = "") -> Q:
    """What has the word in title or summary, whatever the case; `of` leads there."""
    return Q(**{f"{of}title__holds": word}) | Q(**{f"{of}summary__holds": word})


def all_titled(query: str) -> Q:
    """What has every word in its own title or summary."""
    asked = Q()
    for word in words_of(query):
        asked &= titled(word)
    return asked


def _of_course(word: str) -> Q:
    return titled(word, "newest_release__") | (Q(newest_release=None) & titled(word))


def lessons_with(words: Iterable[str], standing: Standing) -> Subquery:
    """For each course what `found_lessons` chooses from: its lessons with any of the words.

    Closed and premium lessons are among them: a course's contents name these to everybody.
    """
    asked = Q()
    for word in words:
        asked |= titled(word, "revision__")
    lesson = JSONObject(
        position=F("position"),
        slug=F("lesson__slug"),
        title=F("revision__title"),
        summary=F("revision__summary"),
        language=F("revision__language"),
    )
    return in_each_course(read_entries(standing).filter(asked), lesson)


def in_each_course(entries: QuerySet[ReleaseLesson], what: str | Combinable) -> Subquery:
    """Of each course what its lessons among `entries` have: a list, or None without any."""
    of_course = entries.filter(release__course_id=OuterRef("pk")).order_by()
    listed = of_course.values("release__course_id").annotate(all=JsonList(what))
    return Subquery(listed.values("all"))


def found_lessons(
    words: Iterable[str], *, slug: str, own: Iterable[str], rows: Iterable[Mapping[str, Any]]
) -> FoundLessons:
    """The lessons with words that the course's `own` texts lack; those with most of them first."""
    own = list(own)
    missing = [word.casefold() for word in words if not _count([word.casefold()], own)]
    counted = [(_count(missing, (row["title"], row["summary"])), row) for row in rows]
    best = sorted(
        ((count, row) for count, row in counted if count),
        key=lambda pair: (-pair[0], pair[1]["position"]),
    )
    named = [
        FoundLesson(
            title=row["title"],
            url=lesson_path(f"{slug}/{row['slug']}"),
            language=row["language"],
            direction=direction_of(row["language"]),
        )
        for _count_of, row in best[:_LESSONS_NAMED]
    ]
    return FoundLessons(named=named, more=len(best) - len(named))


def _count(folded: Iterable[str], texts: Iterable[str]) -> int:
    return sum(any(holds(text, word) for text in texts) for word in folded)
