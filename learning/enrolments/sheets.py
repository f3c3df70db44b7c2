"""Lists of people as spreadsheets write them: CSV in, and the report as CSV out."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Final, NewType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone
from django.utils.translation import gettext as _

from academy.accounts.models import User
from academy.platform.documents.spreadsheets import plain_cell
from academy.platform.documents.text import clean_line
from learning.enrolments.dates import usable_moment
from learning.enrolments.errors import DateUnusableError, ListTooLargeError, ListUnreadableError

MAX_LIST_BYTES: Final = 1_000_000
MAX_LIST_LINES: Final = 5_000
MAX_LIST_ROWS: Final = 2 * MAX_LIST_LINES + 1
"""Rows of text, empty ones and those within quotes included: a head, and a gap before each line."""

_DELIMITERS: Final = (";", ",", "\t")
# As many as spreadsheets have.
_MOST_COLUMNS: Final = 16_384
_ROW_END: Final = re.compile(r"\r\n?|\n")
_WHO: Final = ("email", "e-mail", "mail", "username", "user")
_COHORT: Final = ("cohort", "group")
_EXPIRES: Final = ("expires", "ends", "until")
_MOST: Final = {"who": 254, "cohort": 120, "expires": 40}
_DATE_CHARACTERS: Final = 10
_DAMAGED: Final = "\ufffd"
"""What stands where a list has a NUL, or bytes that are no UTF-8: in no name and in no date."""


ListText = NewType("ListText", str)
"""What `list_text` has read: it names somebody, and no more than a list may."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a list as it was written; `number` is that of the line in the file."""

    number: int
    who: str
    cohort: str
    expires: str


def list_text(data: bytes) -> ListText:
    """The list as text that can be worked through. Read it before a transaction begins.

    Raises:
        ListTooLargeError, ListUnreadableError: as `text_of` and `lines_of`.
    """
    text = text_of(data)
    lines_of(text)
    return ListText(text)


def text_of(data: bytes) -> str:
    """The list as text; what is no text in it is U+FFFD, so that a damaged line stops no other.

    Raises:
        ListTooLargeError: it has more bytes than a list may have.
        ListUnreadableError: its first line is no UTF-8, as in files of other kinds.
    """
    if len(data) > MAX_LIST_BYTES:
        raise ListTooLargeError
    text = data.decode("utf-8-sig", errors="replace").replace("\x00", _DAMAGED)
    head = text.lstrip().partition("\n")[0].partition("\r")[0]
    if _DAMAGED in head:
        raise ListUnreadableError(
            _("The list is not in UTF-8. In the spreadsheet choose “CSV UTF-8” when you save it.")
        )
    return text


def lines_of(text: str) -> list[Line]:
    """The lines that name somebody, or something else; empty ones are left out.

    The first line names the columns: `email` or `username`, and if wanted `cohort` and `expires`,
    in any order and case; others are ignored. Commas, semicolons and tabs may separate them.
    Whatever the text is, it takes no longer than the largest list does: less than 0.1 s.

    Raises:
        ListTooLargeError: there are more lines, or rows, than a list may have.
        ListUnreadableError: it has no column of people, or no line.
    """
    records = iter(_records(text.removeprefix("\ufeff")))
    columns = _columns(next(records, (1, []))[1])
    named = (_line(number, cells, columns) for number, cells in records if "".join(cells).strip())
    lines = list(islice(named, MAX_LIST_LINES + 1))
    if len(lines) > MAX_LIST_LINES:
        raise ListTooLargeError
    if not lines:
        raise ListUnreadableError(_("The list names nobody."))
    return lines


def last_moment(text: str, *, person: User | None) -> datetime | None:
    """When a day ends, `2027-03-31`, in the person's time zone; or the moment that is written.

    Raises:
        DateUnusableError: it is neither.
    """
    if not text:
        return None
    try:
        moment = (
            datetime.combine(date.fromisoformat(text) + timedelta(days=1), time())
            if len(text) <= _DATE_CHARACTERS
            else datetime.fromisoformat(text)
        )
    except (ValueError, OverflowError):
        raise DateUnusableError(attr="expires") from None
    if timezone.is_naive(moment):
        moment = moment.replace(tzinfo=_zone(person))
    return usable_moment(moment, attr="expires")


def end_told(at: datetime | None, *, person: User | None) -> str:
    """What `last_moment` makes this end of: the day whose end it is, or the moment in UTC."""
    if at is None:
        return ""
    there = at.astimezone(_zone(person))
    if there.time() == time():
        return (there.date() - timedelta(days=1)).isoformat()
    return moment_told(at)


def moment_told(at: datetime | None) -> str:
    """Seconds in UTC (ISO 8601 with its zone, as in RFC 3339, section 5.6); empty for never."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""


def sheet_of(rows: Iterable[Sequence[object]]) -> str:
    """The rows as CSV that a spreadsheet shows and does not compute."""
    out = io.StringIO(newline="")
    # The mark tells spreadsheets that it is UTF-8.
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerows([[plain_cell(str(cell)) for cell in row] for row in rows])
    return out.getvalue()


def _records(text: str) -> list[tuple[int, list[str]]]:
    """Cells with the number of the line on which they end.

    A quote that is not closed would swallow the rest of the list: then each line stands for
    itself, and only that one is wrong.

    Raises:
        ListTooLargeError: there are more rows than a list may have; none of them was read.
    """
    delimiter = _delimiter(text)
    text = _without_empty_end(text, delimiter)
    # Counted as fast as the text is read: a megabyte of empty rows would take seconds below.
    if text.count("\n") + text.count("\r") - text.count("\r\n") >= MAX_LIST_ROWS:
        raise ListTooLargeError
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return [(reader.line_num, cells) for cells in reader]
    except csv.Error:
        rows = enumerate(io.StringIO(text, newline=None), start=1)
        return [(number, _cells(row.rstrip("\n"), delimiter)) for number, row in rows]


def _without_empty_end(text: str, delimiter: str) -> str:
    """The text up to the last row that has anything but separators and spaces."""
    end = _ROW_END.search(text, len(text.rstrip(f"{delimiter} \t\r\n")))
    return text[: end.start()] if end else text


def _cells(row: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([row], delimiter=delimiter), [])
    except csv.Error:
        return [row]


def _delimiter(text: str) -> str:
    head = text.lstrip().split("\n", 1)[0]
    return max(_DELIMITERS, key=head.count)


def _columns(head: Sequence[str]) -> dict[str, int]:
    names = [clean_line(cell).casefold() for cell in head[:_MOST_COLUMNS]]
    known = {"who": _WHO, "cohort": _COHORT, "expires": _EXPIRES}
    places = {
        column: next((n for n, name in enumerate(names) if name in words), -1)
        for column, words in known.items()
    }
    if places["who"] < 0:
        raise ListUnreadableError(
            _("The first line has to name the columns: email, and if wanted cohort and expires.")
        )
    return {column: place for column, place in places.items() if place >= 0}


def _line(number: int, cells: Sequence[str], columns: dict[str, int]) -> Line:
    found = dict.fromkeys(_MOST, "")
    for column, place in columns.items():
        # Cut to what is kept: nobody has a longer name, no cohort, and no date is as long.
        value = clean_line(cells[place]) if place < len(cells) else ""
        found[column] = value[: _MOST[column]]
    return Line(number=number, **found)


def _zone(person: User | None) -> ZoneInfo:
    try:
        return ZoneInfo(person.time_zone if person else "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
