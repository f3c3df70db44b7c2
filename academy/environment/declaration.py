"""How a setting is declared, read and refused."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})
_LEVELS: Final = frozenset({"DEBUG", "INFO", "WARNING", "ERROR"})
_REDIS_SCHEMES: Final = frozenset({"redis", "rediss", "unix"})
_DATABASE_SCHEMES: Final = frozenset({"sqlite", "sqlite3", "postgres", "postgresql"})
_MAIL_SCHEMES: Final = frozenset({"smtp", "smtps", "starttls"})
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
PREFIX: Final = "ACADEMY_"
# Each by its own name: whoever looks for theirs may read no other.
SPOKEN: Final = {"ar": "العربية", "de": "Deutsch", "en": "English"}
"""The languages that the academy has texts in, by their tag (RFC 5646)."""


class SettingError(SystemExit):
    """A setting cannot be used; the process stops and names it, never its value."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its text form, its meaning and its default (as text)."""

    name: str
    kind: str
    parse: Callable[[str], Any]
    default: str
    meaning: str
    group: str
    secret: bool = False


def flag(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in _TRUE | _FALSE:
        return lowered in _TRUE
    raise ValueError(lowered)


def names(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def positive(text: str) -> int:
    value = int(text)
    if value <= 0:
        raise ValueError(text)
    return value


def seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 10**9:
        raise ValueError(text)
    return value


def log_level(text: str) -> str:
    level = text.strip().upper()
    if level not in _LEVELS:
        raise ValueError(level)
    return level


def language(text: str) -> str:
    tag = text.strip().lower()
    if tag not in SPOKEN:
        raise ValueError(tag)
    return tag


def origins(text: str) -> list[str]:
    found = names(text)
    for origin in found:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or origin != f"{parts.scheme}://{parts.netloc}":
            raise ValueError(origin)
    return found


def site_url(text: str) -> str:
    """Empty, or one origin."""
    if len(found := origins(text)) > 1:
        raise ValueError(text)
    return "".join(found)


def redis_url(text: str) -> str:
    """Empty, or the address of a Redis or Valkey: TCP, TLS or a unix socket."""
    if not text:
        return ""
    parts = urlsplit(text)
    place = parts.path if parts.scheme == "unix" else parts.hostname
    if parts.scheme not in _REDIS_SCHEMES or not place or parts.port == 0:
        raise ValueError(parts.scheme)
    return text


def database_url(text: str) -> str:
    """Empty, or the address of a database."""
    scheme = urlsplit(text).scheme
    if text and scheme not in _DATABASE_SCHEMES:
        raise ValueError(scheme)
    return text


def mail_url(text: str) -> str:
    """Empty, or the address of a mail server; a password never travels in the clear."""
    if not text:
        return ""
    parts = urlsplit(text)
    if parts.scheme not in _MAIL_SCHEMES or not parts.hostname or parts.port == 0:
        raise ValueError(parts.scheme)
    if parts.username and parts.scheme == "smtp" and parts.hostname not in _LOOPBACK:
        raise ValueError(parts.scheme)
    return text


def mail_sender(text: str) -> str:
    """An address, or a name and an address in angle brackets."""
    local, at, domain = parseaddr(text)[1].rpartition("@")
    if not (local and at and domain) or not text.isprintable():
        raise ValueError(text)
    return text


def switch(text: str) -> bool | None:
    """On, off, or None: as the other settings suggest."""
    return flag(text) if text.strip() else None


def read_env_file(path: Path) -> dict[str, str]:
    """`NAME=value` lines of a `.env`; quotes around a value are dropped, `#` lines skipped."""
    found: dict[str, str] = {}
    if not path.is_file():
        return found
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip().removeprefix("export ")
        if not line or line.startswith("#"):
            continue
        name, separator, value = line.partition("=")
        if not separator or not name.strip():
            message = f"{path.name}, line {number}: write NAME=value"
            raise SettingError(message)
        found[name.strip()] = _unquoted(value.strip())
    return found


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


class Values:
    """Declared settings with the values that the environment gives them."""

    def __init__(self, declared: Iterable[Setting], environment: Mapping[str, str]) -> None:
        self._declared = {setting.name: setting for setting in declared}
        self._environment = environment
        unknown = sorted(
            name for name in environment if name.startswith(PREFIX) and name not in self._declared
        )
        if unknown:
            message = f"Unknown setting {unknown[0]}: see docs/settings.md for the ones there are."
            raise SettingError(message)
        self._values = {name: self._read(setting) for name, setting in self._declared.items()}

    def __getitem__(self, name: str) -> Any:
        return self._values[PREFIX + name]

    def _read(self, setting: Setting) -> Any:
        text = self._environment.get(setting.name, setting.default)
        try:
            return setting.parse(text)
        except ValueError:
            # Never the text itself: it may be a secret that slipped into the wrong line.
            message = f"{setting.name} cannot be used: {setting.kind} is wanted."
            raise SettingError(message) from None


def environment(env_file: Path) -> dict[str, str]:
    """The process environment over the file's values."""
    return {**read_env_file(env_file), **os.environ}
