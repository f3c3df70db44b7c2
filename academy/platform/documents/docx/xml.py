"""WordprocessingML elements, children in the order of the schema (ECMA-376, part 1, section 17)."""

from dataclasses import dataclass, replace

from docx.oxml.ns import nsmap, qn
from lxml import etree
from lxml.etree import _Element as Element

__all__ = [
    "Element",
    "ParagraphLook",
    "RunLook",
    "add",
    "add_field",
    "add_paragraph",
    "add_run",
    "make",
    "space_around",
]


def make(tag: str, **attributes: str) -> Element:
    """An element such as `w:p`; attribute `val` becomes `w:val`."""
    prefix = tag.split(":", 1)[0]
    element = etree.Element(qn(tag), nsmap={prefix: nsmap[prefix]})
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    return element


def add(parent: Element, tag: str, **attributes: str) -> Element:
    """The new last child of the parent."""
    element = etree.SubElement(parent, qn(tag))
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    return element


@dataclass(frozen=True, slots=True)
class RunLook:
    """How a run of text looks."""

    style: str = ""
    bold: bool = False
    italic: bool = False
    strike: bool = False
    underline: bool = False
    colour: str = ""
    shade: str = ""
    vertical: str = ""
    right_to_left: bool = False

    def but(self, **changes: bool | str) -> "RunLook":
        """The same look with some changes."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def properties(self) -> Element | None:
        """The `w:rPr`; None when nothing is special."""
        if self == RunLook():
            return None
        properties = make("w:rPr")
        if self.style:
            add(properties, "w:rStyle", val=self.style)
        switches = {"w:b": self.bold, "w:bCs": self.bold, "w:i": self.italic, "w:iCs": self.italic, "w:strike": self.strike}  # fmt: skip
        for tag in (tag for tag, wanted in switches.items() if wanted):
            add(properties, tag)
        underline = "single" if self.underline else ""
        for tag, value in (("w:color", self.colour), ("w:u", underline), ("w:shd", self.shade)):
            if value and tag == "w:shd":
                add(properties, tag, val="clear", color="auto", fill=value)
            elif value:
                add(properties, tag, val=value)
        if self.vertical:
            add(properties, "w:vertAlign", val=self.vertical)
        if self.right_to_left:
            add(properties, "w:rtl")
        return properties


def add_run(parent: Element, text: str, look: RunLook) -> None:
    """The text as a run; a line feed is a line break."""
    run = add(parent, "w:r")
    properties = look.properties()
    if properties is not None:
        run.append(properties)
    for number, line in enumerate(text.split("\n")):
        if number:
            add(run, "w:br")
        if line:
            written = add(run, "w:t")
            written.text = line
            written.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def add_field(parent: Element, instruction: str) -> None:
    """A field such as PAGE, worked out by the reader's program."""
    for kind in ("begin", "separate", "end"):
        if kind == "separate":
            code = add(add(parent, "w:r"), "w:instrText")
            code.text = f" {instruction} "
            code.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        add(add(parent, "w:r"), "w:fldChar", fldCharType=kind)
        if kind == "separate":
            add(add(parent, "w:r"), "w:t").text = "1"


@dataclass(frozen=True, slots=True)
class ParagraphLook:
    """How a paragraph looks; lengths in twentieths of a point, colours as RRGGBB."""

    style: str = ""
    numbering: tuple[int, int] | None = None
    bar: str = ""
    bar_space: int = 8
    shade: str = ""
    right_to_left: bool = False
    indent: int = 0
    hanging: int = 0
    alignment: str = ""
    keep_next: bool = False

    def but(self, **changes: object) -> "ParagraphLook":
        """The same look with some changes."""
        return replace(self, **changes)  # type: ignore[arg-type]


def add_paragraph(parent: Element, look: ParagraphLook) -> Element:
    """The new last paragraph of the parent."""
    paragraph = add(parent, "w:p")
    properties = make("w:pPr")
    if look.style:
        add(properties, "w:pStyle", val=look.style)
    if look.keep_next:
        add(properties, "w:keepNext")
    if look.numbering is not None:
        numbering = add(properties, "w:numPr")
        add(numbering, "w:ilvl", val=str(look.numbering[1]))
        add(numbering, "w:numId", val=str(look.numbering[0]))
    if look.bar:
        borders = add(properties, "w:pBdr")
        side = "w:right" if look.right_to_left else "w:left"
        add(borders, side, val="single", sz="18", space=str(look.bar_space), color=look.bar)
    if look.shade:
        add(properties, "w:shd", val="clear", color="auto", fill=look.shade)
    if look.right_to_left:
        add(properties, "w:bidi")
    if look.hanging or look.indent:
        add(properties, "w:ind", left=str(look.indent), hanging=str(look.hanging))
    if look.alignment:
        add(properties, "w:jc", val=look.alignment)
    if len(properties):
        paragraph.append(properties)
    return paragraph


def space_around(paragraph: Element, **twentieths: int) -> None:
    """The paragraph keeps so much space `before` and `after` it, whatever its style says."""
    properties = paragraph.find(qn("w:pPr"))
    if properties is None:
        properties = make("w:pPr")
        paragraph.insert(0, properties)
    spacing = properties.find(qn("w:spacing"))
    if spacing is None:
        spacing = make("w:spacing")
        following = [properties.find(qn(name)) for name in ("w:ind", "w:jc")]
        first = next((element for element in following if element is not None), None)
        if first is None:
            properties.append(spacing)
        else:
            first.addprevious(spacing)
    for name, value in twentieths.items():
        spacing.set(qn(f"w:{name}"), str(value))
