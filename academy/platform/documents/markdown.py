"""Markdown becomes a `Document`: sanitised neutral HTML and what is known about it.

Neutral HTML can be shown nowhere as it stands; `page`, `pdf` and `docx` each finish it. In it
figures are `<img data-figure="name" alt="...">`, maths is its TeX in `<span class="math inline">`
or `class="math display"`, boxes are `<div class="box challenge">` without a label, and headings
run from `h2` down without a gap, because the lesson's title is the only `h1`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote

from academy.platform.documents import limits, tree
from academy.platform.documents.sanitise import sanitise
from academy.platform.documents.syntax import parser
from academy.platform.documents.text import clean_text, count_words
from academy.platform.documents.tidy import Surroundings, tidy


@dataclass(frozen=True, slots=True)
class Figure:
    """A stored picture; `name` is its path as the Markdown writes it, sizes are CSS pixels."""

    name: str
    digest: str
    content_type: str
    width_px: int | None
    height_px: int | None


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A heading: `level` 2 to 6, its text without markup, its id."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that the author should know; `line` counts from 1 in the source given."""

    line: int
    message: str
    severity: Literal["warning", "error"]


@dataclass(frozen=True, slots=True)
class Document:
    """A rendered text. `figures` are those it shows, in order of appearance, each once."""

    html: str
    outline: tuple[OutlineEntry, ...]
    text: str
    word_count: int
    figures: tuple[Figure, ...]
    problems: tuple[Problem, ...]


def unresolved(_target: str) -> str | None:
    """No relative link leads anywhere."""
    return None


def parse(
    source: str,
    *,
    figures: Mapping[str, Figure],
    resolve_link: Callable[[str], str | None] = unresolved,
) -> Document:
    """The document that the Markdown describes.

    `figures` are looked up by name, also without leading `./` and `../`. `resolve_link` turns a
    relative link into a path on this site; None makes it plain text with a warning.

    Raises:
        TooComplexError: The text is too long, too large or too deeply nested.
    """
    source = clean_text(source)
    limits.check_source(source)
    problems = _Problems(source)

    def find(name: str) -> Figure | None:
        return find_figure(name, figures)

    environment: dict[str, Any] = {"report": problems.at_line, "find_figure": find}
    try:
        rendered = parser().render(source, environment)
    except RecursionError:
        raise limits.too_deep() from None
    limits.check_html(rendered)
    surroundings = Surroundings(
        find_figure=lambda name: figure.name if (figure := find(name)) else None,
        resolve_link=resolve_link,
        report=problems.at_text,
    )
    neutral = tidy(sanitise(rendered), surroundings)
    limits.check_tree(neutral.root)
    text = tree.text_of(neutral.root)
    by_name = {figure.name: figure for figure in figures.values()}
    return Document(
        html=tree.write_tree(neutral.root),
        outline=tuple(OutlineEntry(*entry) for entry in neutral.outline),
        text=text,
        word_count=count_words(text),
        figures=tuple(by_name[name] for name in dict.fromkeys(neutral.figure_names)),
        problems=problems.sorted(),
    )


def find_figure(name: str, figures: Mapping[str, Figure]) -> Figure | None:
    """The figure that a text means by this name."""
    candidate = unquote(name)
    for attempt in (name, candidate):
        if attempt in figures:
            return figures[attempt]
    while candidate.startswith(("./", "../", "/")):
        candidate = candidate.split("/", 1)[1]
        if candidate in figures:
            return figures[candidate]
    return None


class _Problems:
    """Collects problems, once each, and finds their lines."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._found: dict[Problem, None] = {}

    def at_line(self, line: int, message: str) -> None:
        self._found[Problem(line, message, "warning")] = None

    def at_text(self, blamed: str, message: str) -> None:
        position = self._source.find(blamed) if blamed else -1
        self.at_line(self._source.count("\n", 0, position) + 1 if position >= 0 else 1, message)

    def sorted(self) -> tuple[Problem, ...]:
        return tuple(sorted(self._found, key=lambda problem: (problem.line, problem.message)))
