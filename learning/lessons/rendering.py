"""A lesson's text becomes HTML; nothing here reads or writes a row."""

import hashlib
import html
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote

from django.utils import translation

from academy.platform.documents.errors import TooComplexError
from academy.platform.documents.markdown import Document, Figure, Problem, parse
from academy.platform.documents.page import gate, to_page_html
from learning.courses.paths import figure_path

RENDERER_VERSION: Final = 4
"""Goes up with every change of the renderer's output, so that stored renditions are made anew."""

PREVIEW_FRACTION: Final = 0.2
_WORDS_PER_MINUTE: Final = 200
_QUOTED: Final = re.compile("%[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*")
_LESSON_SUFFIXES: Final = frozenset({".md", ".html", ".rmd"})


@dataclass(frozen=True, slots=True)
class LessonSource:
    """Everything that a lesson shows, as plain data.

    `figures` and `links` hold what the body may mean, by name and by stem of the file's name.
    `text_digest` stands for the body, which may be left out where only the hash is asked for.
    """

    title: str
    body: str
    language: str
    course_slug: str
    course_title: str
    author: str
    text_digest: str
    figures: Mapping[str, Figure] = field(repr=False)
    links: Mapping[str, str] = field(repr=False)
    summary: str = ""
    access: str = "free"
    video_url: str = ""

    @property
    def content_hash(self) -> str:
        """SHA-256 over all of it, in hexadecimal; the text goes in by its digest.

        Revisions without a digest of their text have a hash that was made in another way.
        """
        parts = [
            "text by digest",
            self.title,
            self.text_digest,
            self.language,
            self.course_slug,
            self.course_title,
            self.author,
            sorted((name, figure.digest) for name, figure in self.figures.items()),
            sorted(self.links.items()),
            self.summary,
            self.access,
            self.video_url,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a rendition stores. With a `problem_code` there is no HTML and `problem` says why."""

    body_html: str = ""
    preview_html: str = ""
    outline: tuple[Mapping[str, Any], ...] = ()
    preview_outline: tuple[Mapping[str, Any], ...] = ()
    word_count: int = 0
    minutes: int = 0
    figure_names: tuple[str, ...] = ()
    preview_figure_names: frozenset[str] = frozenset()
    problem_code: str = ""
    problem: str = ""
    warnings: tuple[Problem, ...] = ()


def digest_of(body: str) -> str:
    """SHA-256 of the text, in hexadecimal."""
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()


def mentioned(body: str, names: Iterable[str]) -> set[str]:
    """The names of files that the text may mean: a superset of those that it does mean."""
    text = html.unescape(_unquoted(body)).replace("\\", "")
    return {name for name in names if unquote(name).rstrip("/").rpartition("/")[2] in text}


def _unquoted(text: str) -> str:
    # As `unquote`, which takes the whole text to pieces wherever it is not ASCII.
    return _QUOTED.sub(_unquoted_run, text)


def _unquoted_run(found: re.Match[str]) -> str:
    return bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace")


def stem_of(path: str) -> str:
    """The part of a lesson's file name that links have in common, whatever their suffix."""
    name = PurePosixPath(unquote(path)).name
    stem, dot, suffix = name.rpartition(".")
    return stem if dot and f".{suffix.lower()}" in _LESSON_SUFFIXES else name


def link_resolver(links: Mapping[str, str]) -> Callable[[str], str | None]:
    """Turns `02-loops.md#top`, `02-loops.html` and `../episodes/02-loops.md` into page paths."""

    def resolve(target: str) -> str | None:
        path, hash_mark, anchor = target.partition("#")
        url = links.get(stem_of(path.partition("?")[0].rstrip("/")))
        return f"{url}{hash_mark}{anchor}" if url else None

    return resolve


def lesson_document(source: LessonSource) -> Document:
    """The document of the lesson, for pages and exports alike.

    Raises:
        TooComplexError: the text is too large or too deeply nested.
    """
    return parse(source.body, figures=source.figures, resolve_link=link_resolver(source.links))


def render_lesson(source: LessonSource) -> Rendered:
    """The lesson as pages show it, or the problem in words. Takes up to seconds."""

    def url_of(figure: Figure) -> str:
        return figure_path(source.course_slug, figure.name, digest=figure.digest)

    try:
        document = lesson_document(source)
    except TooComplexError as error:
        return Rendered(problem_code=error.code, problem=str(error)[:500])
    preview = gate(document, fraction=PREVIEW_FRACTION)
    with translation.override(source.language):
        body_html = to_page_html(document, figure_url=url_of)
        preview_html = to_page_html(preview, figure_url=url_of)
    return Rendered(
        body_html=body_html,
        preview_html=preview_html,
        outline=tuple(asdict(entry) for entry in document.outline),
        preview_outline=tuple(asdict(entry) for entry in preview.outline),
        word_count=document.word_count,
        minutes=math.ceil(document.word_count / _WORDS_PER_MINUTE),
        figure_names=tuple(figure.name for figure in document.figures),
        preview_figure_names=frozenset(figure.name for figure in preview.figures),
        warnings=document.problems,
    )
