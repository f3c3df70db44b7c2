"""`make bench`: the machine, then every benchmark, each in a process of its own."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from benchmarks.machine import machine

_HERE: Final = Path(__file__).resolve().parent
_NO_BENCHMARKS: Final = {"__init__", "__main__", "instance", "machine"}


def benchmarks() -> list[str]:
    """The names of the modules that measure something: those with a `main`."""
    return sorted(
        path.stem
        for path in _HERE.glob("*.py")
        if path.stem not in _NO_BENCHMARKS and "def main(" in path.read_text(encoding="utf-8")
    )


def main(*names: str) -> int:
    """The number of benchmarks that missed their bound."""
    print(f"{machine()}, load {os.getloadavg()[0]:.2f}", flush=True)
    missed = []
    for name in names or benchmarks():
        print(f"\n== {name}", flush=True)
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}"], cwd=_HERE.parent, check=False
        )
        print(f"== {name}: {time.monotonic() - started:.0f} s", flush=True)
        if done.returncode:
            missed.append(name)
    if missed:
        print(f"\nMissed: {', '.join(missed)}")
    return len(missed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
