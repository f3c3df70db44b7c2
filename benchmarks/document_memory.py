"""Memory of one process that renders again and again, PDF and DOCX in turn."""

import argparse
import io
import platform
import sys
from pathlib import Path

from benchmarks.sample_document import as_docx, as_pdf, parsed

FIRST, MOST_GROWTH = 50, 1.10


def resident_mib() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--renders", type=int, default=500)
    renders = arguments.parse_args().renders
    documents = [parsed(sections) for sections in (3, 6, 9)]
    first = 0.0
    for number in range(1, renders + 1):
        write = as_docx if number % 2 == 0 else as_pdf
        write(documents[number % 3], io.BytesIO())
        if number == FIRST:
            first = resident_mib()
    last = resident_mib()
    ratio = last / (first or last)
    print(f"machine: {platform.machine()}, Python {platform.python_version()}")
    print(
        f"document_memory  after {FIRST}: {first:.0f} MiB  after {renders}: {last:.0f} MiB  {ratio:.3f} x"
    )
    return 0 if ratio <= MOST_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
