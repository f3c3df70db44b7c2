"""Fenced divs by Pandoc's rule: colons are not counted, a bare fence closes the innermost.

The block rule only marks where fences stand, so that everything between is parsed where it is;
`balance_divs` then pairs them inside each container (a quote, a list item) and reports the rest.
"""

import re
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from academy.platform.documents.attributes import Attributes, read_attributes

_FENCE = re.compile(r":{3,}[ \t]*(?P<rest>[^\n]*?)[ \t]*:*[ \t]*$")
_NAME = re.compile(r"(?P<name>[^\W_][\w.+-]*)[ \t]*")

_OPEN, _CLOSE = "div_open", "div_close"


def fenced_divs(markdown: MarkdownIt) -> None:
    """The parser knows fenced divs."""
    alternatives: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    markdown.block.ruler.before("fence", "fenced_div", _fenced_div, alternatives)


def _fenced_div(state: StateBlock, start_line: int, _end_line: int, silent: bool) -> bool:  # noqa: FBT001
    if state.is_code_block(start_line):
        return False
    start = state.bMarks[start_line] + state.tShift[start_line]
    line = state.src[start : state.eMarks[start_line]]
    match = _FENCE.match(line) if line.startswith(":::") else None
    attributes = _opening(match.group("rest")) if match else None
    if match is None or (match.group("rest") and attributes is None):
        return False
    if silent:
        return True
    state.line = start_line + 1
    token = state.push(_OPEN if attributes else _CLOSE, "div", 0)
    token.map = [start_line, start_line + 1]
    token.block = True
    token.meta = {"attributes": attributes}
    return True


def _opening(rest: str) -> Attributes | None:
    if not rest:
        return None
    match = _NAME.match(rest)
    name = match.group("name") if match else ""
    position = match.end() if match else 0
    listed = read_attributes(rest, position)
    end = listed.end if listed else position
    if rest[end:].strip(" \t:"):
        return None
    classes = ((name,) if name else ()) + (listed.classes if listed else ())
    if listed is None:
        return Attributes(end, classes=classes) if classes else None
    return Attributes(end, listed.identifier, classes, listed.values)


def balance_divs(tokens: list[Token], report: Callable[[int, str], Any]) -> list[Token]:
    """The tokens with every div closed in the container that it was opened in."""
    balanced: list[Token] = []
    open_tokens: list[Token] = []
    for token in tokens:
        if token.type == _CLOSE:
            if open_tokens and open_tokens[-1].type == _OPEN:
                _close(balanced, open_tokens)
            else:
                report(_line(token), _("This closing fence (:::) has no opening one."))
            continue
        if token.nesting < 0:
            _close_divs(balanced, open_tokens, report)
            open_tokens.pop()
        balanced.append(token)
        if token.type == _OPEN:
            token.nesting = 1
        if token.nesting > 0:
            open_tokens.append(token)
    _close_divs(balanced, open_tokens, report)
    return balanced


def _close_divs(
    balanced: list[Token], open_tokens: list[Token], report: Callable[[int, str], Any]
) -> None:
    while open_tokens and open_tokens[-1].type == _OPEN:
        name = " ".join(open_tokens[-1].meta["attributes"].classes)
        report(
            _line(open_tokens[-1]),
            _("The box “%(name)s” is never closed: end it with a line “:::”.") % {"name": name},
        )
        _close(balanced, open_tokens)


def _close(balanced: list[Token], open_tokens: list[Token]) -> None:
    open_tokens.pop()
    token = Token(_CLOSE, "div", -1)
    token.block = True
    balanced.append(token)


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1
