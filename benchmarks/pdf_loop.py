"""Our warm `write_pdf` against `HTML(string=...).write_pdf()` in a loop, on the same document (processor time)."""

import io
import platform
import sys
import time

from weasyprint import HTML

from benchmarks.sample_document import prepare, sample

RENDERS = 3
# Ours also reports each page and gives its memory back; that may not cost a tenth.
LEAST_RATIO = 0.9


def ours() -> float:
    write_pdf, document = prepare()
    started = time.process_time()
    for _ in range(RENDERS):
        write_pdf(document, io.BytesIO())
    return (time.process_time() - started) / RENDERS


def peer() -> float:
    page = sample()
    HTML(string=page).write_pdf(pdf_variant="pdf/ua-1")
    started = time.process_time()
    for _ in range(RENDERS):
        HTML(string=page).write_pdf(pdf_variant="pdf/ua-1")
    return (time.process_time() - started) / RENDERS


def main() -> int:
    peer_seconds, our_seconds = peer(), ours()
    ratio = peer_seconds / our_seconds
    print(f"machine: {platform.machine()}, Python {platform.python_version()}")
    print(f"pdf_loop  ours {our_seconds:.2f} s  naive loop {peer_seconds:.2f} s  {ratio:.2f} x")
    return 0 if ratio >= LEAST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
