"""The database that a URL names."""

import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def database(*, url: str, var_dir: Path) -> dict[str, Any]:
    """Django's `DATABASES["default"]`."""
    if not url:
        return sqlite(var_dir / "academy.sqlite3")
    parts = urlsplit(url)
    if parts.scheme in {"sqlite", "sqlite3"}:
        return sqlite(Path(unquote(parts.path)))
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "")),
        # Under ASGI each request has a thread, and a connection belongs to its thread.
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            "options": "-c lock_timeout=5000",
            **query,
        },
    }


def sqlite(path: Path) -> dict[str, Any]:
    """WAL, so that readers never wait; IMMEDIATE, so that read-then-write never fails late."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            "timeout": 5,
            "transaction_mode": "IMMEDIATE",
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
                "PRAGMA mmap_size=134217728;PRAGMA cache_size=-16000;PRAGMA foreign_keys=ON"
            ),
        },
        # A file, since threads that share a database in memory fail where they would wait here.
        "TEST": {"NAME": str(Path(tempfile.gettempdir()) / f"academy-test-{os.getpid()}.sqlite3")},
    }
