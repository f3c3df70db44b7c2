"""Where a run keeps its sockets and its notes."""

import contextlib
import fcntl
import os
import shutil
import stat
from pathlib import Path
from typing import Final

from academy.environment.paths import socket_dir

SERVER_NAMES: Final = ("queue", "cache")


class RunFolder:
    """`var/run/<port>/` of one run: its lock, addresses and process ids.

    `var/run/queue.url` and `cache.url` say where a shell's `manage.py` finds the servers: those
    of the run that started last and still lives.
    """

    def __init__(self, *, base_dir: Path, var_dir: Path, port: int) -> None:
        self._all = var_dir / "run"
        self._own = self._all / str(port)
        self._lock: int | None = None
        self.sockets = socket_dir(base_dir=base_dir, port=port)
        self.data_dir = var_dir / "valkey" / str(port)
        self._port = port

    def claim(self) -> None:
        """Everything here belongs to this process until it ends.

        Raises:
            SystemExit: another run has it, or the folder of sockets is not ours.
        """
        self._own.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self._own / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"Another `make run` of this checkout uses port {self._port} already."
            raise SystemExit(message) from None
        _own_private_folder(self.sockets)

    def note_address(self, name: str, url: str) -> None:
        _write(self._own / f"{name}.url", url)
        _write(self._all / f"{name}.url", url)

    def note_process(self, name: str, process_id: int | None) -> None:
        note = self._own / f"{name}.pid"
        if process_id is None:
            note.unlink(missing_ok=True)
        else:
            _write(note, str(process_id))

    def release(self) -> None:
        """Sockets and notes are gone; a run that still lives is the one that shells find."""
        for name in SERVER_NAMES:
            own, shared = self._own / f"{name}.url", self._all / f"{name}.url"
            if own.is_file() and _read(own) == _read(shared):
                other = self._living_note(name)
                if other:
                    _write(shared, other)
                else:
                    shared.unlink(missing_ok=True)
        shutil.rmtree(self.sockets, ignore_errors=True)
        shutil.rmtree(self._own, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)

    def _living_note(self, name: str) -> str:
        for note in sorted(self._all.glob(f"*/{name}.url"), key=lambda path: path.stat().st_mtime):
            if note.parent != self._own and _is_locked(note.parent / "lock"):
                return _read(note)
        return ""


def _own_private_folder(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        message = f"{folder} belongs to somebody else. Remove it, or set XDG_RUNTIME_DIR."
        raise SystemExit(message)
    folder.chmod(0o700)


def _is_locked(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text + "\n", encoding="utf-8")
    fresh.replace(path)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
