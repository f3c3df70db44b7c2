"""Pictures are what their bytes say, and SVG is drawn as a browser draws it."""

import io
import struct
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import sync_playwright

from academy.platform.documents.errors import UnusableFigureError
from academy.platform.documents.figures import inspect, sanitise_svg, to_png
from academy.platform.documents.tests.rendering import COURSE
from academy.platform.documents.tests.test_constructs import SVG

CHROMIUM = "/usr/bin/chromium-headless-shell"


def picture(kind, size=(40, 30), colour="teal"):
    target = io.BytesIO()
    Image.new("RGB", size, colour).save(target, kind)
    return target.getvalue()


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("GIF", "image/gif")],
)
def test_the_type_comes_from_the_bytes_not_the_name(kind, content_type):
    info = inspect(picture(kind), name="lie.txt")
    assert (info.content_type, info.width_px, info.height_px) == (content_type, 40, 30)


def test_svg_is_measured_as_a_browser_does():
    assert inspect(SVG, name="a.png").width_px == 200
    boxed = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100" width="150"/>'
    assert (inspect(boxed, name="b").width_px, inspect(boxed, name="b").height_px) == (150, 50)


def bomb():
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<svg xmlns="http://www.w3.org/2000/svg"><text>&b;</text></svg>"""


@pytest.mark.parametrize(
    "data",
    [bomb(), picture("JPEG", (400, 400))[:-600], picture("PNG", (400, 400))[:200], b"<html>hello</html>", b"", b"GIF89a", LAUGHS,
     b"<svg", b"<svg xmlns='http://www.w3.org/2000/svg'>" + b"<g>" * 5_000],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_quickly(data):
    started = time.process_time()
    with pytest.raises(UnusableFigureError):
        inspect(data, name="photo.jpg")
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "inside",
    ["<script>alert(1)</script>", "<foreignObject><p>x</p></foreignObject>", '<g onclick="x()"/>',
     '<image href="http://x.org/a.png"/>', '<use href="file:///etc/passwd#a"/>', "<style>@import url(http://x.org);</style>",
     '<rect style="fill:url(http://x.org/#a)"/>', '<a href="javascript:alert(1)"><text>x</text></a>', '<set attributeName="href" to="x"/>'],
)  # fmt: skip
def test_an_svg_keeps_nothing_that_acts_or_loads(inside):
    source = f'<svg xmlns="http://www.w3.org/2000/svg"><g id="a"/><use href="#a"/>{inside}</svg>'
    clean = sanitise_svg(source.encode()).decode()
    for banned in ("script", "foreignObject", "onclick", "http://x", "file:", "@import", "<set"):
        assert banned not in clean
    assert 'href="#a"' in clean


def test_jpeg_passes_through_and_webp_becomes_png():
    photo = picture("JPEG")
    assert to_png(photo, content_type="image/jpeg", max_width_px=800) == photo
    assert to_png(picture("WEBP"), content_type="image/webp", max_width_px=800).startswith(
        b"\x89PNG"
    )
    with Image.open(
        io.BytesIO(to_png(picture("PNG"), content_type="image/png", max_width_px=20))
    ) as small:
        assert small.size == (20, 15)


def svg_figures():
    course = COURSE / "fig" / "redirects-and-pipes.svg"
    skip = pytest.mark.skipif(not course.is_file(), reason=f"no course figure at {course}")
    return [
        pytest.param(SVG, (8, 10, 90, 50), id="own"),
        pytest.param(course, (60, 40, 500, 300), id="course", marks=skip),
    ]


@pytest.mark.browser
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"no browser at {CHROMIUM}")
@pytest.mark.parametrize(("source", "text_region"), svg_figures())
def test_a_figure_with_text_is_drawn_as_chromium_draws_it(source, text_region):
    data = source if isinstance(source, bytes) else source.read_bytes()
    info = inspect(data, name="figure.svg")
    size = (info.width_px, info.height_px)
    ours = Image.open(
        io.BytesIO(to_png(data, content_type=info.content_type, max_width_px=size[0]))
    )
    theirs = Image.open(io.BytesIO(_screenshot(sanitise_svg(data), size)))
    ours_flat, theirs_flat = _flat(ours, size), _flat(theirs, size)
    difference = ImageStat.Stat(ImageChops.difference(ours_flat, theirs_flat)).mean[0]
    assert difference < 12
    for drawn in (ours_flat, theirs_flat):
        assert ImageStat.Stat(drawn.crop(text_region)).stddev[0] > 10


def _flat(image, size):
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image.convert("RGBA"))
    return paper.convert("L").resize(size)


def _screenshot(svg, size):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        page.set_content(
            f"<style>body{{margin:0}}svg{{display:block}}</style>{svg.decode().split('?>', 1)[1]}"
        )
        shot = page.screenshot(clip={"x": 0, "y": 0, "width": size[0], "height": size[1]})
        browser.close()
        return shot
