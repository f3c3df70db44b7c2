"""Looking for words whatever their case, in every script and on both databases.

SQLite's own LIKE knows the case of ASCII letters alone. A function of Python's would make each
search slower, so it is asked for other words only.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models import CharField, TextField
from django.db.models.lookups import IContains
from django.dispatch import receiver

_FUNCTION = "ACADEMY_HOLDS"
_ESCAPED = {one: f"\\{one}" for one in "\\%_"}


def holds(text: str | None, folded: str) -> bool:
    """Whether the folded words stand in the text, whatever its case."""
    return text is not None and folded in text.casefold()


@receiver(connection_created, dispatch_uid="academy.find_words")
def _taught(*, connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
    if connection.vendor == "sqlite":
        connection.connection.create_function(_FUNCTION, 2, holds, deterministic=True)


class Holds(IContains):
    """`icontains` for words that people typed: `title__holds="übung"` finds "ÜBUNG"."""

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """What is ASCII, or of a script without cases, is left to LIKE.

        Of other words LIKE looks for the ASCII letters first, which is enough to drop most texts.
        """
        if not isinstance(self.rhs, str) or self.rhs.isascii() or _is_caseless(self.rhs):
            return self.as_sql(compiler, connection)
        text, values = self.process_lhs(compiler, connection)
        asked, folded = f"{_FUNCTION}({text}, %s)", [*values, self.rhs.casefold()]
        if not any(letter.isascii() for letter in self.rhs):
            return asked, folded
        first = f"{text} LIKE %s ESCAPE '\\'"
        return f"({first} AND {asked})", [*values, _ascii_pattern(self.rhs), *folded]


def _is_caseless(words: str) -> bool:
    return words.lower() == words.upper()


def _ascii_pattern(words: str) -> str:
    """What LIKE finds in every text that holds the words: one letter may be written as two."""
    wild = (_ESCAPED.get(one, one) if one.isascii() else "%" for one in words)
    return f"%{''.join(wild)}%"


# Its own name stays that of `icontains`: by it Django finds the operator of each database.
CharField.register_lookup(Holds, "holds")
TextField.register_lookup(Holds, "holds")
