"""Our warm `write_pdf` against `HTML(string=...).write_pdf()` in a loop, on the same document."""

import io
import platform
import sys
import time

from weasyprint import HTML

from benchmarks.sample_document import META, prepare, sample

RENDERS = 2


def ours() -> float:
    write_pdf, document = prepare()
    started = time.perf_counter()
    for _ in range(RENDERS):
        write_pdf(document, io.BytesIO())
    return (time.perf_counter() - started) / RENDERS


def peer() -> float:
    html, stylesheet = sample()
    page = f"<html lang=en><title>{META.title}</title><style>{stylesheet}</style><body>{html}</body></html>"
    HTML(string=page).write_pdf()
    started = time.perf_counter()
    for _ in range(RENDERS):
        HTML(string=page).write_pdf(pdf_variant="pdf/ua-1")
    return (time.perf_counter() - started) / RENDERS


def main() -> int:
    peer_seconds, our_seconds = peer(), ours()
    ratio = peer_seconds / our_seconds
    print(f"machine: {platform.machine()}, Python {platform.python_version()}")
    print(f"pdf_loop  ours {our_seconds:.2f} s  naive loop {peer_seconds:.2f} s  {ratio:.2f} x")
    return 0 if ratio >= 1 else 1


if __name__ == "__main__":
    sys.exit(main())
