"""What may stand in a document's text, and which way it runs."""

import re
import unicodedata

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_NO_OVERRIDES = {0x202D: None, 0x202E: None}
_WIDE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_WIDE}]|[^\W{_WIDE}]+(?:['\u2019\-][^\W{_WIDE}]+)*")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_RIGHT_TO_LEFT_LANGUAGES = frozenset({"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})


def clean_text(value: str) -> str:
    """The text without what XML 1.0 (section 2.2) forbids; lines end with a line feed only."""
    return _FORBIDDEN.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))


def clean_line(value: str) -> str:
    """The text on one line, and without what would turn the text around it (U+202D, U+202E)."""
    return " ".join(clean_text(value).translate(_NO_OVERRIDES).split())


def count_words(value: str) -> int:
    """Words of scripts that write spaces, plus each ideograph and kana by itself."""
    return sum(1 for _ in _WORD.finditer(value))


def runs_right_to_left(value: str) -> bool:
    """Whether the first strong character is a right-to-left one (UAX 9, rule P2)."""
    if not _RIGHT_TO_LEFT.search(value):
        return False
    for character in value:
        direction = unicodedata.bidirectional(character)
        if direction in {"L", "R", "AL"}:
            return direction != "L"
    return False


def direction_of(language: str) -> str:
    """`rtl` for the languages that are written from right to left, else `ltr`."""
    primary = language.lower().replace("_", "-").split("-", 1)[0]
    return "rtl" if primary in _RIGHT_TO_LEFT_LANGUAGES else "ltr"


def slugify(text: str) -> str:
    """An anchor as GitHub makes it: letters, marks and digits of any script, `-` for spaces."""
    kept = [
        character if character.isalnum() or unicodedata.category(character)[0] == "M" else separator
        for character in unicodedata.normalize("NFC", text).lower()
        if (separator := _slug_part(character)) is not None
    ]
    return "".join(kept).strip("-") or "section"


def _slug_part(character: str) -> str | None:
    if character.isalnum() or unicodedata.category(character)[0] == "M":
        return character
    if character.isspace() or character == "-":
        return "-"
    return "_" if character == "_" else None
