"""A table in DOCX: our row writer against a `table.cell(r, c).text =` loop, with the same text.

Each `cell()` walks over the whole table: both sides fill 200 x 7 in full, and at 1,000 x 7, where the
loop takes minutes, ours is measured and the loop extrapolated from its first rows, which is printed.
"""

import platform
import sys
import time

import docx
from docx.document import Document
from docx.oxml.ns import qn

from academy.platform.documents.docx.tables import write_text_table

COLUMNS, FULL_ROWS, ROWS, FIRST_ROWS = 7, 200, 1_000, 10
MUST_BE_FASTER = 50


def texts(rows: int) -> list[list[str]]:
    return [[f"row {row} cell {column} 日本" for column in range(COLUMNS)] for row in range(rows)]


def texts_in(word: Document) -> list[str]:
    return ["".join(map(str, cell.itertext())) for cell in word.element.body.iter(qn("w:tc"))]


def ours(rows: int) -> tuple[float, list[str]]:
    wanted, word = texts(rows), docx.Document()
    started = time.perf_counter()
    write_text_table(word.element.body, wanted, header_rows=1)
    return time.perf_counter() - started, texts_in(word)


def peer(rows: int, filled: int) -> tuple[float, list[str]]:
    """Seconds for the first `filled` rows of a table of so many."""
    word = docx.Document()
    table = word.add_table(rows=rows, cols=COLUMNS)
    started = time.perf_counter()
    for number, row in enumerate(texts(filled)):
        for column, text in enumerate(row):
            table.cell(number, column).text = text
    return time.perf_counter() - started, texts_in(word)[: filled * COLUMNS]


def main() -> int:
    print(f"machine: {platform.machine()}, Python {platform.python_version()}")
    slow, peer_text = peer(FULL_ROWS, FULL_ROWS)
    runs = [ours(FULL_ROWS) for _ in range(3)]
    fast = min(seconds for seconds, _text in runs)
    print(f"docx_table  {FULL_ROWS} x {COLUMNS}  ours {fast:.3f} s  table.cell loop {slow:.2f} s  {slow / fast:.0f} x")  # fmt: skip
    first, _text = peer(ROWS, FIRST_ROWS)
    large = min(ours(ROWS)[0] for _ in range(3))
    extrapolated = first * ROWS / FIRST_ROWS
    ratio = extrapolated / large
    print(f"docx_table  {ROWS} x {COLUMNS}  ours {large:.3f} s  table.cell loop {extrapolated:.1f} s (extrapolated from {FIRST_ROWS} rows)  {ratio:.0f} x")  # fmt: skip
    if runs[0][1] != peer_text:
        print("the texts differ")
        return 1
    return 0 if ratio >= MUST_BE_FASTER else 1


if __name__ == "__main__":
    sys.exit(main())
