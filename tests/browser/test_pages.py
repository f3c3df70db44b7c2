"""Every page in every state: nothing for axe to find, nothing against the policy, nothing cut off."""

import gzip
import re

import pytest
from django.utils import translation

from academy.templatetags.look import file_size, percentage
from tests.browser import gallery
from tests.browser.axe import DESKTOP, PHONE, violations_everywhere

pytestmark = [pytest.mark.pages, pytest.mark.usefixtures("plain_static")]

SAMPLES = list(gallery.samples())


def sample(name):
    return next(known for known in SAMPLES if known.name == name)


@pytest.mark.parametrize("known", SAMPLES, ids=lambda known: known.name)
def test_axe_and_the_policy_find_nothing_and_nothing_is_cut_off(look, known):
    gallery.serve(look.page, known)
    assert look.complaints == []
    assert violations_everywhere(look.page) == []


@pytest.mark.parametrize(
    "name",
    [
        "catalogue",
        "course",
        "course-enrolled",
        "lesson",
        "lesson-enrolled",
        "desk",
        "jobs",
        "sign-in",
    ],
)
def test_at_200_percent_zoom_nothing_is_cut_off(page, name):
    page.set_viewport_size({"width": 640, "height": 400})
    gallery.serve(page, sample(name))
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


@pytest.mark.parametrize("name", [known.name for known in SAMPLES])
def test_no_page_has_inline_style_or_script(name):
    html = gallery.html_of(sample(name))
    assert not re.search(r"<[^>]+\sstyle\s*=", html)
    assert "<style" not in html
    assert not re.search(r"<[^>]+\son\w+\s*=", html)
    for tag in re.findall(r"<script[^>]*>", html):
        assert " src=" in tag or 'type="application/json"' in tag


@pytest.mark.parametrize(
    "name", ["catalogue", "course-enrolled", "lesson-enrolled", "desk", "jobs", "job-running"]
)
def test_every_stop_of_the_tab_key_is_visible_and_in_view(page, name):
    page.set_viewport_size(DESKTOP)
    gallery.serve(page, sample(name))
    stops = []
    for _ in range(60):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => {
              const active = document.activeElement;
              if (active === document.body) return null;
              const box = active.getBoundingClientRect();
              const style = getComputedStyle(active);
              const after = getComputedStyle(active, "::after");
              return {
                name: `${active.tagName} ${active.className} ${active.textContent.trim().slice(0, 30)}`,
                ringed: [style, after].some(
                  (look) => look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0),
                inView: box.bottom > 0 && box.top < innerHeight && box.width > 0,
              };
            }"""
        )
        if stop is None:
            break
        stops.append(stop)
    assert len(stops) > 3
    assert [stop["name"] for stop in stops if not stop["ringed"] or not stop["inView"]] == []


def test_the_first_tab_stop_skips_to_the_content(page):
    gallery.serve(page, sample("lesson"))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_escape_closes_the_account_menu_and_gives_the_focus_back(page):
    gallery.serve(page, sample("catalogue"))
    page.locator(".menu > summary").focus()
    page.keyboard.press("Enter")
    assert page.locator(".menu-body").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".menu-body").is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_the_contents_are_folded_on_a_phone_and_open_beside_the_text_on_a_desktop(page):
    page.set_viewport_size(PHONE)
    gallery.serve(page, sample("lesson"))
    tree = page.locator(".reader-contents .tree")
    assert not tree.is_visible()
    page.locator(".reader-contents summary").click()
    assert tree.is_visible()
    page.locator(".reader-contents summary").click()
    page.set_viewport_size(DESKTOP)
    assert tree.is_visible()


def test_a_line_of_a_lesson_holds_at_most_66_characters(page):
    page.set_viewport_size({"width": 1600, "height": 900})
    gallery.serve(page, sample("lesson"))
    width = page.evaluate(
        """() => {
          const body = document.querySelector(".lesson-body");
          const ruler = document.createElement("span");
          ruler.textContent = "0".repeat(66);
          body.append(ruler);
          return [body.clientWidth, ruler.getBoundingClientRect().width];
        }"""
    )
    assert width[0] <= width[1] + 1


def test_without_javascript_everything_is_there_and_a_running_job_refreshes(browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    gallery.serve(page, sample("job-running"))
    assert page.get_by_text("Laying out pages").is_visible()
    assert page.locator("progress").get_attribute("value") == "45"
    assert page.get_by_role("button", name="Cancel").is_visible()
    assert 'http-equiv="refresh" content="2"' in page.content()
    context.close()
    assert "refresh" not in gallery.html_of(sample("job-succeeded"))
    outside = re.sub(
        r"<noscript>.*?</noscript>", "", gallery.html_of(sample("job-running")), flags=re.DOTALL
    )
    assert "http-equiv" not in outside


def test_axe_finds_nothing_in_what_only_pages_without_javascript_show(look):
    known = sample("lesson-enrolled")
    shown = gallery.html_of(known).replace("<noscript>", "<div>").replace("</noscript>", "</div>")
    assert "Remember this place" in shown
    gallery.serve(look.page, known)
    headers = {"Content-Security-Policy": gallery.POLICY, "Content-Type": "text/html"}
    look.page.route(f"**/{known.name}", lambda route: route.fulfill(body=shown, headers=headers))
    look.page.reload()
    assert look.page.get_by_role("button", name="Remember this place").is_visible()
    assert violations_everywhere(look.page) == []


def test_nothing_moves_where_motion_is_not_wanted(browser):
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    gallery.serve(page, sample("lesson-rendering"))
    longest = page.evaluate(
        """() => Math.max(...[...document.querySelectorAll("*")].flatMap((node) => {
          const look = getComputedStyle(node);
          return [look.animationDuration, look.transitionDuration]
            .flatMap((value) => value.split(",")).map(parseFloat);
        }))"""
    )
    context.close()
    assert longest <= 0.001


def test_skeletons_appear_after_200_milliseconds_and_not_before(page):
    gallery.serve(page, sample("lesson-rendering"))
    look = page.evaluate(
        """() => {
          const look = getComputedStyle(document.querySelector(".skeleton"));
          return [look.animationDelay, look.animationFillMode];
        }"""
    )
    assert look == ["0.2s", "forwards"]


def test_a_printed_lesson_has_only_the_lesson(page):
    gallery.serve(page, sample("lesson"))
    page.emulate_media(media="print")
    for part in (".site-header", ".reader-aside", ".reader-contents", ".breadcrumbs"):
        assert not page.locator(part).first.is_visible()
    assert page.locator(".lesson-body details.solution p").first.is_visible()


IMPORT = re.compile(r"""(?:from|import)\s*["']\./([^"']+)["']""")
JS = gallery.STATIC / "academy" / "js"
SHIPPED = {
    "catalogue": ["main", "catalogue-page"],
    "course": ["main", "course-page"],
    "class": ["main", "class-page"],
    "desk": ["main", "desk-page"],
}


def modules_of(names):
    """The modules and all that they import."""
    found = set()
    waiting = [JS / f"{name}.js" for name in names]
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += [JS / name for name in IMPORT.findall(module.read_text())]
    return found


@pytest.mark.parametrize("kind", SHIPPED)
def test_a_page_ships_less_than_60_kb_of_script_and_30_kb_of_style(kind):
    scripts = modules_of(SHIPPED[kind])
    if kind == "class":
        scripts |= set(gallery.STATIC.rglob("uPlot*.js"))
    assert len(scripts) > 10
    styles = set(gallery.STATIC.rglob("*.css"))
    size = [
        sum(len(gzip.compress(file.read_bytes())) for file in files) for files in (scripts, styles)
    ]
    assert size[0] < 60_000
    assert size[1] < 30_000


def test_every_module_is_part_of_some_page():
    pages = ["catalogue-page", "course-page", "class-page", "desk-page"]
    entries = ["main", *pages, "admin-names", "api-docs"]
    assert {file.name for file in JS.glob("*.js")} == {file.name for file in modules_of(entries)}


def test_modules_never_write_html_or_style_attributes():
    for file in (gallery.STATIC / "academy" / "js").glob("*.js"):
        text = file.read_text()
        assert "innerHTML" not in text
        assert "insertAdjacentHTML" not in text
        assert not re.search(r"setAttribute\(\s*[\"']style", text)


SIZES = [1, 999, 1000, 1049, 1050, 9_949, 9_950, 10_499, 10_500, 693_555, 999_499, 999_500]
SIZES += [1_234_567, 9_950_000, 321_000_000, 1_500_000_000, 2_345_000_000_000]


@pytest.mark.parametrize("tag", ["en", "de", "ar"])
def test_the_server_and_the_script_write_figures_the_same_way(page, fake, tag):
    page.goto(f"{fake.url}/blank/")
    page.evaluate("tag => { document.documentElement.lang = tag; }", tag)
    written, shares = page.evaluate(
        """async ([sizes, percents]) => {
          const { fileSize, percentage } = await import("/static/academy/js/time.js");
          return [sizes.map(fileSize), percents.map(percentage)];
        }""",
        [SIZES, [0, 7, 100]],
    )
    with translation.override(tag):
        assert [file_size(size) for size in SIZES] == written
        assert [percentage(share) for share in (0, 7, 100)] == shares
    assert file_size(693_555) == "694 kB"


def test_the_browsers_time_zone_is_proposed_to_whoever_signs_up(browser):
    context = browser.new_context(timezone_id="Asia/Tokyo")
    page = context.new_page()
    gallery.serve(page, sample("sign-up"))
    assert page.locator("input[name=time_zone]").input_value() == "Asia/Tokyo"
    assert page.locator(".field").count() == 3
    context.close()


@pytest.mark.parametrize("width", [320, 360, 386, 390, 412, 1280])
def test_who_teaches_finds_their_teaching_in_the_head_of_every_page(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    gallery.serve(page, sample("desk-teacher"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width <= 384:
        page.locator(".menu > summary").click()
    page.get_by_role("link", name="My teaching").click(trial=True)
    assert page.get_by_role("link", name="My teaching").count() == 1
    parts = page.locator(".brand:visible, .site-link:visible").all()
    middles = [box["y"] + box["height"] / 2 for box in (part.bounding_box() for part in parts)]
    assert max(middles) - min(middles) < 8


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_a_stranger_finds_both_ways_in_beside_each_other(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    gallery.serve(page, sample("course-stranger"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    nav = page.get_by_role("navigation", name="Your things")
    for name in ("Sign in", "Make an account"):
        assert nav.get_by_role("link", name=name).is_visible()
    tops = [link.bounding_box()["y"] for link in nav.get_by_role("link").all()]
    assert max(tops) - min(tops) < 8


def test_a_course_that_is_done_says_so_with_scripts_too(page):
    gallery.serve(page, sample("course-done"))
    page.locator("[data-connection][data-state]").wait_for()
    assert page.get_by_text("All done").is_visible()
    assert page.locator("[data-part='resume']").inner_text().strip() == "Read again"
    gallery.serve(page, sample("course-enrolled"))
    page.locator("[data-connection][data-state]").wait_for()
    assert not page.get_by_text("All done").is_visible()
    assert page.locator("[data-part='resume']").inner_text().strip() == "Continue"
