"""`make run`."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from academy.environment.declaration import Values, environment
from academy.environment.declared import DECLARED
from academy.environment.paths import DEFAULT_PORT, socket_url
from academy.supervisor import programs
from academy.supervisor.health import Health, ask, server_answers
from academy.supervisor.lineage import die_with_parent
from academy.supervisor.places import SERVER_NAMES, RunFolder
from academy.supervisor.ports import parse_port, require_free
from academy.supervisor.supervisor import Stopping, Supervisor

_BASE_DIR: Final = Path(__file__).resolve().parents[2]
_SERVER_SECONDS: Final = 15.0
_HEALTH_SECONDS: Final = 60.0
_ASK_AGAIN_SECONDS: Final = 0.2
_ACCOUNTS: Final = ("learner", "instructor", "operator")


class Run:
    """One `make run`, from its first process to its last."""

    def __init__(self) -> None:
        settings = environment(_BASE_DIR / ".env")
        self._values = Values(DECLARED, settings)
        self._port = parse_port(settings.get("PORT") or str(DEFAULT_PORT))
        self._var_dir: Path = _BASE_DIR / self._values["VAR_DIR"]
        self._password_file = self._var_dir / "demo-password"
        self._password_is_new = not self._password_file.exists()
        self._folder = RunFolder(base_dir=_BASE_DIR, var_dir=self._var_dir, port=self._port)
        self._supervisor = Supervisor(folder=self._folder)
        self._urls = {f"ACADEMY_{name.upper()}_URL": self._url(name) for name in SERVER_NAMES}

    def __call__(self) -> int:
        require_free(self._port)
        self._folder.claim()
        status = 0
        try:
            status = self._start() or self._watch()
        except Stopping:
            self._supervisor.show("\nStopping: web, workers, beat, servers.\n")
        finally:
            self._supervisor.stop(
                ("prepare", "web"), ("main", "bulk", "io"), ("beat",), SERVER_NAMES
            )
            self._folder.release()
        return status

    def _start(self) -> int:
        self._start_servers()
        status = self._supervisor.run_once(programs.prepare(base_dir=_BASE_DIR))
        if status:
            self._supervisor.say("The academy could not be prepared; the lines above say why.")
            return status
        self._wait(self._servers_answer, seconds=_SERVER_SECONDS)
        self._supervisor.start(
            programs.web(
                base_dir=_BASE_DIR,
                port=self._port,
                urls=self._urls,
                behind_proxy=self._values["BEHIND_PROXY"],
            )
        )
        for lane in programs.LANES:
            self._supervisor.start(
                programs.worker(lane, base_dir=_BASE_DIR, port=self._port, urls=self._urls)
            )
        self._supervisor.start(programs.beat(base_dir=_BASE_DIR, urls=self._urls))
        return 0

    def _start_servers(self) -> None:
        for name in self._embedded():
            data_dir = self._folder.data_dir / name
            data_dir.mkdir(parents=True, exist_ok=True)
            self._supervisor.start(
                programs.server(
                    name, base_dir=_BASE_DIR, data_dir=data_dir, socket=self._socket(name)
                )
            )
            self._folder.note_address(name, self._url(name))

    def _watch(self) -> int:
        health = self._wait_for_health(seconds=_HEALTH_SECONDS)
        while not health.well:
            self._supervisor.say(
                f"Not healthy after {_HEALTH_SECONDS:.0f} s: {'; '.join(health.failing)}. "
                "Still trying; Ctrl-C stops."
            )
            health = self._wait_for_health(seconds=_HEALTH_SECONDS)
        self._supervisor.show(self._welcome())
        while True:
            self._supervisor.turn(seconds=1.0)

    def _wait_for_health(self, *, seconds: float) -> Health:
        latest = Health(well=False)

        def is_well() -> bool:
            nonlocal latest
            latest = ask(port=self._port, host=self._host())
            return latest.well

        self._wait(is_well, seconds=seconds)
        return latest

    def _wait(self, holds: Callable[[], bool], *, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not holds() and time.monotonic() < deadline:
            again_at = time.monotonic() + _ASK_AGAIN_SECONDS
            while (left := again_at - time.monotonic()) > 0:
                self._supervisor.turn(seconds=left)

    def _servers_answer(self) -> bool:
        return all(server_answers(self._socket(name)) for name in self._embedded())

    def _embedded(self) -> tuple[str, ...]:
        return tuple(name for name in SERVER_NAMES if not self._values[f"{name.upper()}_URL"])

    def _socket(self, name: str) -> Path:
        return self._folder.sockets / f"{name}.sock"

    def _url(self, name: str) -> str:
        given: str = self._values[f"{name.upper()}_URL"]
        return given or socket_url(self._socket(name))

    def _host(self) -> str:
        """A name that the site answers to; `*` and `.example.org` are patterns, not names."""
        allowed: list[str] = self._values["ALLOWED_HOSTS"]
        name = next((host for host in allowed if host != "*"), "127.0.0.1").lstrip(".")
        return f"{name}:{self._port}"

    def _welcome(self) -> str:
        lines = ["", f"The academy is open: http://127.0.0.1:{self._port}/", ""]
        if self._values["DEMO"]:
            lines += [f"  Accounts: {', '.join(_ACCOUNTS)}", f"  Password: {self._password()}", ""]
        return "\n".join([*lines, "Ctrl-C stops everything.", "", ""])

    def _password(self) -> str:
        if self._values["DEMO_PASSWORD"]:
            return "the one in ACADEMY_DEMO_PASSWORD"
        if not self._password_is_new or not self._password_file.is_file():
            return f"kept in {self._password_file}"
        generated = self._password_file.read_text(encoding="utf-8").strip()
        return f"{generated} (shown once; kept in {self._password_file})"


def main() -> int:
    if "--with-parent" in sys.argv[1:]:
        # A `make` that was killed leaves nothing behind.
        die_with_parent(signal.SIGTERM, parent=os.getppid())
    return Run()()


if __name__ == "__main__":
    sys.exit(main())
