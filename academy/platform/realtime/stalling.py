"""Clients that stop reading: their connection ends, and what waits for them stays small.

Neither daphne nor autobahn looks at what a transport still holds. The transport itself says when
it holds too much and when it is empty again, to whoever is its producer (twisted's
`IPushProducer`): that is us.
"""

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

STALLED_SECONDS: Final = 20.0
"""So long a transport may be full; with the kernel's patience it is below 30 s."""

WAITING_BYTES: Final = 1_048_576
"""So much may be written to a full transport before its connection ends at once."""

KERNEL_BYTES: Final = 131_072
"""What the kernel keeps beside it; Linux doubles the figure."""


class Stall:
    """The producer of one connection. It never pauses: it counts, and ends what is hopeless."""

    def __init__(self, *, abort: Callable[[], Any], later: Callable[..., Any]) -> None:
        """`later(seconds, call)` is the event loop's; `abort` ends the connection at once."""
        self._abort = abort
        self._later = later
        self._timer: Any = None
        self._waiting_bytes = 0

    def sent(self, length_bytes: int) -> None:
        """So many bytes more were written."""
        if self._timer is None:
            return
        self._waiting_bytes += length_bytes
        if self._waiting_bytes > WAITING_BYTES:
            self.stopProducing()
            self._abort()

    def pauseProducing(self) -> None:  # noqa: N802 - twisted's name
        """The client reads more slowly than we write: its time runs."""
        if self._timer is None:
            self._timer = self._later(STALLED_SECONDS, self._expire)

    def resumeProducing(self) -> None:  # noqa: N802 - twisted's name
        """The client has read all."""
        self.stopProducing()

    def stopProducing(self) -> None:  # noqa: N802 - twisted's name
        """The connection is gone, or no longer watched."""
        timer, self._timer = self._timer, None
        self._waiting_bytes = 0
        if timer is not None and timer.active():
            timer.cancel()

    def _expire(self) -> None:
        self._timer = None
        self._abort()


def bound_kernel(transport: Any) -> None:
    """The kernel keeps no more than `KERNEL_BYTES` of what the client does not read."""
    with suppress(AttributeError, OSError):
        transport.getHandle().setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BYTES)
