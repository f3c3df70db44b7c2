"""Pictures: what they are by their own bytes, and as PNG for documents."""

import io
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _
from lxml import etree
from PIL import Image, ImageFile, UnidentifiedImageError

from academy.platform.documents import drawing
from academy.platform.documents.errors import UnusableFigureError
from academy.platform.documents.fonts import font_folders
from academy.platform.documents.svg import read_svg, sanitise_svg, svg_size

__all__ = ["FigureInfo", "inspect", "sanitise_svg", "to_png"]

MAX_PICTURE_BYTES: Final = 20 * 1024 * 1024
MAX_PICTURE_PIXELS: Final = 40_000_000
MAX_PNG_SIDE_PX: Final = 4_000
MAX_PNG_PIXELS: Final = MAX_PNG_SIDE_PX**2

SVG_CONTENT_TYPE: Final = "image/svg+xml"
_CONTENT_TYPES: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}  # fmt: skip

_TRUNCATION_LOCK: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class FigureInfo:
    """What a picture is: its media type, its size in CSS pixels."""

    content_type: str
    width_px: int
    height_px: int


def inspect(data: bytes, *, name: str, side_limit_px: int = MAX_PNG_SIDE_PX) -> FigureInfo:
    """What the bytes are, whatever the name says; the whole picture has been read once.

    It has at most `side_limit_px` squared pixels. With the limit as it is a JPEG may have more,
    since only a part of them is read.

    Raises:
        UnusableFigureError: They are no picture that can be shown, too large, or cut off.
    """
    if len(data) > MAX_PICTURE_BYTES:
        raise UnusableFigureError(_("“%(name)s” is larger than 20 MB.") % {"name": name})
    if _looks_like_markup(data):
        root = read_svg(data)
        return FigureInfo(SVG_CONTENT_TYPE, *svg_size(root))
    with _opened(data, name, side_limit_px) as picture:
        _read_through(picture, name)
        return FigureInfo(_CONTENT_TYPES[str(picture.format)], *_header_size(data))


def _looks_like_markup(data: bytes) -> bool:
    beginning = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    return beginning.startswith(b"<") or data.startswith((b"\xff\xfe<", b"\xfe\xff\x00<"))


def _opened(data: bytes, name: str, side_limit_px: int = MAX_PNG_SIDE_PX) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=tuple(_CONTENT_TYPES))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_many_pixels(name, side_limit_px) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        message = _("“%(name)s” is not a PNG, JPEG, WebP, GIF or SVG picture.") % {"name": name}
        raise UnusableFigureError(message) from error
    is_lenient = picture.format == "JPEG" and side_limit_px == MAX_PNG_SIDE_PX
    most = MAX_PICTURE_PIXELS if is_lenient else side_limit_px**2
    if picture.width * picture.height > most:
        raise _too_many_pixels(name, side_limit_px)
    return picture


def _header_size(data: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(data), formats=tuple(_CONTENT_TYPES)) as picture:
        return picture.size


def _read_through(picture: Image.Image, name: str) -> None:
    """The picture is decoded, JPEG at an eighth of its size: enough to notice that it ends early."""
    picture.draft("RGB", (max(1, picture.width // 8), max(1, picture.height // 8)))
    try:
        with _no_truncation():
            picture.load()
    except (OSError, ValueError, SyntaxError, IndexError) as error:
        raise UnusableFigureError(
            _("“%(name)s” is damaged or cut off.") % {"name": name}
        ) from error


@contextmanager
def _no_truncation() -> Iterator[None]:
    """WeasyPrint tells Pillow, for the whole process, to accept pictures that end early."""
    with _TRUNCATION_LOCK:
        before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


def _too_many_pixels(name: str, side_limit_px: int) -> UnusableFigureError:
    return UnusableFigureError(
        _("“%(name)s” has too many pixels. Make it at most %(side)s pixels wide and high.")
        % {"name": name, "side": f"{side_limit_px:,}"}
    )


def to_png(data: bytes, *, content_type: str, max_width_px: int) -> bytes:
    """The picture as PNG at most so wide; JPEG and small PNG pass through as they are.

    SVG is drawn at twice its size in CSS pixels, for print.

    Raises:
        UnusableFigureError: It cannot be drawn.
    """
    if content_type == SVG_CONTENT_TYPE:
        return _drawn(data, max_width_px)
    with _opened(data, content_type) as picture:
        if picture.width <= max_width_px and picture.format in {"PNG", "JPEG"}:
            return data
        try:
            converted = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
        except (OSError, ValueError, SyntaxError) as error:
            raise UnusableFigureError(_("This picture is damaged or cut off.")) from error
    if converted.width > max_width_px:
        height = max(1, round(converted.height * max_width_px / converted.width))
        converted = converted.resize((max_width_px, height), Image.Resampling.LANCZOS)
    target = io.BytesIO()
    converted.save(target, "PNG", optimize=False)
    return target.getvalue()


def _drawn(data: bytes, max_width_px: int) -> bytes:
    root = read_svg(data)
    width, height = svg_size(root)
    target_width = min(width * 2, max_width_px)
    if target_width * target_width * height / width > MAX_PNG_PIXELS:
        target_width = max(1, int((MAX_PNG_PIXELS * width / height) ** 0.5))
    return _draw(etree.tostring(root, encoding="utf-8"), target_width)


def _draw(svg: bytes, width: int) -> bytes:
    program = str(Path(drawing.__file__))
    command = [sys.executable, "-I", program, str(os.getpid()), str(width), *font_folders()]
    try:
        drawn = subprocess.run(  # noqa: S603 - this interpreter, a file of this package, numbers
            command, input=svg, capture_output=True, timeout=drawing.MAX_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _too_much() from error
    if drawn.returncode == drawing.CANNOT_DRAW:
        said = drawn.stderr.decode("utf-8", "replace")[-300:]
        raise UnusableFigureError(_("This SVG cannot be drawn: %s") % said)
    if drawn.returncode < 0:
        raise _too_much()
    if drawn.returncode:
        raise RuntimeError(drawn.stderr.decode("utf-8", "replace")[-1_000:])
    return drawn.stdout


def _too_much() -> UnusableFigureError:
    return UnusableFigureError(
        _("This picture takes too long or too much memory to draw. Simplify it.")
    )
