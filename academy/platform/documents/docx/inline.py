"""Running text: runs, links, formulas, pictures, references."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from docx.document import Document as WordDocument
from docx.image.exceptions import UnrecognizedImageError
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.part import Part
from docx.oxml.ns import qn
from docx.shared import Emu
from lxml import etree
from mathml_to_omml import convert

from academy.platform.documents.docx.footnotes import Footnotes, add_reference
from academy.platform.documents.docx.styles import code_colour
from academy.platform.documents.docx.xml import Element, RunLook, add, add_run
from academy.platform.documents.figures import to_png
from academy.platform.documents.markdown import Figure
from academy.platform.documents.maths import UnreadableTexError, mathml
from academy.platform.documents.meta import DocumentMeta
from academy.platform.documents.text import runs_right_to_left
from academy.platform.documents.tree import has_class, raw_text

EMU_A_PX: Final = 9_525
MAX_WIDTH_EMU: Final = 5_700_000
MAX_HEIGHT_EMU: Final = 7_000_000
_OMML: Final = "http://schemas.openxmlformats.org/officeDocument/2006/math"
_LOOKS: Final[dict[str, dict[str, bool | str]]] = {
    "strong": {"bold": True}, "b": {"bold": True}, "em": {"italic": True}, "i": {"italic": True},
    "cite": {"italic": True}, "dfn": {"italic": True}, "var": {"italic": True},
    "del": {"strike": True}, "s": {"strike": True}, "ins": {"underline": True},
    "u": {"underline": True}, "sup": {"vertical": "superscript"}, "sub": {"vertical": "subscript"},
    "mark": {"shade": "FFF3B0"}, "code": {"style": "CodeInline"}, "kbd": {"style": "CodeInline"}, "samp": {"style": "CodeInline"},
}  # fmt: skip


@dataclass(slots=True)
class Writing:
    """What the whole document shares while it is written."""

    word: WordDocument
    meta: DocumentMeta
    footnotes: Footnotes
    figures: dict[str, Figure]
    load_figure: Callable[[Figure], bytes]
    notes: dict[str, Element] = field(default_factory=dict)
    anchors: dict[str, str] = field(default_factory=dict)
    part: Part | None = None
    write_note: Callable[[Element], int] | None = None
    _pictures: dict[str, bytes] = field(default_factory=dict)
    _next_id: int = 1

    def new_id(self) -> str:
        """A number that nothing else in the document has."""
        self._next_id += 1
        return str(self._next_id)

    def picture(self, figure: Figure) -> bytes:
        """The figure as PNG or JPEG, drawn once."""
        if figure.name not in self._pictures:
            self._pictures[figure.name] = to_png(
                self.load_figure(figure), content_type=figure.content_type, max_width_px=1_600
            )
        return self._pictures[figure.name]

    def current_part(self) -> Part:
        """The part that relationships of the text being written belong to."""
        return self.part or self.word.part


def write_inline(writing: Writing, source: Element, target: Element, look: RunLook) -> None:
    """The content of the source, without its own tag, stands in the target."""
    if source.text:
        _write_text(target, source.text, look)
    for child in source:
        _write_element(writing, child, target, look)
        tail = child.tail or ""
        _write_text(target, tail.lstrip() if child.tag == "br" else tail, look)


def _write_text(target: Element, text: str, look: RunLook) -> None:
    collapsed = " ".join(text.split())
    if text[:1].isspace():
        collapsed = f" {collapsed}"
    if text[-1:].isspace() and collapsed.strip():
        collapsed += " "
    if not collapsed:
        return
    turned = look.right_to_left or runs_right_to_left(collapsed)
    add_run(target, collapsed, look.but(right_to_left=turned))


def _write_element(writing: Writing, child: Element, target: Element, look: RunLook) -> None:
    if child.tag == "br":
        add(add(target, "w:r"), "w:br")
    elif child.tag == "img":
        write_picture(writing, child, target)
    elif has_class(child, "math"):
        write_formula(child, target, display=has_class(child, "display"))
    elif has_class(child, "footnote-ref"):
        _write_reference(writing, child, target)
    elif child.tag == "a" and child.get("href"):
        _write_link(writing, child, target, look)
    elif child.tag in {"ul", "ol", "table", "pre"}:
        add_run(target, raw_text(child), look)
    else:
        _write_bookmarked(writing, child, target, look.but(**_LOOKS.get(str(child.tag), {})))


def _write_bookmarked(writing: Writing, child: Element, target: Element, look: RunLook) -> None:
    if child.get("id") in writing.anchors:
        add_bookmark(writing, str(child.get("id")), target)
    if child.get("dir") in {"ltr", "rtl"}:
        look = look.but(right_to_left=child.get("dir") == "rtl")
    write_inline(writing, child, target, look)


def add_bookmark(writing: Writing, identifier: str, target: Element) -> None:
    """Links to the id lead to this place."""
    number = writing.new_id()
    start = add(target, "w:bookmarkStart", id=number)
    start.set(qn("w:name"), writing.anchors[identifier])
    add(target, "w:bookmarkEnd", id=number)


def _write_link(writing: Writing, link: Element, target: Element, look: RunLook) -> None:
    href = str(link.get("href"))
    hyperlink = add(target, "w:hyperlink", history="1")
    if href.startswith("#"):
        hyperlink.set(qn("w:anchor"), writing.anchors.get(href[1:], "_top"))
    else:
        address = writing.meta.absolute(href)
        part = writing.current_part()
        relation = part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        hyperlink.set(qn("r:id"), relation)
    write_inline(writing, link, hyperlink, look.but(style="Hyperlink"))


def _write_reference(writing: Writing, reference: Element, target: Element) -> None:
    link = reference.find("a")
    note = writing.notes.get(str(link.get("href", ""))[1:]) if link is not None else None
    if note is None or writing.write_note is None:
        write_inline(writing, reference, target, RunLook(vertical="superscript"))
    else:
        add_reference(target, writing.write_note(note))


def write_picture(writing: Writing, image: Element, target: Element) -> None:
    """The figure stands in the paragraph, at most as wide as the text."""
    figure = writing.figures[str(image.get("data-figure"))]
    data = writing.picture(figure)
    part = writing.current_part()
    alternative = str(image.get("alt") or "")
    if part is not writing.word.part:
        add_run(target, alternative, RunLook(italic=True))
        return
    try:
        inline = writing.word.part.new_pic_inline(io.BytesIO(data))
    except UnrecognizedImageError:
        add_run(target, alternative, RunLook(italic=True))
        return
    width, height = _size(figure, inline.extent.cx, inline.extent.cy)
    inline.extent.cx, inline.extent.cy = width, height
    inline.graphic.graphicData.pic.spPr.cx, inline.graphic.graphicData.pic.spPr.cy = width, height
    for side in ("distT", "distB", "distL", "distR"):
        inline.set(side, "0")
    inline.docPr.set("id", writing.new_id())
    inline.docPr.set("descr", alternative)
    inline.docPr.set("name", figure.name.rsplit("/", 1)[-1])
    add(add(target, "w:r"), "w:drawing").append(inline)


def _size(figure: Figure, natural_width: int, natural_height: int) -> tuple[Emu, Emu]:
    width = figure.width_px * EMU_A_PX if figure.width_px else natural_width
    height = width * natural_height / max(1, natural_width)
    scale = min(1.0, MAX_WIDTH_EMU / max(1, width), MAX_HEIGHT_EMU / max(1, height))
    return Emu(max(1, int(width * scale))), Emu(max(1, int(height * scale)))


def write_formula(source: Element, target: Element, *, display: bool) -> None:
    """The formula as OMML; TeX that cannot be read stands as code."""
    tex = raw_text(source)
    try:
        formula = etree.fromstring(_omml(tex, display=display))
    except UnreadableTexError:
        add_run(target, tex, RunLook(style="CodeInline"))
        return
    if display:
        paragraph = etree.SubElement(target, f"{{{_OMML}}}oMathPara")
        paragraph.append(formula)
    else:
        target.append(formula)


@lru_cache(maxsize=512)
def _omml(tex: str, *, display: bool) -> str:
    source = mathml(tex, display=display).replace(
        "<math", '<math xmlns="http://www.w3.org/1998/Math/MathML"', 1
    )
    try:
        written = str(convert(source))
    except (LookupError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableTexError(tex[:100]) from error
    declared = written.replace("<m:oMath>", f'<m:oMath xmlns:m="{_OMML}">', 1)
    try:
        etree.fromstring(declared)
    except etree.XMLSyntaxError as error:
        raise UnreadableTexError(tex[:100]) from error
    return declared


def write_code(source: Element, paragraph: Element) -> None:
    """Lines of code with their colours."""
    code = source.find("code")
    inside = code if code is not None else source
    _add_code(paragraph, inside.text or "", "", last=not len(inside))
    for number, child in enumerate(inside, start=1):
        last = number == len(inside)
        _add_code(
            paragraph, raw_text(child), str(child.get("class", "")), last=last and not child.tail
        )
        _add_code(paragraph, child.tail or "", "", last=last)


def _add_code(paragraph: Element, text: str, css_class: str, *, last: bool) -> None:
    if last:
        text = text.rstrip("\n")
    if text:
        add_run(paragraph, text.expandtabs(4), RunLook(colour=code_colour(css_class)))
