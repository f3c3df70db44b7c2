"""What somebody looks for in the catalogue, and where it is found."""

import re
from typing import Final

from django.db.models import Q

from academy.platform.documents.text import clean_text
from learning.releases.selectors import read_entries
from learning.rights.selectors import Standing

MAX_QUERY_CHARACTERS: Final = 200
MAX_WORDS: Final = 8
# Telephones and word processors write quotes of their own.
_QUOTES: Final = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
_PHRASE_OR_WORD: Final = re.compile(r'"([^"]*)"|([^\s"]+)')


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
