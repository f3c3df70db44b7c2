"""Cells of a table that a spreadsheet will open."""

from typing import Final

from academy.platform.documents.text import clean_line

# A spreadsheet takes what begins so for a formula and runs it (CWE-1236,
# https://owasp.org/www-community/attacks/CSV_Injection); full-width signs too.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def plain_cell(text: str) -> str:
    """The text on one line; what would be run as a formula begins with an apostrophe."""
    line = clean_line(text)
    return f"'{line}" if line.startswith(_FORMULA_STARTS) else line
