"""What is too much for one document, found before the expensive work and said in people's words."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from lxml import etree
from markdown_it.token import Token

from academy.platform.documents.errors import TooComplexError

MAX_SOURCE_BYTES = 2 * 1024 * 1024
MAX_NODES = 20_000
MAX_DEPTH = 100
MAX_LINES = 50_000
MAX_PARAGRAPH_CHARACTERS = 50_000
MAX_PARAGRAPH_BRACKETS = 2_500
MAX_CODE_LINE_CHARACTERS = 5_000
MAX_COLUMNS = 200
MAX_FIGURE_USES = 500

_TAG = re.compile(r"""<(/?)([A-Za-z][A-Za-z0-9]*)(?:[^<>"']|"[^"<]*"|'[^'<]*')*>""")
_NEVER_CLOSED = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})  # fmt: skip
_CLOSED_BY_ITSELF = frozenset({"p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option"})  # fmt: skip
_RUN_OF_ROWS = re.compile(r"(?:^[^\n|]*\|[^\n]*\n?)+", re.MULTILINE)
_QUOTES = re.compile(rf"^(?:[ \t]*>){{{MAX_DEPTH}}}", re.MULTILINE)
_BULLETS = re.compile(rf"^[ \t]*(?:[-*+][ \t]+){{{MAX_DEPTH // 2}}}", re.MULTILINE)


def check_source(source: str) -> None:
    """Nothing happens.

    Raises:
        TooComplexError: The text is too long, or its rows, brackets or quotes are too many to
            be parsed in reasonable time.
    """
    size_bytes = len(source.encode("utf-8", "surrogatepass"))
    if size_bytes > MAX_SOURCE_BYTES:
        raise TooComplexError(
            _("This lesson has %(size).1f MB of text; %(limit)d MB is the most. Split it.")
            % {"size": size_bytes / 1_000_000, "limit": MAX_SOURCE_BYTES // 1_000_000}
        )
    if "|" in source:
        _check_tables(source)
    lines = source.count("\n")
    if lines > MAX_LINES:
        raise TooComplexError(
            _("This lesson has %(count)s lines; %(limit)s is the most. Split it.")
            % {"count": _figure(lines), "limit": _figure(MAX_LINES)}
        )
    if _QUOTES.search(source) or _BULLETS.search(source):
        raise too_deep()


def _check_tables(source: str) -> None:
    for match in _RUN_OF_ROWS.finditer(source):
        block = match.group()
        if block.count("|") + block.count("\n") > 2 * MAX_NODES:
            raise TooComplexError(
                _("This lesson has a table of %(rows)s rows. Split it, or offer it as a file.")
                % {"rows": _figure(max(1, block.count("\n") - 2))}
            )


def check_tokens(tokens: list[Token]) -> int:
    """How many nodes the tokens will become.

    Raises:
        TooComplexError: There are too many, or they are nested too deeply.
    """
    rows = depth = nodes = 0
    for token in tokens:
        depth += token.nesting
        nodes += token.nesting >= 0
        rows += token.type == "tr_open"
        if depth > MAX_DEPTH or token.level >= MAX_DEPTH - 1:
            raise too_deep()
        if token.children:
            nodes += _check_children(token.children, depth)
        if token.type == "inline":
            _check_paragraph(token.content)
    if nodes > MAX_NODES:
        raise _too_many(nodes, rows)
    return nodes


def _check_paragraph(text: str) -> None:
    if len(text) > MAX_PARAGRAPH_CHARACTERS:
        raise TooComplexError(
            _("This lesson has a paragraph of %(count)s characters. Split it.")
            % {"count": _figure(len(text))}
        )
    if text.count("[") > MAX_PARAGRAPH_BRACKETS:
        raise TooComplexError(
            _(
                "This lesson has a paragraph with %(count)s opening brackets. Put it into a code block."
            )
            % {"count": _figure(text.count("["))}
        )


def _check_children(children: list[Token], depth: int) -> int:
    nodes = 0
    for child in children:
        depth += child.nesting
        nodes += child.nesting >= 0
        if depth > MAX_DEPTH:
            raise too_deep()
    return nodes


def check_tree(root: etree._Element) -> None:
    """Nothing happens.

    Raises:
        TooComplexError: A line of code is too long, a table too wide, or pictures are too many.
    """
    uses = sum(1 for _image in root.iter("img"))
    if uses > MAX_FIGURE_USES:
        raise TooComplexError(
            _("This lesson shows %(count)s pictures; %(limit)s is the most. Split it.")
            % {"count": _figure(uses), "limit": _figure(MAX_FIGURE_USES)}
        )
    for block in root.iter("pre"):
        longest = max(map(len, "".join(map(str, block.itertext())).split("\n")))
        if longest > MAX_CODE_LINE_CHARACTERS:
            raise TooComplexError(
                _("This lesson has a line of code of %(count)s characters. Break it.")
                % {"count": _figure(longest)}
            )
    for table in root.iter("table"):
        _check_columns(table)


def _check_columns(table: etree._Element) -> None:
    """Cells that reach down from the rows above take their columns too."""
    reaching: list[tuple[int, int]] = []
    for row in table.iter("tr"):
        cells = [cell for cell in row if cell.tag in {"td", "th"}]
        reaching = [(rows - 1, columns) for rows, columns in reaching if rows > 1]
        reaching += [
            (int(cell.get("rowspan", "1")) or 1_000, int(cell.get("colspan", "1")))
            for cell in cells
        ]
        width = sum(columns for _rows, columns in reaching)
        if width > MAX_COLUMNS:
            raise TooComplexError(
                _("This lesson has a table of %(count)s columns. Split it, or offer it as a file.")
                % {"count": _figure(width)}
            )


def check_html(html: str) -> None:
    """Nothing happens.

    Raises:
        TooComplexError: The tags, raw ones included, are too many or too deeply nested.
    """
    depth = nodes = 0
    for closing, name in _TAG.findall(html):
        tag = name.lower()
        if tag in _NEVER_CLOSED:
            nodes += 1
        elif closing:
            depth -= tag not in _CLOSED_BY_ITSELF and depth > 0
        else:
            nodes += 1
            depth += tag not in _CLOSED_BY_ITSELF
        if depth > MAX_DEPTH:
            raise too_deep()
    if nodes > 2 * MAX_NODES:
        raise _too_many(nodes, html.count("<tr"))


def too_deep() -> TooComplexError:
    """The refusal of what is nested too deeply."""
    return TooComplexError(
        _("This lesson nests boxes, lists or tags more than %(limit)d deep. Flatten it.")
        % {"limit": MAX_DEPTH}
    )


def _too_many(nodes: int, rows: int) -> TooComplexError:
    if rows > 1_000:
        return TooComplexError(
            ngettext(
                "This lesson has a table of %(rows)s row. Split it, or offer it as a file.",
                "This lesson has tables of %(rows)s rows in all. Split it, or offer them as a file.",
                rows,
            )
            % {"rows": _figure(rows)}
        )
    return TooComplexError(
        _(
            "This lesson has %(count)s parts (paragraphs, cells, words in bold ...); %(limit)s is the most. Split it."
        )
        % {"count": _figure(nodes), "limit": _figure(MAX_NODES)}
    )


def _figure(number: int) -> str:
    return f"{number:,}"
