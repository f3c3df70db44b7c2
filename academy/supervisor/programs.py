"""What `make run` starts, and with which arguments."""

import signal
import sys
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from academy.supervisor.child import Program

_PYTHON: Final = ("-X", "utf8")
_CELERY: Final = ("celery", "--quiet", "-A", "academy")
_ROOT_IS_FINE: Final = "ignore:You're running the worker with superuser privileges"
_EMBEDDED: Final = ("-m", "academy.supervisor.embedded")
_SERVERS: Final[Mapping[str, tuple[str, ...]]] = {
    "queue": (
        *("--appendonly", "yes", "--appendfsync", "everysec"),
        *("--maxmemory", "256mb", "--maxmemory-policy", "noeviction"),
    ),
    "cache": (
        *("--appendonly", "no"),
        *("--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"),
    ),
}
LANES: Final[Mapping[str, tuple[str, ...]]] = {
    "main": ("-Q", "interactive,default", "-P", "prefork", "-c", "1"),
    # The order is the order of looking: an interactive job goes before bulk work here too.
    "bulk": ("-Q", "interactive,bulk,maintenance", "-P", "prefork", "-c", "1"),
    "io": ("-Q", "io", "-P", "threads", "-c", "8"),
}
# At 10, asking for an export while both render took 69 ms at p95; at 15 it takes 28 to 36.
_RENDERING_NICE: Final = 15
# Two arenas instead of eight for each core: idle workers keep some 10 MB less.
_ENVIRONMENT: Final = {"PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2"}


def server(name: str, *, base_dir: Path, data_dir: Path, socket: Path) -> Program:
    """One of the two embedded Valkey instances."""
    return Program(
        name=name,
        argv=(
            sys.executable,
            *_EMBEDDED,
            *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
            *("--save", "", "--dir", str(data_dir)),
            *("--loglevel", "warning", "--logfile", "server.log"),
            *_SERVERS[name],
        ),
        cwd=base_dir,
        stop_seconds=10,
        # It closes its append-only file in order, and nobody is left who would wait for it.
        death_signal=signal.SIGTERM,
        when_hopeless=partial(_begin_anew, data_dir),
    )


def _begin_anew(data_dir: Path) -> None:
    """An append-only file that stops the server is set aside: hints are rebuilt from rows."""
    broken = data_dir / "appendonlydir"
    if broken.is_dir():
        broken.rename(data_dir / f"broken-{time.strftime('%Y%m%d-%H%M%S')}")


def prepare(*, base_dir: Path) -> Program:
    """Database, static files and demo, made ready by one Django process."""
    return Program(
        name="prepare",
        argv=(sys.executable, *_PYTHON, "manage.py", "prepare"),
        cwd=base_dir,
        environment=_ENVIRONMENT,
    )


def web(*, base_dir: Path, port: int, urls: Mapping[str, str], behind_proxy: bool) -> Program:
    """Daphne. Without `--http-timeout`, which would cut event streams."""
    return Program(
        name="web",
        argv=(
            *(sys.executable, *_PYTHON, "-m", "daphne"),
            # Twisted's backlog of 50 resets a class that clicks at once.
            *("-e", f"tcp:port={port}:interface=127.0.0.1:backlog=512"),
            *("--websocket-max-message-size", "65536", "--websocket-max-frame-size", "65536"),
            *("--ping-interval", "15", "--ping-timeout", "15"),
            *("--no-server-name", "-v", "0"),
            *(("--proxy-headers",) if behind_proxy else ()),
            "academy.asgi:application",
        ),
        cwd=base_dir,
        environment={**_ENVIRONMENT, **urls},
    )


def worker(name: str, *, base_dir: Path, port: int, urls: Mapping[str, str]) -> Program:
    """A Celery worker; a stop lets it finish what it does, for 30 s."""
    return Program(
        name=name,
        argv=(
            *(sys.executable, *_PYTHON, "-m", *_CELERY, "worker"),
            *LANES[name],
            # Two instances on one machine need names of their own.
            *("-n", f"{name}-{port}@%h", "-l", "WARNING"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ),
        cwd=base_dir,
        environment={**_ENVIRONMENT, **urls, "PYTHONWARNINGS": _ROOT_IS_FINE},
        nice=0 if name == "io" else _RENDERING_NICE,
        stop_seconds=30,
    )


def beat(*, base_dir: Path, urls: Mapping[str, str]) -> Program:
    return Program(
        name="beat",
        argv=(
            *(sys.executable, *_PYTHON, "-m", *_CELERY, "beat"),
            *("-l", "WARNING"),
        ),
        cwd=base_dir,
        environment={**_ENVIRONMENT, **urls},
    )
