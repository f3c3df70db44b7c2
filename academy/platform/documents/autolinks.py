"""Bare addresses become links, in time linear in the text.

The ready-made plugin searches all text before each colon: 200 KB of `{:` took it five minutes.
"""

import re
from typing import Final

from markdown_it.common.normalize_url import normalizeLink
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_ADDRESS: Final = re.compile(
    r"(?<![\w@.+-])(?:(?P<web>https?://|www\.)[^\s<>\"]{1,2000}"
    r"|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})",
    re.ASCII,
)


def link_addresses(state: StateCore) -> None:
    """Addresses of pages and mailboxes in running text are links."""
    for token in state.tokens:
        if token.type == "inline" and token.children and _may_hold_one(token.content):
            token.children = _linked(token.children)


def _may_hold_one(text: str) -> bool:
    return "://" in text or "www." in text or "@" in text


def _linked(children: list[Token]) -> list[Token]:
    linked: list[Token] = []
    links_open = 0
    for child in children:
        links_open += child.nesting if child.type in {"link_open", "link_close"} else 0
        if child.type == "text" and not links_open:
            linked.extend(_split(child))
        else:
            linked.append(child)
    return linked


def _split(token: Token) -> list[Token]:
    pieces: list[Token] = []
    position = 0
    for match in _ADDRESS.finditer(token.content):
        text = _without_punctuation(match.group())
        prefix = {None: "mailto:", "www.": "https://"}.get(match.group("web"), "")
        if not text or text in {"www", "http:", "https:"}:
            continue
        pieces.append(_text(token.content[position : match.start()], token.level))
        opening = Token("link_open", "a", 1, attrs={"href": normalizeLink(prefix + text)})
        pieces += [opening, _text(text, token.level + 1), Token("link_close", "a", -1)]
        position = match.start() + len(text)
    pieces.append(_text(token.content[position:], token.level))
    return pieces


def _without_punctuation(address: str) -> str:
    while address:
        if address[-1] == ")" and address.count(")") <= address.count("("):
            return address
        if address[-1] not in ".,:;!?'*_~)":
            return address
        address = address[:-1]
    return address


def _text(content: str, level: int) -> Token:
    return Token("text", "", 0, content=content, level=level)
