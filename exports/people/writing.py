"""The portrait as a ZIP: a JSON file for each section, a page to read, and a note."""

import itertools
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from academy.accounts.portrait import Section

Report = Callable[[float, str], None]
# A browser shows so many; the JSON file has them all.
_ROWS_SHOWN: Final = 1000
_TELL_EVERY: Final = 500


@dataclass(frozen=True, slots=True)
class Chapter:
    """A section as the page shows it; `more` rows are in the file alone."""

    title: str
    file_name: str
    columns: list[str]
    rows: list[list[str]]
    more: int


def write_portrait(
    *, target: BinaryIO, person_id: int, sections: Iterable[Section], report: Report
) -> None:
    """`target` holds the ZIP. Rows go from the database to the file one by one."""
    chosen = list(sections)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        chapters = []
        for number, section in enumerate(chosen):
            percent = 90 * number / max(1, len(chosen))
            report(percent, str(section.title))
            chapters.append(_write_section(archive, section, person_id, report, percent))
        report(90, gettext_noop("The page to read"))
        made_at = datetime.now(UTC)
        context = {"chapters": chapters, "made_at": made_at, "site": settings.SITE_URL}
        archive.writestr("index.html", render_to_string("exports/portrait.html", context))
        archive.writestr("README.txt", _readme(chapters, made_at))


def _write_section(
    archive: zipfile.ZipFile, section: Section, person_id: int, report: Report, percent: float
) -> Chapter:
    collected = section.collect(person_id)
    name = f"{section.name}.json"
    if isinstance(collected, Mapping):
        archive.writestr(name, json.dumps(collected, indent=2, **_JSON))
        rows = [[str(key), _shown(value)] for key, value in collected.items()]
        return Chapter(str(section.title), name, [_("What"), _("Value")], rows, more=0)
    rows_written = _Rows(collected, lambda: report(percent, str(section.title)))
    # `open` by name alone would say that the file is of 1980.
    entry = zipfile.ZipInfo(name, date_time=datetime.now(UTC).timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(entry, "w") as file:
        for piece in rows_written.pieces():
            file.write(piece.encode())
    shown = rows_written.shown
    columns = list(dict.fromkeys(itertools.chain.from_iterable(shown)))
    cells = [[_shown(row.get(column)) for column in columns] for row in shown]
    return Chapter(str(section.title), name, columns, cells, rows_written.count - len(shown))


class _Rows:
    """Rows on their way into a JSON array; the first of them are kept for the page."""

    def __init__(self, rows: Iterable[Mapping[str, Any]], tell: Callable[[], None]) -> None:
        self._rows = rows
        self._tell = tell
        self.shown: list[Mapping[str, Any]] = []
        self.count = 0

    def pieces(self) -> Iterator[str]:
        """The text of the array, a row at a time."""
        yield "["
        for row in self._rows:
            yield (",\n" if self.count else "\n") + json.dumps(row, **_JSON)
            self.count += 1
            if len(self.shown) < _ROWS_SHOWN:
                self.shown.append(row)
            if self.count % _TELL_EVERY == 0:
                # A job that was cancelled, or takes too long, stops here.
                self._tell()
        yield "\n]\n"


_JSON: Final[dict[str, Any]] = {"cls": DjangoJSONEncoder, "ensure_ascii": False}


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, **_JSON)
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)


def _readme(chapters: list[Chapter], made_at: datetime) -> str:
    lines = [
        _("Everything that the academy knows of you."),
        f"{settings.SITE_URL}, {made_at.isoformat(timespec='seconds')}",
        "",
        _("Open index.html to read it. The other files are JSON (UTF-8), for programs:"),
        "",
        *(f"  {chapter.file_name}: {chapter.title}" for chapter in chapters),
        "",
        _("Keep it where nobody else finds it."),
    ]
    return "\n".join(lines) + "\n"
