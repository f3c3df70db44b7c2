"""A document on a web page.

What the page's own stylesheet meets, besides plain elements:

- `.box` with its kind: `.callout .caution .challenge .checklist .discussion .hint .important
  .instructor .keypoints .note .objectives .prereq .questions .solution .spoiler .testimonial .tip
  .warning`, or none (a neutral box). `p.box-label` says the kind, `.box-title` is its heading.
  `details.box` for `.solution .hint .spoiler`, with `summary` around label and title.
- `div.table-scroll` (focusable, scrolls sideways) around each table; `.align-left .align-center
  .align-right` on cells.
- `pre[tabindex]`, `pre[data-language]`, `code.language-*`; inside, Pygments' short classes
  (`k`, `s1`, `nb`, `gp`, ...), coloured by `academy/css/code.css`.
- `figure > img + figcaption`; `span.missing-figure` for a picture that is not there.
- `math` (MathML), `div.math.display` around displayed formulas, `code.math-source` for bad TeX.
- `sup.footnote-ref`, `section.footnotes`, `ol.footnotes-list`, `li.footnote-item`,
  `a.footnote-backref`.
- `li.task`, `li.task-done`, `span.task-mark` (☐ or ☑).

Nothing carries a `style` attribute or a handler, so a strict content security policy holds.
"""

from collections.abc import Callable

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from lxml import etree

from academy.platform.documents import tree
from academy.platform.documents.finishing import label_boxes, replace_maths
from academy.platform.documents.gating import gate
from academy.platform.documents.markdown import Document, Figure
from academy.platform.documents.maths import formula

__all__ = ["gate", "to_page_html"]


def to_page_html(document: Document, *, figure_url: Callable[[Figure], str]) -> SafeString:
    """The document as a page shows it, labels in the active language, solutions folded."""
    root = tree.read_tree(document.html)
    _show_figures(root, document, figure_url)
    replace_maths(root, formula)
    label_boxes(root, fold=True)
    _make_scrollable(root)
    _name_parts(root)
    return mark_safe(tree.write_tree(root))  # noqa: S308 - built from sanitised HTML


def _show_figures(
    root: etree._Element, document: Document, figure_url: Callable[[Figure], str]
) -> None:
    by_name = {figure.name: figure for figure in document.figures}
    for image in root.iter("img"):
        figure = by_name[tree.take(image, "data-figure")]
        image.set("src", figure_url(figure))
        image.set("loading", "lazy")
        image.set("decoding", "async")
        if figure.width_px and figure.height_px:
            image.set("width", str(figure.width_px))
            image.set("height", str(figure.height_px))


def _make_scrollable(root: etree._Element) -> None:
    for number, table in enumerate(list(root.iter("table")), start=1):
        caption = table.find("caption")
        label = " ".join(tree.text_of(caption).split()) if caption is not None else ""
        attributes = {
            "class": "table-scroll",
            "role": "region",
            "tabindex": "0",
            "aria-label": f"{_('Table %(number)d') % {'number': number}} {label}".strip(),
        }
        region = etree.Element("div", attributes)
        tree.replace(table, region)
        region.append(table)
    for block in root.iter("pre"):
        block.set("tabindex", "0")
        code = block.find("code")
        language = code.get("class", "").removeprefix("language-") if code is not None else ""
        if language:
            block.set("data-language", language)


def _name_parts(root: etree._Element) -> None:
    for mark in root.iter("span"):
        if tree.has_class(mark, "task-mark"):
            mark.set("role", "img")
            mark.set("aria-label", _("done") if mark.text == "☑" else _("to do"))
    for section in root.iter("section"):
        if tree.has_class(section, "footnotes"):
            section.set("aria-label", _("Footnotes"))
    for link in root.iter("a"):
        if tree.has_class(link, "footnote-backref"):
            link.set("aria-label", _("Back to the text"))
