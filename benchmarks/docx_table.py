"""A 1,000 x 7 table in DOCX: our row writer against a `table.cell(r, c).text =` loop.

Each `cell()` walks over the whole table, so the loop takes minutes: its first rows are measured
in a table of full size and multiplied.
"""

import platform
import sys
import time

import docx
from docx.document import Document
from docx.oxml.ns import qn

from academy.platform.documents.docx.tables import write_text_table

ROWS, COLUMNS, FILLED_ROWS = 1_000, 7, 10
MUST_BE_FASTER = 50


def texts() -> list[list[str]]:
    return [[f"row {row} cell {column} 日本" for column in range(COLUMNS)] for row in range(ROWS)]


def ours(rows: list[list[str]]) -> tuple[float, list[str]]:
    word = docx.Document()
    started = time.perf_counter()
    write_text_table(word.element.body, rows, header_rows=1)
    seconds = time.perf_counter() - started
    return seconds, first_texts(word)


def first_texts(word: Document) -> list[str]:
    return ["".join(map(str, cell.itertext())) for cell in word.element.body.iter(qn("w:tc"))][
        : FILLED_ROWS * COLUMNS
    ]


def peer(rows: list[list[str]]) -> tuple[float, list[str]]:
    word = docx.Document()
    table = word.add_table(rows=ROWS, cols=COLUMNS)
    started = time.perf_counter()
    for number, row in enumerate(rows[:FILLED_ROWS]):
        for column, text in enumerate(row):
            table.cell(number, column).text = text
    seconds = (time.perf_counter() - started) * ROWS / FILLED_ROWS
    return seconds, first_texts(word)


def main() -> int:
    rows = texts()
    fast = min(ours(rows)[0] for _ in range(3))
    our_text = ours(rows)[1]
    slow, peer_text = peer(rows)
    ratio = slow / fast
    print(f"machine: {platform.machine()}, Python {platform.python_version()}")
    print(
        f"docx_table  {ROWS} x {COLUMNS}  ours {fast:.3f} s  table.cell loop {slow:.3f} s  {ratio:.0f} x"
    )
    if our_text != peer_text:
        print("the texts differ")
        return 1
    return 0 if ratio >= MUST_BE_FASTER else 1


if __name__ == "__main__":
    sys.exit(main())
