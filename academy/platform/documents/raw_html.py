"""Raw HTML that is dropped whole ends where its author ended it, and never takes the lesson along.

To an HTML parser the text after `<title>` or `<select>` belongs to it until it is closed, if need
be to the end of the lesson.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from html import escape
from typing import Final

from django.utils.translation import gettext as _
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.html_block import html_block
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

Report = Callable[[int, str], None]

DROPPED_WHOLE: Final = frozenset({"script", "style", "iframe", "object", "embed", "applet", "form", "button", "input", "select", "textarea", "option", "template", "noscript", "noembed", "noframes", "title", "head", "link", "meta", "base", "svg", "math", "audio", "video", "canvas", "frame", "frameset", "plaintext", "xmp", "listing"})  # fmt: skip
_ALONE: Final = frozenset({"embed", "input", "link", "meta", "base", "frame"})
_TEXT_ONLY: Final = frozenset({"script", "style", "iframe", "textarea", "noscript", "noembed", "noframes", "title", "plaintext", "xmp"})  # fmt: skip
_BEGINNING: Final = re.compile(r"<(?=[A-Za-z/!?])")
_TAG: Final = re.compile(
    r"""<(/?)([A-Za-z][^\s/>"'<=]*)(?:[^<>"']|"[^"]*"|'[^']*')*+>""", re.DOTALL
)
_COMMENT: Final = re.compile(r"<!--(?:-?>|.*?-->)|<[!?](?!--)[^>]*>", re.DOTALL)
_MAX_TAG_CHARACTERS: Final = 5_000
_MAX_DEPTH: Final = 100
_UNENDING: Final = ("<script", "<style", "<textarea", "<!--", "<?", "<![CDATA[")
_CLOSINGS: Final = ("</script>", "</style>", "</textarea>", "</pre>", "-->", "?>", "]]>")


def html_block_that_ends(
    state: StateBlock,
    start_line: int,
    end_line: int,
    silent: bool,  # noqa: FBT001 - markdown-it's signature
) -> bool:
    """markdown-it's rule, but what is never closed is no block: the lesson goes on after it."""
    line = state.src[state.bMarks[start_line] + state.tShift[start_line] : state.eMarks[start_line]]
    unending = next((name for name in _UNENDING if line.lower().startswith(name.lower())), None)
    # Once it was not closed before the end, no later one is: the search is not repeated.
    never_closed: set[tuple[str, int]] = state.env.setdefault("never_closed", set())
    if unending and (unending, end_line) in never_closed:
        return False
    if not html_block(state, start_line, end_line, silent):
        return False
    if silent or unending is None or _is_closed(state.tokens[-1].content):
        return True
    if state.line >= end_line:
        never_closed.add((unending, end_line))
    state.tokens.pop()
    state.line = start_line
    return False


def _is_closed(content: str) -> bool:
    last_line = content.rstrip("\n").rpartition("\n")[2].lower()
    return any(closing in last_line for closing in map(str.lower, _CLOSINGS))


def settle_raw_html(state: StateCore) -> None:
    """Elements that are dropped are gone with what they hold; their unclosed tags are text."""
    report: Report = state.env["report"]
    for token in state.tokens:
        line = token.map[0] + 1 if token.map else 1
        if token.type == "html_block":
            token.content = _settled(token.content, line, report)
        elif token.children and any(child.type == "html_inline" for child in token.children):
            token.children = _settle_children(token.children, line, report)


def _settled(html: str, line: int, report: Report) -> str:
    kept: list[str] = []
    never_closed: set[str] = set()
    position = 0
    while (beginning := _BEGINNING.search(html, position)) is not None:
        start = beginning.start()
        kept.append(html[position:start])
        line += html.count("\n", position, start)
        written, position = _next_piece(html, start, never_closed, partial(report, line))
        line += html.count("\n", start, position)
        kept.append(written)
    kept.append(html[position:])
    return "".join(kept)


def _next_piece(
    html: str, start: int, never_closed: set[str], report: Callable[[str], None]
) -> tuple[str, int]:
    """What stands for the tag at `start`, and where it goes on."""
    if html.startswith(("<!", "<?"), start):
        return _declaration(html, start, never_closed, report)
    match = _TAG.match(html, start, start + _MAX_TAG_CHARACTERS)
    if match is None:
        report(_unclosed(html[start : start + 30].split("\n", 1)[0]))
        return "&lt;", start + 1
    name = match[2].lower()
    if match[1] or name not in DROPPED_WHOLE:
        return match.group(), match.end()
    end = match.end() if name in _ALONE else None
    if end is None and name not in never_closed:
        end = _end_of(name, html, match.end())
    if end is None:
        if name in _TEXT_ONLY:
            never_closed.add(name)
        report(_unclosed(f"<{name}>"))
        return escape(match.group(), quote=False), match.end()
    report(_dropped(name))
    return "", end


def _declaration(
    html: str, start: int, never_closed: set[str], report: Callable[[str], None]
) -> tuple[str, int]:
    """Comments are left out; as HTML has it, other declarations end at the first `>`."""
    match = None if "<!" in never_closed else _COMMENT.match(html, start)
    if match is None:
        never_closed.add("<!")
        report(_unclosed(html[start : start + 4].split("\n", 1)[0]))
        return "&lt;", start + 1
    return "", match.end()


def _end_of(name: str, html: str, position: int) -> int | None:
    depth = 1
    for match in re.compile(rf"<(/?){name}(?![^\s/>])[^>]*>", re.IGNORECASE).finditer(
        html, position
    ):
        if match[1]:
            depth -= 1
        elif name not in _TEXT_ONLY:
            depth += 1
        if depth > _MAX_DEPTH:
            return None
        if depth == 0:
            return match.end()
    return None


def _settle_children(children: list[Token], line: int, report: Report) -> list[Token]:
    kept: list[Token] = []
    never_closed: set[str] = set()
    skip_to = 0
    for position, child in enumerate(children):
        line_here = line
        line += child.content.count("\n") if child.type == "html_inline" else child.type in {"softbreak", "hardbreak"}  # fmt: skip
        if position < skip_to:
            continue
        match = _TAG.match(child.content) if child.type == "html_inline" else None
        name = match[2].lower() if match and not match[1] else ""
        if name not in DROPPED_WHOLE:
            kept.append(child)
            continue
        end = None if name in never_closed else _end_among(name, children, position)
        if end is None:
            never_closed.add(name)
            report(line_here, _unclosed(f"<{name}>"))
            child.type, child.tag = "text", ""
            kept.append(child)
        else:
            report(line_here, _dropped(name))
            skip_to = end
    return kept


def _end_among(name: str, children: list[Token], position: int) -> int | None:
    """The place after the element's closing tag; None where that is missing or inside another."""
    if name in _ALONE:
        return position + 1
    depth, nesting = 1, 0
    for place, opened, closed, step in _tags_among(name, children, position + 1):
        nesting += step
        if nesting < 0:
            return None
        depth += opened and name not in _TEXT_ONLY
        depth -= closed
        if depth == 0:
            return place + 1 if nesting == 0 else None
    return None


def _tags_among(
    name: str, children: list[Token], position: int
) -> Iterator[tuple[int, bool, bool, int]]:
    for place in range(position, len(children)):
        child = children[place]
        match = _TAG.match(child.content) if child.type == "html_inline" else None
        is_same = match is not None and match[2].lower() == name
        closes = match is not None and bool(match[1])
        yield place, is_same and not closes, is_same and closes, child.nesting


def _unclosed(tag: str) -> str:
    message = _("“%(tag)s” is not closed, so it stands as text. Close it, or write it as code.")
    return message % {"tag": tag}


def _dropped(name: str) -> str:
    return _("“<%(name)s>” cannot be shown; it is left out with what it holds.") % {"name": name}
