import pytest

from exports.artifacts.ranges import Part, RangeError, requested_part


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=2-5", 2, 5),
        ("bytes=2-", 2, 9),
        ("bytes=2-999999999999", 2, 9),
        ("bytes=-3", 7, 9),
        ("bytes=-99", 0, 9),
        ("Bytes= 2-5 ", 2, 5),
        ("bytes=9-", 9, 9),
    ],
)
def test_a_range_names_its_first_and_last_byte(header, first, last):
    assert requested_part(header, size=10) == Part(first=first, last=last)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5-2",
        "bytes=a-b",
        "bytes=0-1,4-5",
        "lines=0-1",
        "bytes=٣-٤",
        "bytes=0-" + "9" * 5000,
        "bytes=--1",
    ],
)
def test_what_is_no_single_range_is_ignored(header):
    assert requested_part(header, size=10) is None


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=10-", 10), ("bytes=10-12", 10), ("bytes=-0", 10), ("bytes=-1", 0)]
)
def test_a_range_outside_the_file_cannot_be_satisfied(header, size):
    with pytest.raises(RangeError):
        requested_part(header, size=size)
