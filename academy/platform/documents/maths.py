"""TeX becomes MathML; TeX that cannot be read stays readable as code."""

from functools import lru_cache
from typing import Final

from latex2mathml.converter import convert
from lxml import etree

MAX_TEX_CHARACTERS: Final = 2_000

_NAMESPACE: Final = "{http://www.w3.org/1998/Math/MathML}"
_ELEMENTS: Final = frozenset({"math", "menclose", "mfrac", "mi", "mlabeledtr", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom", "mprescripts", "none", "mroot", "mrow", "ms", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover"})  # fmt: skip
_ATTRIBUTES: Final = frozenset({"accent", "accentunder", "columnalign", "columnlines", "columnspacing", "columnspan", "depth", "display", "displaystyle", "fence", "form", "height", "largeop", "linethickness", "lspace", "mathvariant", "maxsize", "minsize", "movablelimits", "notation", "rowlines", "rowspacing", "rowspan", "rspace", "scriptlevel", "separator", "stretchy", "symmetric", "voffset", "width"})  # fmt: skip


class UnreadableTexError(ValueError):
    """The TeX means nothing to the converter."""


@lru_cache(maxsize=512)
def mathml(tex: str, *, display: bool) -> str:
    """MathML without namespace, presentation elements only, `alttext` = the TeX.

    Raises:
        UnreadableTexError: The TeX cannot be read.
    """
    if not tex or len(tex) > MAX_TEX_CHARACTERS:
        raise UnreadableTexError(tex[:100])
    # On invalid TeX latex2mathml lets IndexError, KeyError, StopIteration and more escape.
    try:
        root = etree.fromstring(convert(tex, display="block" if display else "inline"))
    except Exception as error:
        raise UnreadableTexError(tex[:100]) from error
    for element in root.iter():
        _harmless(element)
    root.set("alttext", tex)
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="unicode")


def _harmless(element: etree._Element) -> None:
    tag = str(element.tag).removeprefix(_NAMESPACE)
    if tag not in _ELEMENTS:
        raise UnreadableTexError(tag)
    element.tag = tag
    for name in element.attrib:
        if str(name) not in _ATTRIBUTES:
            del element.attrib[name]


def formula(tex: str, *, display: bool) -> etree._Element:
    """A `math` element, or the source as `code` where it cannot be read."""
    try:
        return etree.fromstring(mathml(tex, display=display))
    except UnreadableTexError:
        return source_of(tex)


def source_of(tex: str) -> etree._Element:
    """The TeX itself, as code."""
    code = etree.Element("code", {"class": "math-source"})
    code.text = tex
    return code
