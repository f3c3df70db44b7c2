"""Starts the academy, keeps it alive, and stops all that it started."""

import contextlib
import os
import selectors
import signal
import socket
import time
from collections.abc import Iterable
from types import FrameType
from typing import Final

from academy.supervisor.child import Child, Program
from academy.supervisor.output import Lines, Terminal
from academy.supervisor.places import RunFolder

_READ_BYTES: Final = 65_536
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_KILL_SECONDS: Final = 5.0


class Stopping(Exception):  # noqa: N818 -- a wish, not an error
    """Somebody asked the academy to stop."""


class Supervisor:
    """One thread, one loop: output, deaths, restarts and signals all pass through `turn`."""

    def __init__(self, *, folder: RunFolder) -> None:
        self._folder = folder
        self._terminal = Terminal()
        self._own_lines = Lines(self._terminal, name="academy")
        self._children: dict[str, Child] = {}
        self._selector = selectors.DefaultSelector()
        self._stops_asked = 0
        self._closing = False
        self._listen_for_signals()

    def say(self, text: str) -> None:
        self._own_lines.say(text)

    def show(self, text: str) -> None:
        """Text for people, without a process's name before it."""
        self._terminal.write(text.encode(errors="replace"))

    def start(self, program: Program) -> Child:
        """`program` runs, and runs again whenever it dies, until `stop`."""
        child = self._children[program.name] = Child(program)
        self._launch(child)
        return child

    def run_once(self, program: Program) -> int:
        """The exit status of a program that is expected to end."""
        child = self._children[program.name] = Child(program, lasting=False)
        self._launch(child)
        while (status := child.ended()) is None:
            self.turn()
        del self._children[program.name]
        self._folder.note_process(program.name, None)
        self._drain()
        return status

    def turn(self, *, seconds: float = 0.2) -> None:
        """Pass on output, restart what died; waits at most `seconds` for something to do.

        Raises:
            Stopping: a signal asked for it, and `stop` has not begun yet.
        """
        for key, _ in self._selector.select(seconds):
            self._read(key)
        if self._closing:
            return
        if self._stops_asked:
            raise Stopping
        for child in self._children.values():
            if child.lasting:
                self._look_after(child)

    def stop(self, *groups: Iterable[str]) -> None:
        """All of the named programs have ended, one group after the other, and what they started.

        A second signal kills what is left; the last group still ends in order, for its files.
        """
        self._closing = True
        for group in groups:
            hurry = self._stops_asked > 1 and group is not groups[-1]
            self._stop_group([self._children[n] for n in group if n in self._children], hurry)
        self._stop_group(list(self._children.values()), hurry=True)
        self._drain()

    def _stop_group(self, children: list[Child], hurry: bool) -> None:  # noqa: FBT001
        asked_before = self._stops_asked
        for child in children:
            if hurry:
                child.kill()
            else:
                child.ask_to_stop()
        bound = (
            _KILL_SECONDS if hurry else max((c.program.stop_seconds for c in children), default=0)
        )
        deadline = time.monotonic() + bound
        while self._still_running(children):
            if time.monotonic() > deadline or self._stops_asked > max(asked_before, 1):
                for child in children:
                    child.kill()
            self.turn(seconds=0.1)

    def _still_running(self, children: list[Child]) -> bool:
        for child in children:
            if child.running and child.ended() is not None:
                self._folder.note_process(child.program.name, None)
        return any(child.running for child in children)

    def _look_after(self, child: Child) -> None:
        if child.running:
            status = child.ended()
            if status is not None:
                name, wait = child.program.name, child.due_at - time.monotonic()
                self._folder.note_process(name, None)
                self.say(f"{name} ended ({_describe(status)}); it starts again in {wait:.1f} s.")
        elif time.monotonic() >= child.due_at:
            self._launch(child)

    def _launch(self, child: Child) -> None:
        process = child.start()
        self._folder.note_process(child.program.name, process.pid)
        if process.stdout is not None:
            os.set_blocking(process.stdout.fileno(), False)
            lines = Lines(self._terminal, name=child.program.name)
            self._selector.register(process.stdout, selectors.EVENT_READ, lines)

    def _read(self, key: selectors.SelectorKey) -> None:
        try:
            data = os.read(key.fd, _READ_BYTES)
        except BlockingIOError:
            return
        if key.data is None:
            return
        if data:
            key.data.feed(data)
            return
        key.data.finish()
        self._selector.unregister(key.fileobj)
        key.fileobj.close()  # type: ignore[union-attr]

    def _drain(self) -> None:
        """What the dead wrote last is shown too."""
        while events := self._selector.select(0):
            for key, _ in events:
                self._read(key)

    def _listen_for_signals(self) -> None:
        # Bytes on this pair wake `select` at once: Python retries it after a signal otherwise.
        self._awake, waker = socket.socketpair()
        self._waker = waker
        for end in (self._awake, waker):
            end.settimeout(0)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        self._selector.register(self._awake, selectors.EVENT_READ, None)
        signal.signal(signal.SIGCHLD, _ignore)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        for number in _SIGNALS:
            signal.signal(number, self._asked_to_stop)

    def _asked_to_stop(self, number: int, _frame: FrameType | None) -> None:
        self._stops_asked += 1


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """A handler of its own, since the wake-up needs one."""


def _describe(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    with contextlib.suppress(ValueError):
        return signal.Signals(-status).name
    return f"signal {-status}"
