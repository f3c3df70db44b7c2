"""The Markdown that the academy speaks: CommonMark and what lessons add to it."""

import re
from functools import lru_cache
from html import escape
from typing import Any, Final
from urllib.parse import quote, unquote

from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from academy.platform.documents import boxes, limits
from academy.platform.documents.attributes import Attributes, read_attributes
from academy.platform.documents.autolinks import link_addresses
from academy.platform.documents.code import Allowance, highlight, language_of
from academy.platform.documents.divs import balance_divs, fenced_divs
from academy.platform.documents.raw_html import html_block_that_ends, settle_raw_html
from academy.platform.documents.sanitise import FIGURE_SCHEME

_KRAMDOWN = re.compile(r"[ \t]*\{:[^{}]*\}[ \t]*")
_HEADING_ATTRIBUTES = re.compile(r"[ \t]+(\{[^{}\n]*\})[ \t]*$")
_TASK = re.compile(r"\[([ xX])\][ \t]+")
_BEFORE_PARAGRAPHS: Final[Any] = {"alt": ["paragraph", "reference", "blockquote"]}
_ALIGNMENT = re.compile(r"text-align:(left|center|right)")


@lru_cache(maxsize=1)
def parser() -> MarkdownIt:
    """The configured parser; it keeps no state between texts."""
    markdown = MarkdownIt("commonmark", {"html": True, "maxNesting": limits.MAX_DEPTH})
    markdown.enable(["table", "strikethrough"])
    markdown.use(fenced_divs).use(deflist_plugin).use(footnote_plugin)
    markdown.use(
        dollarmath_plugin,
        allow_labels=False,
        allow_space=False,
        allow_digits=False,
        allow_blank_lines=False,
        double_inline=True,
    )
    # nh3 judges links later; one that is refused here would stay as source text.
    markdown.__dict__["validateLink"] = _every_link
    markdown.inline.ruler.after("image", "attributes", _inline_attributes)
    markdown.core.ruler.after("block", "divs", _settle_blocks)
    markdown.block.ruler.at("html_block", html_block_that_ends, _BEFORE_PARAGRAPHS)
    markdown.core.ruler.push("raw_html", settle_raw_html)
    markdown.core.ruler.push("autolinks", link_addresses)
    markdown.core.ruler.push("figures", _settle_inlines)
    for name, rule in _RENDER_RULES.items():
        markdown.add_render_rule(name, rule)
    return markdown


def _every_link(_url: str) -> bool:
    return True


def _inline_attributes(state: StateInline, silent: bool) -> bool:  # noqa: FBT001
    if silent or state.src[state.pos] != "{" or state.pending or not state.tokens:
        return False
    before = state.tokens[-1]
    if before.type not in {"image", "link_close", "code_inline"}:
        return False
    attributes = read_attributes(state.src, state.pos)
    if attributes is None:
        return False
    before.meta = {**before.meta, "attributes": attributes}
    state.pos = attributes.end
    return True


def _settle_blocks(state: StateCore) -> None:
    report = state.env["report"]
    state.tokens = balance_divs(_without_kramdown(state.tokens), report)
    for opening, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if opening.type == "heading_open":
            _heading_attributes(opening, inline)
        elif opening.type in {"th_open", "td_open"}:
            match = _ALIGNMENT.search(str(opening.attrs.pop("style", "")))
            if match:
                opening.attrs["class"] = f"align-{match.group(1)}"
    limits.check_tokens(state.tokens)


def _without_kramdown(tokens: list[Token]) -> list[Token]:
    kept: list[Token] = []
    skip_closing = False
    for token in tokens:
        if skip_closing:
            skip_closing = False
            continue
        if token.type == "inline" and "{:" in token.content:
            lines = token.content.split("\n")
            while lines and _KRAMDOWN.fullmatch(lines[-1]):
                lines.pop()
            token.content = "\n".join(lines)
            if not token.content.strip() and kept and kept[-1].type == "paragraph_open":
                kept.pop()
                skip_closing = True
                continue
        kept.append(token)
    return kept


def _heading_attributes(heading: Token, inline: Token) -> None:
    match = _HEADING_ATTRIBUTES.search(inline.content)
    attributes = read_attributes(match.group(1)) if match else None
    if match and attributes:
        inline.content = inline.content[: match.start()]
        _apply(heading, attributes)


def _settle_inlines(state: StateCore) -> None:
    for position, token in enumerate(state.tokens):
        if token.type != "inline" or not token.children:
            continue
        _task_mark(state.tokens, position)
        line = token.map[0] + 1 if token.map else 1
        for child in token.children:
            if child.type in {"softbreak", "hardbreak"}:
                line += 1
            elif child.type == "image":
                _figure(child, line, state.env)
    state.env["nodes"] = limits.check_tokens(state.tokens)


def _task_mark(tokens: list[Token], position: int) -> None:
    if position < 2 or tokens[position - 2].type != "list_item_open":
        return
    children = tokens[position].children or []
    match = _TASK.match(children[0].content) if children[0].type == "text" else None
    if match is None:
        return
    children[0].content = children[0].content[match.end() :]
    done = match.group(1) != " "
    tokens[position - 2].attrs["class"] = "task task-done" if done else "task"
    mark = Token("task_mark", "span", 0)
    mark.meta = {"done": done}
    children.insert(0, mark)


def _figure(image: Token, line: int, env: EnvType) -> None:
    name = unquote(str(image.attrs.get("src", "")))
    attributes: Attributes | None = image.meta.get("attributes")
    written = plain_text(image.children or [])
    caption = str(image.attrs.get("title", "")) or written
    alternative = attributes.values.get("alt", written) if attributes else written
    figure = env["find_figure"](name)
    image.children = []
    image.content = alternative or caption
    if figure is None:
        env["report"](line, _("The figure “%(name)s” is missing.") % {"name": name})
        image.type = "missing_figure"
        return
    image.attrs = {"src": f"{FIGURE_SCHEME}:" + quote(figure.name, safe=""), "alt": alternative}
    if caption:
        image.attrs["title"] = caption
    if attributes and attributes.identifier:
        image.attrs["id"] = attributes.identifier


def plain_text(tokens: list[Token]) -> str:
    """What the inline tokens say without their markup."""
    parts: list[str] = []
    for token in tokens:
        if token.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
        elif token.children:
            parts.append(plain_text(token.children))
        elif token.type != "html_inline":
            parts.append(token.content)
    return "".join(parts)


def _apply(token: Token, attributes: Attributes) -> None:
    if attributes.identifier:
        token.attrs["id"] = attributes.identifier
    for name in ("lang", "dir"):
        if name in attributes.values:
            token.attrs[name] = attributes.values[name]


def _image(
    _renderer: RendererHTML, tokens: list[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    attributes = "".join(f' {name}="{escape(str(v))}"' for name, v in tokens[index].attrs.items())
    return f"<img{attributes}>"


def _missing_figure(
    _renderer: RendererHTML, tokens: list[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    return f'<span class="missing-figure">{escape(tokens[index].content)}</span>'


def _task(
    _renderer: RendererHTML, tokens: list[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    return f'<span class="task-mark">{"☑" if tokens[index].meta["done"] else "☐"}</span> '


def _maths(
    _renderer: RendererHTML, tokens: list[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    token = tokens[index]
    tex = escape(token.content.strip(), quote=False)
    if token.type == "math_block":
        return f'<div class="math display">{tex}</div>\n'
    kind = "display" if token.type == "math_inline_double" else "inline"
    return f'<span class="math {kind}">{tex}</span>'


def _div(
    renderer: RendererHTML, tokens: list[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    token = tokens[index]
    attributes: Attributes = token.meta["attributes"]
    if attributes.classes:
        kind = boxes.kind_of(attributes.classes)
        token.attrs["class"] = boxes.NEUTRAL if kind == boxes.NEUTRAL else f"box {kind}"
    _apply(token, attributes)
    return f"<div{renderer.renderAttrs(token)}>\n"


def _code(
    _renderer: RendererHTML, tokens: list[Token], index: int, _options: OptionsDict, env: EnvType
) -> str:
    token = tokens[index]
    language = language_of(token.info)
    allowance = env.setdefault("allowance", Allowance(limits.MAX_NODES - env.get("nodes", 0)))
    highlighted = highlight(token.content, language, allowance)
    named = f' class="language-{escape(language)}"' if language else ""
    return f"<pre><code{named}>{highlighted}</code></pre>\n"


_RENDER_RULES: Final[dict[str, Any]] = {
    "image": _image,
    "missing_figure": _missing_figure,
    "task_mark": _task,
    "math_inline": _maths,
    "math_inline_double": _maths,
    "math_block": _maths,
    "div_open": _div,
    "fence": _code,
    "code_block": _code,
}
