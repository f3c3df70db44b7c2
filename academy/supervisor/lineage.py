"""A process that ends with the one that started it, however that one ends."""

import ctypes
import os
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


def die_with_parent(
    signal_number: signal.Signals = signal.SIGKILL, *, parent: int | None = None
) -> None:
    """The kernel sends this process `signal_number` when its parent is gone (Linux only).

    `parent` is who started it: when that one went before the call, the signal comes now.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal_number))
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), signal_number)
