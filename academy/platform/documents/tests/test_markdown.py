"""What Markdown becomes, and what it can never become."""

import time
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from academy.platform.documents.errors import TooComplexError
from academy.platform.documents.gating import gate
from academy.platform.documents.markdown import Document, Figure, OutlineEntry, parse
from academy.platform.documents.page import to_page_html

FIGURES = {"fig/a b.svg": Figure("fig/a b.svg", "d1", "image/svg+xml", 320, 200)}


def html_of(source: str) -> str:
    return parse(source, figures=FIGURES, resolve_link=lambda target: f"/lessons/{target}").html


def page_of(source: str) -> str:
    return to_page_html(
        parse(source, figures=FIGURES), figure_url=lambda figure: f"/f/{figure.digest}"
    )


def test_headings_have_unique_anchors_in_any_script_and_skip_no_level():
    document = parse("### はじめに\n\n# Ünïcode & more\n\n### はじめに\n", figures={})
    assert document.outline == (
        OutlineEntry(2, "はじめに", "はじめに"),
        OutlineEntry(2, "Ünïcode & more", "ünïcode--more"),
        OutlineEntry(3, "はじめに", "はじめに-1"),
    )


def test_a_bare_fence_closes_the_innermost_box_whatever_its_colons():
    html = html_of("::: challenge\n## Try\n::::::::: solution\nyes\n:::\nafter\n:::::\nend\n")
    assert html.index("yes") < html.index("after") < html.index("end")
    assert '<h2 class="box-title" id="try">Try</h2>' in html
    assert html.endswith("</div>\n<p>end</p>\n") or "<p>end</p>" in html.split("</div>")[-1]


def test_fences_inside_code_are_code():
    assert ":::" in html_of("```\n::: challenge\n:::\n```\n")


def test_an_unclosed_box_is_a_warning_with_its_line():
    problems = parse("a\n\n::: challenge\nb\n", figures={}).problems
    assert [(problem.line, problem.severity) for problem in problems] == [(3, "warning")]


def test_a_missing_figure_is_a_warning_with_its_line_and_shows_its_alternative_text():
    document = parse("a\n\nb\n![](fig/no.svg){alt='A tree'}\n", figures={})
    assert [problem.line for problem in document.problems] == [4]
    assert '<span class="missing-figure">A tree</span>' in document.html


@pytest.mark.parametrize(
    "written", ["fig/a%20b.svg", "./fig/a%20b.svg", "../fig/a%20b.svg", "<fig/a b.svg>"]
)
def test_a_figure_is_found_however_its_path_is_written(written):
    document = parse(f"![]({written}){{alt='Say \"hi\" to pnas\\_sub'}}\n", figures=FIGURES)
    assert [figure.digest for figure in document.figures] == ["d1"]
    assert ("alt", 'Say "hi" to pnas_sub') in _attributes(document.html)
    assert "<figure>" in document.html


def test_an_image_alone_is_a_figure_with_its_caption():
    page = page_of('![Alternative](fig/a%20b.svg "The caption")')
    assert "<figcaption>The caption</figcaption>" in page
    assert 'src="/f/d1"' in page
    assert 'width="320"' in page


def test_links_between_lessons_are_resolved_and_lost_ones_become_text():
    document = parse(
        "[a](02-x.md#y) [b](gone.md) [c](#nowhere) [d](mailto:a@b.org) [e](https://x.org)",
        figures={},
        resolve_link=lambda target: "/c/x/#y" if target == "02-x.md#y" else None,
    )
    assert '<a href="/c/x/#y">a</a>' in document.html
    assert "gone.md" not in document.html
    assert "nowhere" not in document.html
    assert '<a href="https://x.org" rel="noopener">e</a>' in document.html
    assert len(document.problems) == 2


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<iframe src=https://x.org></iframe>",
        '<link rel=attachment href="file:///etc/hostname">',
        "<style>@import url(http://x.org/a.css);</style>",
        '<img src="https://x.org/a.png" onerror=alert(1)>',
        "![x](https://x.org/a.png)",
        '<img src="file:///etc/passwd">',
        "[x](javascript:alert(1)) [y](data:text/html,z) [z](file:///etc/passwd) [w](//x.org)",
        "<form action=/x><input name=y></form>",
        "<svg><script>alert(1)</script></svg>",
        '<math><mtext><style><img src="x" onerror=alert(1)></style></mtext></math>',
        "<a href=jav&#x09;ascript:alert(1)>x</a>",
        '<p style="background:url(http://x.org)" onclick="x()">a</p>',
        "$\\href{javascript:alert(1)}{x}$ and $\\style{color:red}{y}$",
    ],
)
def test_nothing_acts_and_nothing_is_loaded(source):
    page = page_of(source)
    for banned in ("<script", "<iframe", "<link", "<style", "<form", "<input", "<img", "style="):
        assert banned not in page
    attributes = _attributes(page)
    assert not [name for name, _ in attributes if name.startswith("on")]
    assert not [value for name, value in attributes if name in {"href", "src"}]


def test_solutions_are_folded_on_the_page_and_say_their_label_once():
    page = page_of("::: solution\n## Solution\nx\n:::\n\n::: hint\ny\n:::\n")
    assert page.count("Solution</h") == 1
    assert 'class="box-label"' not in page
    assert page.count("<details") == page.count("<summary>") == 2


def test_maths_is_mathml_and_bad_tex_stays_readable():
    page = page_of("$a^2$ and $\\frac{1}$ and costs $5 or $6.\n\n$$\nx\n$$\n")
    assert 'alttext="a^2"' in page
    assert '<code class="math-source">\\frac{1}</code>' in page or "\\frac{1}" in page
    assert "costs $5 or $6" in page
    assert 'display="block"' in page


def test_right_to_left_blocks_say_so():
    assert '<p dir="rtl">' in html_of("مرحبا بالعالم")
    assert "dir=" not in html_of("Hello عالم")


def test_forbidden_characters_are_gone():
    document = parse("a\x00\x0b\x1f\ufffe\ud800b", figures={})
    assert document.text == "ab"


def test_words_are_counted_in_scripts_with_and_without_spaces():
    assert parse("two words\n\n日本語 and don't", figures={}).word_count == 7


@pytest.mark.parametrize("fraction", [0.2, 0.5])
@pytest.mark.parametrize(
    "source",
    [
        "word " * 500,
        "\n\n".join(f"Paragraph {number} of ten." for number in range(10)),
        "- item\n" * 50,
        "```\n" + "line of code\n" * 100 + "```",
        "::: challenge\n" + "text\n\n" * 50 + ":::",
        "|a|b|\n|-|-|\n" + "|1|2|\n" * 50,
        "# Head[^1]\n\nbody\n\n[^1]: the secret note",
        "two words",
    ],
)
def test_the_gate_shows_something_and_never_everything(source, fraction):
    document = parse(source, figures={})
    gated = gate(document, fraction=fraction)
    assert 0 < len(gated.text) < len(document.text)
    assert len(gated.text) <= max(2, len(document.text) * fraction * 1.5 + 40)
    assert not gated.problems


@pytest.mark.parametrize(
    "source",
    [
        "Before.\n\n## Waves\n\n" + "They come and go. " * 20,
        "Before.\n\n## Waves\n\n### Small ones\n\n" + "They come and go. " * 20,
        "Before.\n\n::: callout\n\n### Waves\n\n" + "They come and go. " * 20 + "\n\n:::\n",
    ],
)
def test_the_gate_ends_with_no_heading_over_nothing(source):
    gated = gate(parse(source, figures={}), fraction=0.2)
    assert gated.text.strip() == "Before."
    assert gated.outline == ()
    assert "<div" not in gated.html


def test_a_gated_text_of_headings_alone_still_shows_something():
    assert gate(parse("# Waves\n\n" * 20, figures={})).text.strip()


HOSTILE = {
    "nested tags": "<div>" * 5_000,
    "nested tags on lines": "<div>\n\n" * 5_000,
    "table": "a|b\n-|-\n" + "1|2\n" * 50_000,
    "raw table": "<table>\n" + "<tr><td>a</td></tr>\n" * 45_000 + "</table>",
    "brackets": "[" * 100_000,
    "quotes": "> " * 5_000,
    "quotes on lines": "\n".join(">" * depth + " a" for depth in range(1, 1_200)),
    "bullets": "\n".join("  " * depth + "- a" for depth in range(1_000)),
    "boxes": "::: a\n" * 5_000,
    "addresses": "{:" * 100_000,
    "three megabytes": "word \n" * 500_000,
    "emphasis": "*a _b " * 30_000,
    "open formatting": "".join(f"<b lang=a{n}>" for n in range(99)) + "<p>x</p>" * 15_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_too_much_is_refused_quickly_and_in_plain_words(name):
    started = time.process_time()
    with pytest.raises(TooComplexError) as refusal:
        parse(HOSTILE[name], figures={})
    assert time.process_time() - started < 2
    assert "This lesson" in str(refusal.value)


def test_the_refusal_of_a_table_says_how_many_rows_it_has():
    with pytest.raises(TooComplexError, match="50,000 rows"):
        parse(HOSTILE["table"], figures={})


@pytest.mark.parametrize(
    "source",
    ["[^" * 1_200, "![" * 1_200, "```java\n" + ("a " * 450 + "\n") * 55 + "```", "```perl\n" + "s{\n" * 20_000 + "```",
     "`" * 50_000, "$a" * 12_000, "a@" * 20_000, "$" + "{" * 900 + "x" + "}" * 900 + "$"],
)  # fmt: skip
def test_quadratic_input_is_rendered_in_reasonable_time(source):
    started = time.process_time()
    to_page_html(parse(source, figures={}), figure_url=lambda _figure: "/f")
    assert time.process_time() - started < 2


PIECES = st.sampled_from(
    ["# h\n", "\n\n", "- ", "> ", "::: challenge\n", ":::\n", "```bash\n", "```\n", "$x^2$", "$$", "[^1]",
     "[^1]: note\n", "|a|b|\n|-|-|\n|1|2|\n", "term\n: definition\n", "<div>", "</div>", "<b><i></b>", "<p onclick=x>",
     "<script>x</script>", "<img src=x onerror=y>", "![a](b)", "![a](fig/a%20b.svg)", "{alt='x'}", "{: .y}", "[l](javascript:x)",
     "<svg onload=x>", "<style>", "<!--", "-->", "&lt;", "\x00", "\ud800", "日本", "مرحبا", "🎉", "<a id=x href=//y>", "\\", "*", "`", "<table><tr><td>",
     "<details open><summary>", "<td colspan=9999999999>", "<ol start=-5>", "</p>", "<p", "=\"'"]
)  # fmt: skip
SOURCES = st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=40).map("".join)


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(SOURCES)
def test_no_text_breaks_the_renderer_or_gets_past_it(source):
    try:
        document = parse(source, figures=FIGURES)
    except TooComplexError:
        return
    page = to_page_html(document, figure_url=lambda figure: f"/f/{figure.digest}")
    gated = gate(document)
    _check_balanced(document.html)
    _check_balanced(gated.html)
    _check_balanced(page)
    for name, value in _attributes(page):
        assert not name.startswith("on")
        assert name != "style"
        assert name != "src" or value == "/f/d1"
    assert "<script" not in page
    assert _identifiers_are_unique(document)


def _identifiers_are_unique(document: Document) -> bool:
    identifiers = [value for name, value in _attributes(document.html) if name == "id"]
    return len(identifiers) == len(set(identifiers))


class _Collector(HTMLParser):
    VOID = {"br", "hr", "img", "wbr", "col"}

    def __init__(self):
        super().__init__()
        self.attributes = []
        self.stack = []

    def handle_starttag(self, tag, attrs):
        self.attributes += attrs
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack, f"</{tag}> closes nothing"
        assert self.stack.pop() == tag


def _attributes(html):
    collector = _Collector()
    collector.feed(html)
    return collector.attributes


def _check_balanced(html):
    collector = _Collector()
    collector.feed(html)
    assert not collector.stack
