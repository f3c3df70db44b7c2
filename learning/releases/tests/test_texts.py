import time

import pytest

from learning.releases.matching import Budget
from learning.releases.texts import text_diff


def told(before, after, **values):
    return [f"{line.sign}{line.text}" for line in text_diff(before, after, **values).lines]


def test_a_changed_line_stands_between_its_neighbours():
    before = "一\n二\n三\n四\n五\n六\n七"
    assert told(before, before.replace("五", "خمسة")) == [
        " 二", " 三", " 四", "-五", "+خمسة", " 六", " 七"
    ]  # fmt: skip


def test_far_changes_stand_apart():
    lines = [f"line {number}" for number in range(40)]
    after = ["new", *lines[:-1], "last"]
    shown = told("\n".join(lines), "\n".join(after))
    assert shown[0] == "+new"
    assert "…" in shown
    assert shown[-2:] == ["-line 39", "+last"]


@pytest.mark.parametrize("text", ["", "a", "\n", "a\n\u2028b\x0cc\r\n"])
def test_the_same_text_has_no_difference(text):
    assert told(text, text) == []


def test_a_first_text_is_all_new_and_a_deleted_one_all_gone():
    assert told("", "a\nb") == ["+a", "+b"]
    assert told("a\nb", "") == ["-a", "-b"]


def test_other_line_ends_of_unicode_are_part_of_a_line():
    assert told("a\u2028b", "a\u2028c") == ["-a\u2028b", "+a\u2028c"]


def test_four_hundred_lines_are_shown_and_the_others_counted():
    diff = text_diff("", "\n".join(str(number) for number in range(1000)))
    assert (len(diff.lines), diff.left_out_count) == (400, 600)
    assert "600" in diff.left_out_text


def test_a_very_long_line_is_cut():
    (line,) = text_diff("", "あ" * 5000).lines
    assert len(line.text) == 1000
    assert line.text.endswith("…")


@pytest.mark.parametrize(
    ("before", "after"),
    [("", "x" * 200_001), ("あ" * 70_000, ""), ("\n" * 5_000, "b"), ("a", "b\n" * 6_000)],
)
def test_what_is_too_large_is_said(before, after):
    diff = text_diff(before, after)
    assert diff.lines == ()
    assert diff.problem


def shuffled(count):
    return "\n".join(f"line {number * 2_347 % count}" for number in range(count))


def every_second(count, word):
    return "\n".join(f"{word} {n}" if n % 2 else f"same {n}" for n in range(count))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (every_second(5_000, "old"), every_second(5_000, "new")),
        (shuffled(4_999), "\n".join(sorted(shuffled(4_999).split("\n")))),
        ("\n".join("abcdefghij"[n % 10] for n in range(199)), "a\nb\n" * 99),
        (
            "\n".join(f"{n % 100}" for n in range(5_000)),
            "\n".join(f"{n % 99}" for n in range(5_000)),
        ),
    ],
)
def test_texts_that_would_take_difflib_long_take_bounded_steps(before, after):
    budget = Budget()
    started = time.process_time()
    diff = text_diff(before, after, budget)
    assert diff.lines or diff.problem
    # Unbounded, the first takes over a second on the same machine, and the last many.
    assert time.process_time() - started < 2


def test_all_texts_of_a_comparison_share_one_budget():
    budget = Budget(lines=3)
    assert len(text_diff("", "a\nb", budget).lines) == 2
    assert len(text_diff("", "a\nb", budget).lines) == 1
    assert text_diff("", "a\nb", budget).problem


WORDS = " ".join(f"word{number}" for number in range(1_000))


def marked(before, after, **values):
    lines = text_diff(before, after, **values).lines
    return [[part.text for part in line.parts if part.is_changed] for line in lines]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{WORDS} old end", f"{WORDS} new end"),
        (f"{WORDS} old {WORDS}", f"{WORDS} new {WORDS}"),
        ("x" * 5_000 + "old", "x" * 5_000 + "new"),
        ("あ" * 5_000 + "古い", "あ" * 5_000 + "新しい"),
        (f"{WORDS} old", f"An introduction.\n{WORDS} new"),
    ],
)
@pytest.mark.parametrize("word_steps", [400_000, 0])
def test_a_long_line_is_cut_around_what_changed_in_it(before, after, word_steps):
    gone, *_more, come = text_diff(before, after, Budget(word_steps=word_steps)).lines
    assert gone.text != come.text
    assert max(len(gone.text), len(come.text)) <= 1_000
    assert gone.text.startswith("…")
    assert come.text.startswith("…")


def test_both_sides_of_what_is_shown_are_cut():
    gone, come = told(f"{WORDS} old {WORDS}", f"{WORDS} new {WORDS}")
    assert (gone[1], gone[-1]) == (come[1], come[-1]) == ("…", "…")
    assert gone.replace("old", "new").lstrip("-") == come.lstrip("+")


def test_far_changes_in_a_long_line_are_both_shown():
    gone, come = told(f"a {WORDS} b {WORDS}", f"x {WORDS} y {WORDS}")
    assert gone.startswith("-a word0")
    assert "word999 b word0" in gone
    assert "word999 y word0" in come
    assert come.count("…") == 2


def test_changed_words_are_marked_within_a_changed_line():
    assert marked("The moon pulls the sea.", "The sun pulls the sea.") == [["moon"], ["sun"]]
    assert marked("月は海を引く。", "日は海を引く。") == [["月"], ["日"]]
    assert marked("one two three", "one three") == [["two "], []]
    assert marked("nothing alike here", "whatever else it may say") == [[], []]


@pytest.mark.parametrize("word_steps", [400_000, 0])
def test_the_parts_of_a_short_line_are_the_line(word_steps):
    before, after = "قمر واحد في السماء\n\nb", "قمر في السماء البعيدة\nb c"
    lines = text_diff(before, after, Budget(word_steps=word_steps)).lines
    assert "\n".join(line.text for line in lines if line.sign != "+") == before
    assert "\n".join(line.text for line in lines if line.sign != "-") == after


@pytest.mark.parametrize("count", [1, 40])
def test_words_are_compared_in_bounded_time(count):
    before = "\n\n".join("ab " * (60_000 // count) + f"{n}" for n in range(count))
    after = "\n\n".join("b ba " * (30_000 // count) + f"{n}" for n in range(count))
    started = time.process_time()
    assert text_diff(before, after, Budget()).lines
    assert time.process_time() - started < 2
