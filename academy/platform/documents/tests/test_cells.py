"""Words of a printed table stay whole as long as the table fits the page."""

import pytest

from academy.platform.documents import tree
from academy.platform.documents.cells import settle_breaks
from academy.platform.documents.tests.rendering import parsed, pdf_of, squeezed


def table_of(source):
    (table,) = tree.read_tree(parsed(source).html).iter("table")
    settle_breaks(table)
    return table


def test_a_table_whose_words_fit_breaks_none():
    assert table_of("|Final|Code|\n|-|-|\n|yes|`no`|\n").get("class") is None


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("`" + "c" * 200 + "`", "break-code"),
        ("w" * 200, "break-code break-cells"),
        ("一" * 200, None),
    ],
)
def test_code_breaks_before_cells_do(cell, expected):
    assert table_of(f"|Final|Code|\n|-|-|\n|yes|{cell}|\n").get("class") == expected


def test_header_words_break_only_when_they_alone_are_too_wide():
    assert table_of(f"|{'H' * 200}|b|\n|-|-|\n|1|2|\n").get("class").endswith("break-all")


def test_short_header_words_stay_whole_beside_long_code():
    columns = ["Final", "Code", "Seconds", "Meaning", "Retryable", "Example"]
    row = ["yes", "`" + "some_very_long_identifier" * 4 + "`", "1", "words " * 12, "no", "`x_y_z`"]
    reader = pdf_of(parsed(f"|{'|'.join(columns)}|\n{'|-' * 6}|\n|{'|'.join(row)}|\n"))
    text = reader.pages[0].extract_text()
    assert not [name for name in columns if name not in text]
    assert "some_very_long_identifier" * 4 in squeezed(text)
