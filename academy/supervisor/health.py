"""What the health endpoint says."""

import http.client
import json
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

PATH: Final = "/async-monitoring/health/"


@dataclass(frozen=True, slots=True)
class Health:
    """`failing` names the checks that are not well, or why nothing was answered."""

    well: bool
    failing: tuple[str, ...] = field(default=())


def ask(*, port: int, host: str, timeout_seconds: float = 2.0) -> Health:
    """The academy's own word on its health; `host` is a name that it answers to."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_seconds)
    try:
        connection.request(
            "GET", PATH, headers={"Host": host, "Connection": "close", "Accept": "application/json"}
        )
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException):
        return Health(well=False, failing=("web does not answer yet",))
    finally:
        connection.close()
    if response.status == http.client.OK:
        return Health(well=True)
    return Health(well=False, failing=_failing(body) or (f"web answers {response.status}",))


def _failing(body: bytes) -> tuple[str, ...]:
    try:
        document = json.loads(body)
    except ValueError:
        return ()
    checks = document.get("checks") if isinstance(document, dict) else None
    if isinstance(checks, dict):
        checks = [{"name": name, **_as_check(check)} for name, check in checks.items()]
    if not isinstance(checks, list):
        return ()
    return tuple(
        f"{check.get('name')}: {check.get('code') or check.get('status')}"
        for check in checks
        if isinstance(check, dict) and not _is_well(check)
    )


def _as_check(check: object) -> dict[str, Any]:
    return check if isinstance(check, dict) else {"code": check}


def _is_well(check: dict[str, Any]) -> bool:
    if isinstance(check.get("ok"), bool):
        return bool(check["ok"])
    return check.get("code", check.get("status")) in {"ok", "pass", True}


def server_answers(path: Path, *, timeout_seconds: float = 0.5) -> bool:
    """The Valkey behind the unix socket `path` takes commands."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_seconds)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
