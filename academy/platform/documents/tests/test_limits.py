"""What would take minutes to print is refused in words; ids of the page stay the page's."""

import time

import pytest

from academy.platform.documents.errors import TooComplexError
from academy.platform.documents.markdown import Figure, parse
from academy.platform.documents.tests.rendering import docx_of, parsed
from academy.platform.documents.tests.test_constructs import SVG
from academy.platform.documents.text import clean_line

FIGURES = {"a.svg": Figure("a.svg", "d", "image/svg+xml", 10, 10)}
ROW = "<tr>" + "<td rowspan=1000 colspan=9>x</td>" * 10 + "</tr>"


@pytest.mark.parametrize(
    ("source", "words"),
    [("```\n" + "x" * 5_001 + "\n```", "line of code"), ("    " + "x" * 20_000, "line of code"),
     ("<pre>" + "x" * 20_000 + "</pre>", "line of code"),
     ("<table><tr>" + "<td colspan=1000>x</td>" * 3 + "</tr></table>", "300 columns"),
     ("<table>" + ROW * 3 + "</table>", "columns"), ("![a](a.svg) " * 501, "501 pictures")],
    ids=range(6),
)  # fmt: skip
def test_what_would_take_minutes_is_refused_in_words(source, words):
    started = time.process_time()
    with pytest.raises(TooComplexError, match=words):
        parse(source, figures=FIGURES)
    assert time.process_time() - started < 2


def test_what_is_just_small_enough_is_kept():
    source = (
        "```\n" + "x" * 5_000 + "\n```\n\n<table><tr>" + "<td>y</td>" * 200 + "</tr></table>\n\n"
    )
    assert len(parse(source + "![a](a.svg) " * 500, figures=FIGURES).figures) == 1


def test_a_picture_shown_often_is_in_the_word_file_once():
    blobs = {"a.svg": SVG}
    word = docx_of(parsed("![a](a.svg)\n\n" * 50, blobs), blobs)
    pictures = [part for part in word.part.package.iter_parts() if "/media/" in str(part.partname)]
    assert len(pictures) == 1


@pytest.mark.parametrize(
    "anchor", ["main", "export", "csrfmiddlewaretoken", "id_username", "job-1"]
)
def test_no_id_of_the_page_is_taken_and_links_follow(anchor):
    source = f'[to](#{anchor})\n\n<p id="{anchor}">x</p>\n\n# Head {{#{anchor}}}'
    html = parse(source, figures={}).html
    assert f'id="{anchor}"' not in html
    assert f'id="lesson-{anchor}"' in html
    assert f'href="#lesson-{anchor}"' in html


def test_a_heading_that_would_be_called_like_a_part_of_the_page_has_its_own_anchor():
    document = parse("# Main\n\n[up](#main) [other](b.md#export)", figures={}, resolve_link=str)
    assert document.outline[0].anchor == "lesson-main"
    assert 'href="#lesson-main"' in document.html
    assert 'href="b.md#lesson-export"' in document.html


def test_a_line_holds_nothing_that_turns_or_breaks_it():
    assert clean_line("a\x07\u202eb\n c\x00\ufffe مرحبا") == "ab c مرحبا"
