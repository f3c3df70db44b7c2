"""The reader's keys and places."""

import uuid

import pytest

from tests.browser import gallery
from tests.browser.axe import violations_everywhere

pytestmark = [pytest.mark.pages, pytest.mark.usefixtures("plain_static")]


def sample(name):
    return next(known for known in gallery.samples() if known.name == name)


@pytest.fixture
def reader(page):
    page.set_viewport_size({"width": 1280, "height": 800})
    gallery.serve(page, sample("lesson-enrolled"))
    page.evaluate(
        """() => {
          window.pressed = [];
          document.addEventListener("click", (event) => {
            const control = event.target.closest("a[rel], [data-done-form] button");
            if (control) {
              event.preventDefault();
              window.pressed.push(control.getAttribute("rel") ?? "done");
            }
          });
        }"""
    )
    return page


def pressed(page):
    return page.evaluate("window.pressed")


def test_keys_go_on_and_back_and_mark_as_done(reader):
    for key in ("n", "p", "d"):
        reader.keyboard.press(key)
    assert pressed(reader) == ["next", "prev", "done"]


def test_no_key_is_taken_while_somebody_types_or_holds_another(reader):
    reader.keyboard.press("/")
    assert reader.evaluate("document.activeElement.type") == "search"
    reader.keyboard.type("ndp?")
    assert reader.locator("#site-search").input_value() == "ndp?"
    reader.locator("#site-search").blur()
    reader.keyboard.press("Control+d")
    reader.keyboard.press("Alt+n")
    assert pressed(reader) == []
    assert not reader.get_by_role("dialog").is_visible()


def test_the_keys_are_explained_and_can_be_switched_off_for_good(reader):
    reader.keyboard.press("?")
    dialog = reader.get_by_role("dialog", name="Keyboard shortcuts")
    assert dialog.is_visible()
    reader.keyboard.press("n")
    dialog.get_by_label("Use these shortcuts in this browser").uncheck()
    dialog.get_by_role("button", name="Close").click()
    for key in ("n", "?"):
        reader.keyboard.press(key)
    assert pressed(reader) == []
    assert not dialog.is_visible()
    reader.reload()
    reader.keyboard.press("?")
    assert not dialog.is_visible()
    reader.get_by_role("button", name="Keyboard shortcuts").click()
    assert not dialog.get_by_label("Use these shortcuts in this browser").is_checked()


def test_a_reader_begins_where_the_learner_stopped(page):
    page.set_viewport_size({"width": 1280, "height": 500})
    known = sample("lesson-enrolled")
    place = {"anchor": "tables", "fraction": "0.62"}
    moved = gallery.Sample(known.name, known.template, {**known.context, **place})
    gallery.serve(page, moved)
    page.get_by_text("You go on where you stopped reading.").wait_for()
    assert page.evaluate("scrollY") > 300
    page.get_by_role("button", name="Go to the beginning").click()
    assert page.evaluate("scrollY") == 0


def test_a_lesson_that_is_done_begins_at_the_top(page):
    page.set_viewport_size({"width": 1280, "height": 500})
    known = sample("lesson-done")
    place = {"anchor": "tables", "fraction": "0.62"}
    gallery.serve(page, gallery.Sample(known.name, known.template, {**known.context, **place}))
    page.wait_for_timeout(300)
    assert page.evaluate("scrollY") == 0


def test_a_page_whose_lesson_opens_offers_it_and_does_not_load_it(page):
    state = {"seq": 5, "percent": 0, "is_open": False}
    lesson = {"lesson": "course-1/lesson-1", "state": "new", "is_required": True}

    def answer(route):
        lessons = [{**lesson, "is_open": state["is_open"]}]
        route.fulfill(json={"seq": state["seq"], "percent": 0, "lessons": lessons})

    gallery.serve(page, sample("lesson-locked"))
    page.route("**/api/progress/1/", answer)
    look_again = "document.dispatchEvent(new Event('visibilitychange'))"
    loads = []
    page.on("load", lambda _: loads.append(page.url))
    words = page.locator(".gate [role=status]")
    with page.expect_response("**/api/progress/1/"):
        page.evaluate(look_again)
    assert page.get_by_text("Opens on 3 March 2027, 09:00").first.is_visible()
    assert words.inner_text() == ""
    state.update(seq=6, is_open=True)
    page.evaluate(look_again)
    words.get_by_text("This lesson is open to you now.").wait_for()
    assert not page.locator(".gate-title", has_text="Opens on").is_visible()
    assert words.get_by_role("link", name="Read it").get_attribute("href") == (
        "/courses/course-1/lesson-1/"
    )
    state.update(seq=7, is_open=False)
    page.evaluate(look_again)
    page.locator(".gate-title", has_text="Opens on").wait_for()
    assert words.inner_text() == ""
    assert loads == []


@pytest.mark.parametrize("width", [390, 1280])
def test_a_place_is_the_same_part_on_every_screen(page, width):
    page.set_viewport_size({"width": width, "height": 700})
    gallery.serve(page, sample("lesson"))
    for fraction in (0.1, 0.5, 0.9):
        place = page.evaluate(
            """async (fraction) => {
              const { goTo, placeOf } = await import("/static/academy/js/reading-place.js");
              const body = document.querySelector(".lesson-body");
              const at = { anchor: fraction > 0.8 ? "tables" : "why-rows", fraction };
              goTo(body, at);
              return [at.anchor, placeOf(body).anchor];
            }""",
            fraction,
        )
        assert place[0] == place[1]


def test_a_tampered_place_breaks_nothing(page):
    known = sample("lesson-enrolled")
    for place in ({"anchor": "gone", "fraction": "0.5"}, {"anchor": "", "fraction": "many"}):
        errors = []
        page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
        gallery.serve(page, gallery.Sample(known.name, known.template, {**known.context, **place}))
        page.wait_for_timeout(200)
        assert errors == []


def test_ids_are_random_uuids_with_and_without_tls(page, fake):
    page.goto(f"{fake.url}/blank/")
    made = page.evaluate(
        """async () => {
          const { newId } = await import("/static/academy/js/ids.js");
          const secure = newId();
          Object.defineProperty(crypto, "randomUUID", { value: undefined });
          return [secure, ...Array.from({ length: 200 }, newId)];
        }"""
    )
    assert len(set(made)) == 201
    assert {uuid.UUID(one).version for one in made} == {4}
    assert {uuid.UUID(one).variant for one in made} == {uuid.RFC_4122}


@pytest.mark.parametrize(("name", "code"), [("lesson-enrolled", 4403), ("course-enrolled", 4404)])
def test_who_lost_their_place_is_led_to_the_page_that_says_so(page, name, code):
    page.clock.install()
    page.emulate_media(reduced_motion="reduce")
    page.route_web_socket("**/ws/**", lambda socket: socket.close(code=code))
    gallery.serve(page, sample(name))
    note = page.locator(".toast[data-tone=bad]").first
    note.get_by_text("Your place in this course has changed").wait_for()
    assert note.get_by_role("link", name="My learning").get_attribute("href") == "/learn/"
    assert note.get_by_role("button", name="Load anew").count() == 0
    # It is the one way on from this page, so it does not go by itself.
    page.clock.fast_forward(9_000)
    assert note.is_visible()
    assert violations_everywhere(page) == []


def test_the_outline_marks_what_is_read_also_below_a_title_and_at_the_end(page):
    page.set_viewport_size({"width": 1280, "height": 800})
    gallery.serve(page, sample("lesson-enrolled"))
    page.evaluate(
        """async () => {
          const part = (level, id, height) =>
            `<h${level} id="${id}">${id}</h${level}><svg width="9" height="${height}"></svg>`;
          const text = part(1, "ebb", 100) + part(2, "flow", 1500) + part(2, "moon", 1500);
          const links = ["ebb", "flow", "moon", "last"].map((id) => `<a href="#${id}">${id}</a>`);
          document.querySelector("main").innerHTML = `${text}${part(2, "last", 10)}
            <nav data-outline>${links.join("")}</nav>`;
          const { followReading } = await import("/static/academy/js/reading.js");
          followReading();
        }"""
    )
    marked = page.locator("[data-outline] a[aria-current]")
    for top, expected in (("0", "flow"), ("1900", "moon"), ("document.body.scrollHeight", "last")):
        page.evaluate(f"scrollTo({{ top: {top}, behavior: 'instant' }})")
        page.wait_for_timeout(300)
        assert marked.all_inner_texts() == [expected]
