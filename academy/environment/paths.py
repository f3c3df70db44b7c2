"""Where a checkout keeps its sockets, and which address a Redis URL means."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

DEFAULT_PORT: Final = 8000
_PARENT_BYTES: Final = 70


def socket_dir(*, base_dir: Path, port: int = DEFAULT_PORT) -> Path:
    """The folder of a run's unix sockets: short, since 108 characters stop a server."""
    name = f"academy-{hashlib.sha256(f'{base_dir}:{port}'.encode()).hexdigest()[:12]}"
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    parents = [Path(given)] if given and os.access(given, os.W_OK | os.X_OK) else []
    parents.append(Path(tempfile.gettempdir()))
    fitting = (parent / name for parent in parents if len(os.fsencode(parent)) <= _PARENT_BYTES)
    return next(fitting, Path("/tmp") / name)  # noqa: S108 -- its owner is checked before use


def socket_url(socket: Path) -> str:
    """The address of the server behind `socket`."""
    return f"unix://{quote(str(socket))}"


def embedded_url(*, var_dir: Path, base_dir: Path, name: str) -> str:
    """The socket URL of the embedded instance `name`; `var/run` says where a run put it."""
    note = var_dir / "run" / f"{name}.url"
    try:
        return note.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return socket_url(socket_dir(base_dir=base_dir) / f"{name}.sock")


def broker_url(url: str) -> str:
    """The form that kombu wants: `unix://[user:password@]/path` becomes `redis+socket://`.

    A TLS address that says nothing of certificates gets the check that redis-py makes of its own.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    if parts.scheme == "rediss":
        query.setdefault("ssl_cert_reqs", "required")
        return urlunsplit(parts._replace(query=urlencode(query)))
    if parts.scheme != "unix":
        return url
    # redis-py takes the login from either place, kombu only from the first.
    user = parts.username or quote(query.pop("username", ""), safe="")
    password = parts.password or quote(query.pop("password", ""), safe="")
    login = f"{user}:{password}@" if password else ""
    options = urlencode({"virtual_host": query.pop("db", "0"), **query})
    return f"redis+socket://{login}{parts.path}?{options}"
