"""Pandoc's attribute lists: `{#id .class key="value"}`."""

import re
from dataclasses import dataclass, field

_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_PART = r"""[.#][^\s{}"'=<>.#]+|[A-Za-z][\w:-]*=(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s{}"']+)|:|-"""
_LIST = re.compile(rf"\{{:?[ \t\n]*(?:(?:{_PART})[ \t\n]*)*\}}")
_PARTS = re.compile(_PART)


@dataclass(frozen=True, slots=True)
class Attributes:
    """What stood between the braces; `end` is the offset after the closing one."""

    end: int
    identifier: str = ""
    classes: tuple[str, ...] = ()
    values: dict[str, str] = field(default_factory=dict)


def read_attributes(text: str, position: int = 0) -> Attributes | None:
    """The attribute list that starts exactly at `position`, or None where there is none."""
    match = _LIST.match(text, position)
    if match is None:
        return None
    parts = _PARTS.findall(match.group())
    if not parts:
        return None
    identifier = ""
    classes: list[str] = []
    values: dict[str, str] = {}
    for part in parts:
        if part[0] == "#":
            identifier = part[1:]
        elif part[0] == ".":
            classes.append(part[1:])
        elif "=" in part:
            key, _, value = part.partition("=")
            values[key.lower()] = _unquoted(value)
    return Attributes(match.end(), identifier, tuple(classes), values)


def _unquoted(value: str) -> str:
    if value[:1] in {'"', "'"}:
        value = value[1:-1]
    return _ESCAPE.sub(r"\1", value).replace("\n", " ")
