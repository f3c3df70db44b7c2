"""Short notes at the foot of the page: they stand in nobody's way."""

import pytest

from tests.browser import gallery
from tests.browser.axe import violations_everywhere

pytestmark = [pytest.mark.pages, pytest.mark.usefixtures("plain_static")]


def sample(name):
    return next(known for known in gallery.samples() if known.name == name)


@pytest.fixture(params=[390, 1280])
def shown(request, page):
    """A page with a long note of a failure; returns a way to have more."""
    page.clock.install()
    page.set_viewport_size({"width": request.param, "height": 700})
    page.emulate_media(reduced_motion="reduce")
    gallery.serve(page, sample("desk-many"))

    def say(words, tone):
        page.evaluate(
            """async ([words, tone]) => {
              const { toast } = await import("/static/academy/js/toast.js");
              toast(words, tone);
            }""",
            [words, tone],
        )

    say("The document could not be made, because the queue is full. Try again later. " * 2, "bad")
    page.locator(".toast").wait_for()
    return say


def test_what_a_note_covers_comes_out_from_below_it(page, shown):
    note = page.locator(".toasts").bounding_box()
    assert note["y"] + note["height"] <= 700
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.wait_for_timeout(100)
    footer = page.locator(".site-footer").bounding_box()
    note = page.locator(".toasts").bounding_box()
    assert footer["y"] + footer["height"] <= note["y"]
    assert note["y"] + note["height"] <= 700
    page.locator(".site-footer a").last.click(trial=True, timeout=2_000)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations_everywhere(page) == []


def test_what_is_walked_to_by_keys_does_not_stop_below_a_note(page, shown):
    page.evaluate("scrollTo(0, 0)")
    for _step in range(30):
        page.keyboard.press("Tab")
        hidden = page.evaluate(
            """() => {
              const here = document.activeElement.getBoundingClientRect();
              const note = document.querySelector(".toasts").getBoundingClientRect();
              const inNote = document.activeElement.closest(".toasts") !== null;
              const isBeside = here.right <= note.left || here.left >= note.right;
              const isBelow = here.top >= note.top && here.bottom <= note.bottom;
              return !inNote && !isBeside && isBelow && [document.activeElement.outerHTML,
                here.top, here.bottom, note.top, note.bottom, scrollY];
            }"""
        )
        assert not hidden, hidden


def test_escape_dismisses_the_newest_note_and_then_the_one_before(page, shown):
    shown("It is done.", "good")
    assert page.locator(".toast").count() == 2
    page.keyboard.press("Escape")
    assert page.locator(".toast").count() == 1
    assert "could not be made" in page.locator(".toast").inner_text()
    page.keyboard.press("Escape")
    assert page.locator(".toast").count() == 0


def test_a_failure_stays_and_what_went_well_goes_by_itself(page, shown):
    shown("It is done.", "good")
    shown("It is done.", "good")
    assert page.locator(".toast").count() == 2
    page.clock.fast_forward(7_000)
    assert page.locator(".toast").count() == 2
    page.clock.fast_forward(1_000)
    page.get_by_text("It is done.").wait_for(state="detached", timeout=1_000)
    assert page.locator(".toast[data-tone=bad]").is_visible()
