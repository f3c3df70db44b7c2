"""Lines of many processes in one terminal, each with the name of its process."""

import os
import select
import sys
from typing import Final

_LONGEST_LINE_BYTES: Final = 16_384
_CHUNK_BYTES: Final = 4096  # what a pipe that select() calls writable takes without blocking
NAME_WIDTH: Final = 7


class Terminal:
    """Writes to standard output without ever being held up by it.

    A reader that went away, or that stopped reading, costs it lines; it does not stop the
    academy, nor keep it from hearing Ctrl-C.
    """

    def __init__(self, descriptor: int | None = None) -> None:
        self._descriptor = sys.stdout.fileno() if descriptor is None else descriptor
        self._patience_seconds = 1.0

    def write(self, data: bytes) -> None:
        for start in range(0, len(data), _CHUNK_BYTES):
            if not self._write_chunk(data[start : start + _CHUNK_BYTES]):
                return

    def _write_chunk(self, chunk: bytes) -> bool:
        try:
            _, writable, _ = select.select((), (self._descriptor,), (), self._patience_seconds)
            if writable:
                os.write(self._descriptor, chunk)
        except OSError:
            return False
        self._patience_seconds = 1.0 if writable else 0.0
        return bool(writable)


class Lines:
    """Cuts one process's output into lines and writes each with the process's name."""

    def __init__(self, terminal: Terminal, *, name: str) -> None:
        self._terminal = terminal
        self._prefix = f"{name:<{NAME_WIDTH}} | ".encode()
        self._rest = b""

    def feed(self, data: bytes) -> None:
        *whole, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _LONGEST_LINE_BYTES:
            whole.append(self._rest)
            self._rest = b""
        if whole:
            self._terminal.write(b"".join(self._prefix + line + b"\n" for line in whole))

    def finish(self) -> None:
        if self._rest:
            self.feed(b"\n")

    def say(self, text: str) -> None:
        self.feed(text.encode(errors="replace") + b"\n")
