"""One program that is kept alive."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from academy.supervisor.lineage import die_with_parent

_FIRST_DELAY_SECONDS: Final = 0.5
_LONGEST_DELAY_SECONDS: Final = 8.0
_STEADY_SECONDS: Final = 30.0
_HOPELESS_DEATHS: Final = 3


@dataclass(frozen=True, slots=True)
class Program:
    """What to start and how to stop it.

    `death_signal` is what the kernel sends it when the supervisor itself was killed;
    `when_hopeless` is tried before a start that follows several quick deaths.
    """

    name: str
    argv: tuple[str, ...]
    cwd: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    nice: int = 0
    stop_seconds: float = 5.0
    death_signal: signal.Signals = signal.SIGKILL
    when_hopeless: Callable[[], None] | None = None


class Child:
    """A program's process, the next one after it died, and when that one is due.

    Each is the leader of a process group, so that what it started ends with it.
    """

    def __init__(self, program: Program, *, lasting: bool = True) -> None:
        self.program = program
        self.lasting = lasting
        self.process: subprocess.Popen[bytes] | None = None
        self.due_at = 0.0
        self._quick_deaths = 0
        self._delay_seconds = _FIRST_DELAY_SECONDS
        self._started_at = 0.0

    @property
    def running(self) -> bool:
        return self.process is not None

    def start(self) -> subprocess.Popen[bytes]:
        program = self.program
        if self._quick_deaths >= _HOPELESS_DEATHS and program.when_hopeless is not None:
            program.when_hopeless()
        self._started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 -- our own command lines
            program.argv,
            cwd=program.cwd,
            env={**os.environ, **program.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
            # The supervisor has no threads, which alone make this unsafe.
            preexec_fn=partial(_enter, program, os.getpid()),  # noqa: PLW1509
        )
        return self.process

    def ended(self) -> int | None:
        """The exit status of a process that has just died; its whole group is gone then."""
        if self.process is None:
            return None
        status = self.process.poll()
        if status is None:
            return None
        self._kill_group()
        self.process = None
        now = time.monotonic()
        if now - self._started_at >= _STEADY_SECONDS:
            self._delay_seconds = _FIRST_DELAY_SECONDS
            self._quick_deaths = 0
        self._quick_deaths += 1
        self.due_at = now + self._delay_seconds
        self._delay_seconds = min(self._delay_seconds * 2, _LONGEST_DELAY_SECONDS)
        return status

    def ask_to_stop(self) -> None:
        if self.process is not None:
            self.process.terminate()

    def kill(self) -> None:
        if self.process is not None:
            self._kill_group()

    def _kill_group(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


def _enter(program: Program, supervisor: int) -> None:
    die_with_parent(program.death_signal, parent=supervisor)
    if program.nice:
        os.nice(program.nice)
