"""Whether a port is free, and who has it when it is not."""

import contextlib
import errno
import socket
from pathlib import Path
from typing import Final

_LISTENING: Final = "0A"  # net/tcp_states.h, TCP_LISTEN


def parse_port(text: str) -> int:
    """The port that `text` names.

    Raises:
        SystemExit: it names none.
    """
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        message = "PORT cannot be used: a number from 1 to 65535 is wanted."
        raise SystemExit(message)
    return int(text)


def require_free(port: int) -> None:
    """Nothing listens on 127.0.0.1:`port`.

    Raises:
        SystemExit: the port cannot be had; says who has it and what to do.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As Daphne does it: connections that linger from the last run are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError as error:
            raise SystemExit(_refusal(port, error)) from None


def _refusal(port: int, error: OSError) -> str:
    other = port + 1 if port < 65535 else 8000
    advice = f"Choose another one: make run PORT={other if port >= 1024 else 8000}"
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than this user has. {advice}"
    holder = _holder(port)
    taken = f"Port {port} is taken" + (f" by {holder}" if holder else "")
    return f"{taken}. Stop that, or choose another one: make run PORT={other}"


def _holder(port: int) -> str:
    """`process 123 (its command line)`, or nothing where the kernel does not tell."""
    inodes = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            for descriptor in (process / "fd").iterdir():
                if str(descriptor.readlink()) in inodes:
                    words = (process / "cmdline").read_bytes().replace(b"\0", b" ")
                    command = words.decode(errors="replace").strip()[:80]
                    return f"process {process.name} ({command})"
    return ""


def _listening_inodes(port: int) -> list[str]:
    found = []
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        with contextlib.suppress(OSError):
            for line in table.read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    found.append(fields[9])
    return found
