"""What the health endpoint says."""

import http.client
import json
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

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
        checks = json.loads(body)["checks"]
        bad = [check for check in checks if check["code"] != "ok"]
        return tuple(f"{c['name']}: {c['code']} {c.get('detail', '')}".strip() for c in bad)
    except (ValueError, KeyError, TypeError):
        return ()


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
