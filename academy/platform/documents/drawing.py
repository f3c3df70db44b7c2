"""One SVG becomes one PNG, in a process of its own that may be slow, large or crash alone.

resvg holds Python's lock while it draws, so nothing else in the drawing process could end it.
The arguments are the parent's process id, the width and the folders of fonts; the SVG comes in
and the PNG goes out.
"""

import ctypes
import os
import resource
import signal
import sys
from typing import Final

import resvg_py

MAX_SECONDS: Final = 10
MAX_MEMORY_BYTES: Final = 1024 * 1024 * 1024
CANNOT_DRAW: Final = 3
_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


def main(parent: int, width: int, font_folders: list[str]) -> int:
    """The PNG is written; what stands in the way is said on the error output."""
    _confine(parent)
    svg = sys.stdin.buffer.read().decode()
    try:
        png = resvg_py.svg_to_bytes(
            svg_string=svg,
            width=width,
            dpi=96,
            font_dirs=font_folders,
            skip_system_fonts=True,
            font_family="Noto Sans",
            serif_family="Noto Serif",
            sans_serif_family="Noto Sans",
            monospace_family="Noto Sans Mono",
            cursive_family="Noto Sans",
            fantasy_family="Noto Sans",
        )
    except ValueError as error:
        sys.stderr.write(str(error))
        return CANNOT_DRAW
    sys.stdout.buffer.write(png)
    return 0


def _confine(parent: int) -> None:
    """The process ends with its parent, and at its own limits."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        sys.exit(CANNOT_DRAW)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
