"""The second `make run`, until the health endpoint answers 200: at most 5 s.

Peer: the first start, which migrates, collects static files and loads the demo.
"""

import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.instance import running

MOST_SECONDS: Final = 5.0


def main() -> int:
    """0 when the second start is quick enough."""
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as folder:
        with running(var_dir=Path(folder)) as first:
            slow = first.seconds_to_healthy
        with running(var_dir=Path(folder)) as second:
            quick = second.seconds_to_healthy
    word = "quick enough" if quick <= MOST_SECONDS else "TOO SLOW"
    print(f"first start   {slow:5.1f} s")
    print(
        f"second start  {quick:5.1f} s (at most {MOST_SECONDS:.0f}; ratio {quick / slow:.2f}): {word}"
    )
    return 0 if quick <= MOST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
