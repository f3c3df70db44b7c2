"""Highlighted code: Pygments' short classes, no inline style."""

import time
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Final

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES, _TokenType

MAX_HIGHLIGHTED_CHARACTERS: Final = 60_000
MAX_HIGHLIGHTED_LINE_CHARACTERS: Final = 1_000

_LEXERS: Final = {
    name: lexer
    for names, lexer in {
        "bash sh shell zsh ksh source": "bash",
        "console shell-session sh-session": "console",
        "c h": "c",
        "c++ cpp": "cpp",
        "css": "css",
        "csharp c#": "csharp",
        "diff patch": "diff",
        "docker dockerfile": "docker",
        "go": "go",
        "html": "html",
        "http": "http",
        "ini cfg conf systemd": "ini",
        "java": "java",
        "javascript js": "javascript",
        "json": "json",
        "kotlin": "kotlin",
        "latex tex": "latex",
        "lua": "lua",
        "make makefile": "make",
        "matlab": "matlab",
        "nginx": "nginx",
        "perl": "perl",
        "php": "php",
        "powershell ps1": "powershell",
        "py python python3": "python",
        "pycon": "pycon",
        "r": "r",
        "ruby rb": "ruby",
        "rust rs": "rust",
        "sql": "sql",
        "swift": "swift",
        "toml": "toml",
        "typescript ts": "typescript",
        "xml svg": "xml",
        "yaml yml": "yaml",
    }.items()
    for name in names.split()
}


def language_of(info: str) -> str:
    """The language that a fence's info string names, in a form that can be a class."""
    words = info.replace("{", " ").replace("}", " ").replace(",", " ").split()
    name = words[0].lstrip(".=").removeprefix("language-").lower() if words else ""
    return "".join(character for character in name if character.isalnum() or character in "+#-_.")


@dataclass(slots=True)
class Allowance:
    """What one document may still spend on colours: spans, and seconds of the lexers' time.

    Several of Pygments' lexers are quadratic on hostile input: 50 KB of `a a a` take the Java
    lexer 74 s.
    """

    spans: int
    seconds: float = 1.0


def highlight(code: str, language: str, allowance: Allowance) -> str:
    """The code as HTML; plain where its language is unknown or the allowance does not suffice."""
    lexer = _lexer(_dialect(code, language))
    tokens = _tokens(lexer, code, allowance) if lexer and _is_moderate(code) else None
    spans = sum(1 for css_class, _ in tokens if css_class) if tokens else 0
    if not tokens or spans > allowance.spans:
        return escape(code, quote=False)
    allowance.spans -= spans
    return "".join(_span(css_class, text) for css_class, text in tokens)


def _is_moderate(code: str) -> bool:
    return len(code) <= MAX_HIGHLIGHTED_CHARACTERS and all(
        len(line) <= MAX_HIGHLIGHTED_LINE_CHARACTERS for line in code.split("\n")
    )


def _tokens(lexer: Lexer, code: str, allowance: Allowance) -> list[tuple[str, str]] | None:
    """Neighbours of one class are one token; None when the time is used up."""
    started = time.monotonic()
    merged: list[tuple[str, str]] = []
    for kind, value in lexer.get_tokens(code):
        css_class = _css_class(kind)
        if merged and merged[-1][0] == css_class:
            merged[-1] = (css_class, merged[-1][1] + value)
        else:
            merged.append((css_class, value))
        if time.monotonic() - started > allowance.seconds:
            allowance.seconds = 0
            return None
    allowance.seconds -= time.monotonic() - started
    return merged


def _dialect(code: str, language: str) -> str:
    name = _LEXERS.get(language, "")
    return "console" if name == "bash" and code.lstrip().startswith("$ ") else name


@lru_cache(maxsize=64)
def _lexer(name: str) -> Lexer | None:
    return get_lexer_by_name(name, stripnl=False, ensurenl=False) if name else None


@lru_cache(maxsize=512)
def _css_class(kind: _TokenType) -> str:
    while kind not in STANDARD_TYPES and kind.parent is not None:
        kind = kind.parent
    name = STANDARD_TYPES.get(kind, "")
    return "" if name in {"w", "err", "n", "go"} else name


def _span(css_class: str, text: str) -> str:
    escaped = escape(text, quote=False)
    return f'<span class="{css_class}">{escaped}</span>' if css_class else escaped
