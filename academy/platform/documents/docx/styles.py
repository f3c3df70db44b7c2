"""The Word styles that a document uses, on top of python-docx's template."""

from typing import Final

from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from docx.styles.style import CharacterStyle, ParagraphStyle

from academy.platform.documents.docx.xml import add, make

BOX_COLOURS: Final = {
    "challenge": ("0B5F63", "F1F7F6"),
    "objectives": ("B78A2D", "FBF7EC"),
    "questions": ("B78A2D", "FBF7EC"),
    "keypoints": ("B78A2D", "FBF7EC"),
    "prereq": ("B78A2D", "FBF7EC"),
    "solution": ("7F9F86", "F6FAF6"),
    "hint": ("7F9F86", "F6FAF6"),
    "spoiler": ("7F9F86", "F6FAF6"),
    "warning": ("A8382F", "FBF1EF"),
    "caution": ("A8382F", "FBF1EF"),
}
CALLOUT_COLOURS: Final = ("8F8778", "FAF8F4")
BOX_STYLES: Final = {"challenge": "Challenge", "solution": "Solution", "hint": "Solution", "spoiler": "Solution"}  # fmt: skip

CODE_COLOURS: Final = {
    "k": "7A3E9D", "ow": "7A3E9D", "kt": "8A4B08", "nc": "8A4B08", "nn": "8A4B08", "s": "2F6B2F",
    "dl": "2F6B2F", "c": "6B655C", "m": "9A3B12", "il": "9A3B12", "nb": "0B5580", "bp": "0B5580",
    "nf": "0B5580", "fm": "0B5580", "nv": "0B5F63", "v": "0B5F63", "nt": "0B5F63", "na": "7D5A10",
    "nd": "7D5A10", "no": "7D5A10", "gp": "6B655C", "gi": "2F6B2F", "gd": "A8382F", "gr": "A8382F",
}  # fmt: skip
_SERIF: Final = ("Georgia", "Noto Serif CJK JP", "Noto Naskh Arabic")
_SANS: Final = ("Calibri", "Noto Sans CJK JP", "Noto Sans Arabic")
_MONO: Final = ("Consolas", "Noto Sans Mono CJK JP", "Noto Sans Arabic")
_INK: Final = "22201C"


def code_colour(css_class: str) -> str:
    """The colour of a Pygments class as RRGGBB; empty for the text's own."""
    return CODE_COLOURS.get(css_class) or CODE_COLOURS.get(css_class[:1], "")


def box_style(kind: str) -> str:
    """The paragraph style of a box of this kind."""
    return BOX_STYLES.get(kind, "Callout")


def prepare_styles(word: WordDocument, language: str) -> None:
    """Every style that the writer names exists; the text's language is declared."""
    _paragraph(word, "Normal", fonts=_SERIF, size=10.5, after=6, line=1.25)
    _paragraph(word, "Title", fonts=_SERIF, size=26, after=8, bold=True)
    _remove_border(word, "Title")
    _paragraph(word, "Subtitle", fonts=_SANS, size=10, after=2, colour="0B5F63", bold=True)
    for level, size in enumerate((17, 14, 12, 11), start=1):
        _paragraph(word, f"Heading {level}", fonts=_SERIF, size=size, before=14, after=5, bold=True)
    for name in ("List Bullet", "List Bullet 2", "List Bullet 3", "List Number", "List Number 2", "List Number 3"):  # fmt: skip
        _paragraph(word, name, fonts=_SERIF, size=10.5, after=3)
    _paragraph(word, "Quote", fonts=_SERIF, size=10.5, after=6, colour="4A463F", indent=18)
    _paragraph(word, "Caption", fonts=_SANS, size=9, after=10, colour="6B655C")
    _paragraph(word, "Code", fonts=_MONO, size=9, after=8, shade="F7F5F0", line=1.15)
    _paragraph(word, "Table Text", fonts=_SANS, size=9.5, after=2)
    _paragraph(word, "After Table", fonts=_SANS, size=4, after=4, line=1)
    _paragraph(word, "Box Label", fonts=_SANS, size=8.5, after=2, colour="6B655C", bold=True)
    _paragraph(word, "Definition Term", fonts=_SERIF, size=10.5, after=1, bold=True)
    _paragraph(word, "Definition", fonts=_SERIF, size=10.5, after=5, indent=20)
    _paragraph(word, "footnote text", fonts=_SERIF, size=9, after=2)
    _paragraph(word, "Callout", fonts=_SERIF, size=10.5, after=4, box=CALLOUT_COLOURS)
    _paragraph(word, "Challenge", fonts=_SERIF, size=10.5, after=4, box=BOX_COLOURS["challenge"])
    _paragraph(word, "Solution", fonts=_SERIF, size=10.5, after=4, box=BOX_COLOURS["solution"])
    _character(word, "Code Inline", fonts=_MONO, size=9.5, shade="F4F1EA")
    _character(word, "Hyperlink", colour="0B5F63", underline=True)
    _character(word, "footnote reference", superscript=True)
    _declare_language(word, language)


def _paragraph(
    word: WordDocument, name: str, *, fonts: tuple[str, str, str], size: float, after: float, **look: object
) -> None:  # fmt: skip
    if name not in word.styles:
        word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style = word.styles[name]
    if not isinstance(style, ParagraphStyle):
        return
    if name not in {"Normal", "Title", "Subtitle"} and style.base_style is None:
        style.base_style = word.styles["Normal"]
    _fonts(style, fonts)
    style.font.size = Pt(size)
    style.font.color.rgb = RGBColor.from_string(str(look.get("colour", _INK)))
    style.font.bold, style.font.italic = bool(look.get("bold")), False
    style.font.cs_bold = bool(look.get("bold"))
    _complex_script_size(style)
    spacing = style.paragraph_format
    spacing.space_after = Pt(after)
    spacing.space_before = Pt(float(str(look.get("before", 0))))
    spacing.line_spacing = float(str(look.get("line", 1.2)))
    if "indent" in look:
        spacing.left_indent = Pt(float(str(look["indent"])))
    box = look.get("box")
    bar, shade = box if isinstance(box, tuple) else ("", look.get("shade", ""))
    _box(style, str(bar), str(shade))


def _box(style: ParagraphStyle, bar: str, shade: str) -> None:
    properties = style.element.get_or_add_pPr()
    before = ("w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:bidi", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:outlineLvl")  # fmt: skip
    if bar:
        borders = make("w:pBdr")
        add(borders, "w:left", val="single", sz="18", space="8", color=bar)
        properties.insert_element_before(borders, "w:shd", *before)
    if shade:
        fill = make("w:shd", val="clear", color="auto", fill=shade)
        properties.insert_element_before(fill, *before)


def _character(word: WordDocument, name: str, **look: object) -> None:
    if name not in word.styles:
        word.styles.add_style(name, WD_STYLE_TYPE.CHARACTER)
    style = word.styles[name]
    if not isinstance(style, CharacterStyle):
        return
    fonts = look.get("fonts")
    if isinstance(fonts, tuple):
        _fonts(style, fonts)
    if "size" in look:
        style.font.size = Pt(float(str(look["size"])))
        _complex_script_size(style)
    if "colour" in look:
        style.font.color.rgb = RGBColor.from_string(str(look["colour"]))
    if look.get("underline"):
        style.font.underline = True
    if look.get("superscript"):
        style.font.superscript = True
    if "shade" in look:
        add(
            style.element.get_or_add_rPr(),
            "w:shd",
            val="clear",
            color="auto",
            fill=str(look["shade"]),
        )


def _complex_script_size(style: ParagraphStyle | CharacterStyle) -> None:
    """Arabic is as large as Latin text: Word keeps a size of its own for it."""
    properties = style.element.get_or_add_rPr()
    for old in properties.findall(qn("w:szCs")):
        properties.remove(old)
    size = properties.find(qn("w:sz"))
    if size is not None:
        size.addnext(make("w:szCs", val=str(size.get(qn("w:val")))))


def _fonts(style: ParagraphStyle | CharacterStyle, fonts: tuple[str, ...]) -> None:
    latin, east_asian, complex_script = fonts
    style.font.name = latin
    chosen = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(chosen.attrib):
        del chosen.attrib[name]
    for name, font in (("ascii", latin), ("hAnsi", latin), ("eastAsia", east_asian), ("cs", complex_script)):  # fmt: skip
        chosen.set(qn(f"w:{name}"), font)


def _remove_border(word: WordDocument, name: str) -> None:
    for border in word.styles[name].element.iter(qn("w:pBdr")):
        border.getparent().remove(border)
        return


def _declare_language(word: WordDocument, language: str) -> None:
    for declared in list(word.styles.element.iter(qn("w:lang"))):
        declared.set(qn("w:val"), language)
        primary = language.split("-", 1)[0]
        declared.set(qn("w:eastAsia"), language if primary in {"ja", "zh", "ko"} else "ja-JP")
        declared.set(qn("w:bidi"), language if primary in {"ar", "he", "fa", "ur"} else "ar-SA")
