"""The shapes in which a class leaves the academy."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exports.classes.errors import UnknownColumnsError

CONTENT_TYPE: Final = "text/csv; charset=utf-8"
EXTENSION: Final = "csv"


@dataclass(frozen=True, slots=True)
class ClassFormat:
    """A shape of the table; `has_lessons` adds a column for each lesson."""

    identifier: str
    label: Promise
    has_lessons: bool


FORMATS: Final = {
    known.identifier: known
    for known in (
        ClassFormat("csv", _("CSV"), has_lessons=False),
        ClassFormat("csv-lessons", _("CSV with lessons"), has_lessons=True),
    )
}


def format_named(identifier: str) -> ClassFormat:
    """The shape of that name.

    Raises:
        UnknownColumnsError: there is none.
    """
    try:
        return FORMATS[identifier]
    except KeyError:
        known = ", ".join(FORMATS)
        raise UnknownColumnsError(
            _("Choose one of these formats: %(formats)s.") % {"formats": known}, attr="format"
        ) from None
