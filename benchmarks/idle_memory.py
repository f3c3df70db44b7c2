"""Memory of the whole academy when nobody asks it for anything: at most 700 MB PSS.

PSS counts a page that n processes share as 1/n in each, so that the sum is what the machine gives.
"""

import sys
import time
from pathlib import Path
from typing import Final

from benchmarks.instance import running

MOST_MB: Final = 700.0
_SETTLE_SECONDS: Final = 8.0
_MB: Final = 1024.0  # smaps_rollup counts KB


def descendants(root: int) -> list[int]:
    """`root` and all that it started, by way of whom however many."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(status.parent.name))
    found, todo = [], [root]
    while todo:
        found.append(todo.pop())
        todo += children.get(found[-1], [])
    return found


def pss_mb(pid: int) -> float:
    """The process's share of memory in MB; 0 when it is gone."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / _MB


def main() -> int:
    """0 when it fits; prints each process's share and the whole."""
    with running() as instance:
        time.sleep(_SETTLE_SECONDS)
        named = {
            int(note.read_text(encoding="ascii")): note.stem
            for note in (instance.var_dir / "run" / str(instance.port)).glob("*.pid")
        }
        named[instance.supervisor] = "supervisor"
        shares = []
        for pid in sorted(descendants(instance.supervisor)):
            name = named.get(pid) or f"  process of {_parent(pid, named)}"
            shares.append((name, pss_mb(pid)))
    for name, share in shares:
        print(f"{name:<22} {share:7.1f} MB")
    whole = sum(share for _, share in shares)
    fits = whole <= MOST_MB
    print(f"{'whole system, idle':<22} {whole:7.1f} MB PSS (at most {MOST_MB:.0f}; ratio", end=" ")
    print(f"{whole / MOST_MB:.2f}): {'fits' if fits else 'TOO MUCH'}")
    return 0 if fits else 1


def _parent(pid: int, named: dict[int, str]) -> str:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return named.get(int(fields[1]), fields[1])


if __name__ == "__main__":
    sys.exit(main())
