"""JSON as strangers send it: bounded in bytes, depth and items, and storable wherever it goes."""

import json
import math
import re
from collections.abc import Mapping
from typing import IO, Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

# 10 MB of `[],[],...` would become 300 MB of lists.
ITEMS_LIMIT: Final = 100_000
# Whole numbers beyond this are kept exactly by few (RFC 8259, section 6) and by no database.
_INTEGER_LIMIT: Final = 2**63
# Possessive, and the closing quote optional: linear on any input.
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_STRUCTURE: Final = (b"[", b"{", b",")


class JSONParser(BaseParser):
    """Parses `application/json`; anything that could hurt later is refused with 400 here."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The JSON in `stream`, of which at most one byte too many is read."""
        limit_bytes: int = settings.JSON_BYTES
        body: bytes = stream.read(limit_bytes + 1)
        if len(body) > limit_bytes:
            raise RequestDataTooBig
        return parse_json(body, depth_limit=settings.JSON_DEPTH)


def parse_json(body: bytes, *, depth_limit: int) -> Any:
    """What `body` says.

    Raises:
        ParseError: it is no UTF-8 or no JSON (RFC 8259), nests deeper than `depth_limit`, has
            more than `ITEMS_LIMIT` items, a number that no database holds, or a string with NUL
            or half a surrogate pair.
    """
    _refuse_many_items(body)
    try:
        value = json.loads(
            body.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_finite
        )
    except RecursionError:
        raise ParseError(_("The JSON is nested too deeply.")) from None
    except ValueError as error:
        # UnicodeDecodeError, JSONDecodeError, and whole numbers of more than 4,300 digits.
        raise ParseError(_("The body is not valid JSON.")) from error
    _refuse_unstorable(value, depth_limit=depth_limit)
    return value


def _refuse_many_items(body: bytes) -> None:
    if _structure(body) <= ITEMS_LIMIT:
        return
    # No item has more than two strings, its name and itself; counting so far bounds the time.
    bare, strings = _STRING.subn(b"", body, count=2 * ITEMS_LIMIT + 2)
    if strings > 2 * ITEMS_LIMIT + 1 or _structure(bare) > ITEMS_LIMIT:
        raise ParseError(_("The JSON has too many items."))


def _structure(body: bytes) -> int:
    return sum(body.count(mark) for mark in _STRUCTURE)


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _refuse_unstorable(value: Any, *, depth_limit: int) -> None:
    """Walks without recursion: at this point the nesting is still the sender's choice."""
    level: list[Any] = [value]
    depth = 0
    while level:
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict | list) and depth == depth_limit:
                raise ParseError(_("The JSON is nested too deeply."))
            if isinstance(item, dict):
                below.extend(item)
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
            else:
                _refuse_scalar(item)
        level = below
        depth += 1


def _refuse_scalar(item: Any) -> None:
    if isinstance(item, str):
        _refuse_text(item)
    elif isinstance(item, int) and not -_INTEGER_LIMIT <= item < _INTEGER_LIMIT:
        raise ParseError(_("The JSON has a number that is too large."))


def _refuse_text(text: str) -> None:
    if "\x00" in text:
        raise ParseError(_("The JSON has a NUL in a string."))
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise ParseError(_("The JSON has half a surrogate pair in a string.")) from None
