"""A whole academy of a benchmark's own, started as `make run` starts it."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
HEALTH: Final = "/async-monitoring/health/"


@dataclass(frozen=True)
class Instance:
    """`seconds_to_healthy` is from the start of the supervisor; `supervisor` is its process."""

    url: str
    port: int
    var_dir: Path
    supervisor: int
    seconds_to_healthy: float


@contextmanager
def running(
    *, settings: Mapping[str, str] | None = None, var_dir: Path | None = None, seconds: float = 180
) -> Iterator[Instance]:
    """An instance on a free port; in a temporary folder, unless one is given to keep."""
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as folder:
        place, port = var_dir or Path(folder), free_port()
        environment = {**os.environ, "ACADEMY_VAR_DIR": str(place), "PORT": str(port)}
        started = time.monotonic()
        with (place / "run.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "academy.supervisor", "--with-parent"],
                cwd=ROOT,
                env={**environment, **(settings or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(process, url, log=place / "run.log", seconds=seconds)
            took = time.monotonic() - started
            yield Instance(url, port, place, process.pid, took)
        finally:
            process.terminate()
            process.wait()


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: "subprocess.Popen[bytes]", url: str, *, log: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not _is_healthy(url):
        if process.poll() is not None or time.monotonic() > deadline:
            text = log.read_text(encoding="utf-8", errors="replace")
            message = f"The academy does not start:\n{text[-4000:]}"
            raise SystemExit(message)
        time.sleep(0.05)


def _is_healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url + HEALTH, timeout=2) as answer:  # noqa: S310 -- our own
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
