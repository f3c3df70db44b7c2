"""The allow-list that every rendered text passes through."""

from functools import lru_cache
from typing import Final

import nh3
from pygments.token import STANDARD_TYPES

from academy.platform.documents import boxes
from academy.platform.documents.raw_html import DROPPED_WHOLE

FIGURE_SCHEME: Final = "figure"

_TAGS: Final = frozenset({"a", "abbr", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp", "section", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "u", "ul", "var", "wbr"})  # fmt: skip
_ALIGNMENTS: Final = {"align-left", "align-center", "align-right"}
_CODE_CLASSES: Final = {name for name in STANDARD_TYPES.values() if name}
_CLASSES: Final[dict[str, set[str]]] = {
    "div": {"box", "math", "display", *boxes.LABELS},
    "span": {"math", "inline", "display", "missing-figure", "task-mark"} | _CODE_CLASSES,
    "li": {"task", "task-done", "footnote-item"},
    "th": _ALIGNMENTS,
    "td": _ALIGNMENTS,
    "sup": {"footnote-ref"},
    "section": {"footnotes"},
    "ol": {"footnotes-list"},
    "hr": {"footnotes-sep"},
    "a": {"footnote-backref"},
}
_ATTRIBUTES: Final[dict[str, set[str]]] = {
    "*": {"id", "lang", "dir", "title"},
    "a": {"href"},
    "code": {"class"},
    "details": {"open"},
    "img": {"src", "alt"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}


def sanitise(html: str) -> str:
    """Well-formed HTML in which nothing acts and no address but web, mail and figures is left."""
    return _cleaner().clean(html)


@lru_cache(maxsize=1)
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_TAGS),
        clean_content_tags=set(DROPPED_WHOLE),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        allowed_classes=_CLASSES,
        url_schemes={"http", "https", "mailto", FIGURE_SCHEME},
        link_rel=None,
        strip_comments=True,
    )
