"""SVG that can only be looked at: an allow-list of elements, no way out of the file."""

import re
from typing import Final

from django.utils.translation import gettext as _
from lxml import etree

from academy.platform.documents.errors import UnusableFigureError

MAX_SVG_BYTES: Final = 5 * 1024 * 1024
MAX_SVG_ELEMENTS: Final = 50_000
MAX_SVG_USES: Final = 1_000
MAX_SVG_DRAWN: Final = 200_000
MAX_SVG_NESTED_REFERENCES: Final = 32
MAX_SVG_PATH_CHARACTERS: Final = 3_000_000
MAX_FILTER_PRIMITIVES: Final = 20
MAX_ALL_PRIMITIVES: Final = 100
MAX_BLUR: Final = 100
MAX_GROWTH: Final = 10  # its square is the work for each pixel
MAX_SIDE_PX: Final = 10_000
DEFAULT_SIZE_PX: Final = (300, 150)

_SVG: Final = "http://www.w3.org/2000/svg"
_ELEMENTS: Final = frozenset({"a", "circle", "clipPath", "defs", "desc", "ellipse", "feBlend", "feColorMatrix", "feComponentTransfer", "feComposite", "feDropShadow", "feFlood", "feFuncA", "feFuncB", "feFuncG", "feFuncR", "feGaussianBlur", "feMerge", "feMergeNode", "feMorphology", "feOffset", "feTile", "filter", "g", "image", "line", "linearGradient", "marker", "mask", "path", "pattern", "polygon", "polyline", "radialGradient", "rect", "stop", "style", "svg", "switch", "symbol", "text", "textPath", "title", "tspan", "use"})  # fmt: skip
_INNER_IMAGE: Final = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,", re.IGNORECASE)
_REACHES_OUT: Final = re.compile(r"@import|@font-face|expression|javascript:|\\|url\(\s*['\"]?\s*(?!#)", re.IGNORECASE)  # fmt: skip
_DOCTYPE: Final = re.compile(rb"<!DOCTYPE[^>\[]*>", re.IGNORECASE)
_DECLARATIONS: Final = re.compile(rb"<!(?:ENTITY|DOCTYPE|ELEMENT|ATTLIST)", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?")
_REFERENCE: Final = re.compile(r"url\(\s*['\"]?#([^'\")\s]+)")
_LENGTH: Final = re.compile(
    r"\s*([0-9]*\.?[0-9]+(?:e[+-]?[0-9]+)?)\s*(px|pt|pc|mm|cm|in|em|ex)?\s*$"
)
_UNITS: Final = {"px": 1, "pt": 96 / 72, "pc": 16, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96, "em": 16, "ex": 8}  # fmt: skip


def sanitise_svg(data: bytes) -> bytes:
    """The picture with nothing in it that could act, load or declare.

    Raises:
        UnusableFigureError: It is not SVG, is too large, or declares entities.
    """
    return etree.tostring(read_svg(data), encoding="utf-8", xml_declaration=True)


def read_svg(data: bytes) -> etree._Element:
    """The sanitised root element; raises as `sanitise_svg` does."""
    if len(data) > MAX_SVG_BYTES:
        raise UnusableFigureError(_("This SVG is larger than 5 MB."))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode()
    data = _DOCTYPE.sub(b"", data, count=1)
    if _DECLARATIONS.search(data):
        raise UnusableFigureError(_("This SVG declares entities. Save it as plain SVG."))
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnusableFigureError(_("This SVG cannot be read: %s") % error) from error
    if root.tag != f"{{{_SVG}}}svg":
        raise UnusableFigureError(_("This file is not an SVG picture."))
    _strip(root)
    return root


def _strip(root: etree._Element) -> None:
    elements = list(root.iter())
    uses = sum(1 for element in elements if element.tag == f"{{{_SVG}}}use")
    if len(elements) > MAX_SVG_ELEMENTS or uses > MAX_SVG_USES:
        raise _too_much()
    for element in elements[1:]:
        name = etree.QName(element)
        if name.namespace != _SVG or name.localname not in _ELEMENTS or _style_reaches_out(element):
            parent = element.getparent()
            if parent is not None:
                element.tail = None
                parent.remove(element)
    for element in root.iter():
        _strip_attributes(element)
    _check_shapes(root)
    _check_filters(root)
    _check_references(root)


def _too_much() -> UnusableFigureError:
    return UnusableFigureError(_("This SVG has more parts than can be drawn. Simplify it."))


def _check_shapes(root: etree._Element) -> None:
    written = sum(
        len(element.get("d", "")) + len(element.get("points", "")) for element in root.iter()
    )
    if written > MAX_SVG_PATH_CHARACTERS:
        raise _too_much()


def _check_filters(root: etree._Element) -> None:
    """Effects are few, and none reaches further than can be drawn; browsers draw them too."""
    every = 0
    for effects in root.iter(f"{{{_SVG}}}filter"):
        every += len(effects)
        if len(effects) > MAX_FILTER_PRIMITIVES or every > MAX_ALL_PRIMITIVES:
            raise UnusableFigureError(_("This SVG has more filter effects than can be drawn."))
        for effect in effects:
            _bound(effect, "stdDeviation", MAX_BLUR)
            _bound(effect, "radius", MAX_GROWTH)


def _bound(effect: etree._Element, name: str, most: int) -> None:
    def bounded(number: re.Match[str]) -> str:
        return number.group() if float(number.group()) <= most else str(most)

    if name in effect.attrib:
        effect.set(name, _NUMBER.sub(bounded, effect.get(name, "")))


def _check_references(root: etree._Element) -> None:
    """What is referred to is drawn again each time, and again by what refers to that."""
    targets = {element.get("id"): element for element in root.iter() if element.get("id")}
    weights: dict[str, int] = {}

    def weight(element: etree._Element, depth: int) -> int:
        if depth > MAX_SVG_NESTED_REFERENCES:
            raise _too_much()
        total = 0
        for part in element.iter():
            total += 1
            for name in _references(part):
                if name not in weights and name in targets:
                    weights[name] = 0  # a circle: drawn by nobody
                    weights[name] = weight(targets[name], depth + 1)
                total += weights.get(name, 0)
            if total > MAX_SVG_DRAWN:
                raise _too_much()
        return total

    weight(root, 0)


def _references(element: etree._Element) -> list[str]:
    found = []
    for key, value in element.attrib.items():
        if etree.QName(str(key)).localname == "href":
            found.append(str(value).removeprefix("#"))
        elif "url(" in str(value):
            found += _REFERENCE.findall(str(value))
    return found


def _style_reaches_out(element: etree._Element) -> bool:
    is_style = element.tag == f"{{{_SVG}}}style"
    return is_style and bool(_REACHES_OUT.search(element.text or ""))


def _strip_attributes(element: etree._Element) -> None:
    for key, raw in list(element.attrib.items()):
        name, value = str(key), str(raw)
        local = etree.QName(name).localname
        if local == "href":
            allowed = value.startswith("#") or bool(_INNER_IMAGE.match(value))
        elif name.startswith("{"):
            allowed = name == "{http://www.w3.org/XML/1998/namespace}space"
        else:
            allowed = not local.lower().startswith("on") and not _REACHES_OUT.search(value)
        if not allowed:
            del element.attrib[key]


def svg_size(root: etree._Element) -> tuple[int, int]:
    """Width and height in CSS pixels, as a browser takes them (SVG 2, section 8.2)."""
    box = [
        float(part) for part in re.findall(r"-?[0-9.]+(?:e-?[0-9]+)?", root.get("viewBox", ""))[:4]
    ]
    width, height = _pixels(root.get("width", "")), _pixels(root.get("height", ""))
    has_box = len(box) == 4 and box[2] > 0 and box[3] > 0
    if width and not height:
        height = width * box[3] / box[2] if has_box else DEFAULT_SIZE_PX[1]
    elif height and not width:
        width = height * box[2] / box[3] if has_box else DEFAULT_SIZE_PX[0]
    elif not width or not height:
        width, height = (box[2], box[3]) if has_box else DEFAULT_SIZE_PX
    return _bounded(width), _bounded(height)


def _pixels(length: str) -> float:
    match = _LENGTH.match(length)
    return float(match.group(1)) * _UNITS[match.group(2) or "px"] if match else 0.0


def _bounded(side: float) -> int:
    return max(1, min(MAX_SIDE_PX, round(side)))
