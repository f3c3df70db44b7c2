"""Raw HTML that cannot be shown takes nothing of the lesson with it."""

import contextlib
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from academy.platform.documents.errors import TooComplexError
from academy.platform.documents.markdown import parse
from academy.platform.documents.page import to_page_html
from academy.platform.documents.raw_html import DROPPED_WHOLE

ALONE = {"embed", "input", "link", "meta", "base", "frame"}
TAGS = sorted(DROPPED_WHOLE - ALONE)


def read(source):
    document = parse(source, figures={})
    assert "First" in document.text
    to_page_html(document, figure_url=str)
    return document


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("around", ["{}", "Use the {} tag. Then", "- {}\n- more", "> {}", "<div>\n{}\n</div>", "## The {} tag"])  # fmt: skip
def test_words_after_an_unclosed_tag_survive_and_the_author_is_told(tag, around):
    document = read(f"First.\n\n{around.format(f'<{tag} a=b>')}\n\nLast *words*.\n\n# End")
    assert "Last words." in document.text
    assert [entry.text for entry in document.outline][-1] == "End"
    assert [problem.line for problem in document.problems if tag in problem.message][:1] == [
        4 if around.startswith("<div") else 3
    ]
    assert f"<{tag} a=b>" in document.text


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("around", ["{}", "Inline {} here", "<div>{}</div>"])
def test_a_closed_one_is_left_out_with_what_it_holds_and_the_author_is_told(tag, around):
    held = f"<{tag}>hidden</{tag}>"
    document = read(f"First.\n\n{around.format(held)}\n\nLast.")
    assert "hidden" not in document.text
    assert "Last." in document.text
    assert [(problem.line, tag in problem.message) for problem in document.problems] == [(3, True)]


@pytest.mark.parametrize(
    "raw", ["<!-- never closed", "<!-- a\n\nb", '<div title="never closed', "<div title='x", "<?php", "<svg><svg></svg>",
            "<select><textarea></select>", "<form>\n\nin it\n\n", "a <title> *b </title> c*", "<script>\nlet a;\n\nlet b;"],
)  # fmt: skip
def test_what_follows_other_unclosed_things_survives(raw):
    document = read(f"First.\n\n{raw}\n\nLast *words*.")
    assert "Last words." in document.text


def test_text_and_script_of_several_paragraphs_end_where_they_are_closed():
    document = read("First.\n\n<script>\nif (a < b) {\n\n}\n</script>\n\n<!-- x\n\ny -->\n\nLast.")
    assert document.text.split() == ["First.", "Last."]


@pytest.mark.parametrize(
    "source", ["<style>\n\n" * 20_000, "<!--\n" * 40_000, '<div a="\n' * 40_000, "<b <b " * 9_000, "<title> " * 6_000,
               "<div>\n" + "<title>\n" * 15_000, "> <style>\n\n" * 9_000, "<div>" + "<svg><svg></svg>" * 9_000, "<div>" + "<svg " * 90_000],
    ids=list("abcdefghi"),
)  # fmt: skip
def test_many_unclosed_tags_take_no_long_time(source):
    started = time.process_time()
    with contextlib.suppress(TooComplexError):
        parse(source, figures={})
    assert time.process_time() - started < 5


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(["<title>", "<style>", "</style>", "<select>", "<svg>", "<math>", "</math>", "<!--", "-->", "\n\n", "\n", "word ", "<p>", "`", "*", "<textarea", '"', ">", "<xmp>", "<plaintext>"]), max_size=14))  # fmt: skip
def test_words_in_a_paragraph_of_their_own_always_survive(pieces):
    source = "".join(pieces).replace("`", "")
    document = parse(f"{source}\n\nSURVIVOR", figures={})
    closes = any(closing in source for closing in ("</", "-->"))
    assert closes or "SURVIVOR" in document.text
