"""The export control's row: the keyboard's place in it, refusals, and other tabs."""

import json

import pytest

from tests.browser import gallery
from tests.browser.export_reader import Reader
from tests.browser.gallery import document, format_state

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("plain_static")]


def focused(page):
    """What has the keyboard once the browser has drawn what changed."""
    return page.evaluate(
        """async () => {
          for (let frame = 0; frame < 3; frame += 1) {
            await new Promise((drawn) => requestAnimationFrame(drawn));
          }
          const active = document.activeElement;
          return active.dataset.job ? "the row" : active.innerText.split("\\n")[0].trim();
        }"""
    )


def answer_in_time(lesson, verb, answer, *, then=None):
    """Answers the row's button; by then the browser has drawn it disabled."""

    def act(route):
        lesson.page.wait_for_timeout(100)
        if then:
            lesson.fake.tell(document=then)
            lesson.page.wait_for_timeout(300)
        route.fulfill(status=202, body=json.dumps(answer))

    lesson.page.route(f"**/async-monitoring/tasks/*/{verb}/", act)


def test_the_keyboard_stays_in_the_row_from_the_request_to_the_end(lesson):
    running = document(seq=1)
    lesson.fake.tell(document=running)
    lesson.answers(202, running)
    lesson.button.press("Enter")
    lesson.row.get_by_text("45%").wait_for()
    lesson.page.locator("[aria-busy]").wait_for(state="detached")
    assert focused(lesson.page) == "the row"
    lesson.row.get_by_role("button", name="Cancel").focus()
    lesson.fake.tell(document=document(status="succeeded", seq=2))
    lesson.row.get_by_text("Done", exact=True).wait_for()
    assert focused(lesson.page).startswith("Download PDF")


@pytest.mark.parametrize("ends_at_once", [True, False])
def test_the_keyboard_stays_in_the_row_of_a_cancelled_job(lesson, ends_at_once):
    running = document(seq=1)
    lesson.fake.tell(document=running)
    lesson.answers(202, running)
    lesson.button.click()
    asked = document(seq=2, cancel_requested_at=gallery.iso(0), can_cancel=False)
    end = document(status="cancelled", seq=3)
    answer_in_time(lesson, "cancel", end if ends_at_once else asked)
    lesson.row.get_by_role("button", name="Cancel").press("Enter")
    lesson.page.get_by_role("button", name="Cancel it").press("Enter")
    if ends_at_once:
        lesson.row.get_by_text("Nothing of it was kept.").wait_for()
        assert focused(lesson.page) == "Try again"
    else:
        lesson.row.get_by_text("Cancelling").wait_for()
        assert focused(lesson.page) == "the row"


def test_the_keyboard_stays_in_the_row_that_is_tried_again(lesson):
    lesson.open(format_state("pdf", document(0, "failed")))
    fresh = document(5, "queued", seq=0, queue_position=1)
    lesson.fake.tell(document=fresh)
    answer_in_time(lesson, "retry", fresh)
    lesson.row.get_by_role("button", name="Try again").press("Enter")
    lesson.row.get_by_text("Place in line: 1").wait_for()
    assert focused(lesson.page) == "the row"


def test_a_job_that_ends_leaves_a_keyboard_elsewhere_alone(lesson):
    running = document(seq=1)
    lesson.fake.tell(document=running)
    lesson.answers(202, running)
    lesson.button.click()
    lesson.row.get_by_text("45%").wait_for()
    lesson.page.get_by_role("link", name="My jobs").first.focus()
    lesson.fake.tell(document=document(status="succeeded", seq=2))
    lesson.row.get_by_text("Done", exact=True).wait_for()
    assert focused(lesson.page).startswith("My jobs")


def test_an_end_that_comes_before_the_answer_to_its_cancelling_stays_shown(lesson):
    running = document(seq=1)
    lesson.fake.tell(document=running)
    lesson.answers(202, running)
    lesson.button.click()
    asked = document(seq=2, cancel_requested_at=gallery.iso(0), can_cancel=False)
    answer_in_time(lesson, "cancel", asked, then=document(status="cancelled", seq=3))
    lesson.row.get_by_role("button", name="Cancel").click()
    with lesson.page.expect_response("**/cancel/"):
        lesson.page.get_by_role("button", name="Cancel it").click()
    lesson.row.get_by_text("Nothing of it was kept.").wait_for()
    assert not lesson.row.get_by_text("Cancelling").is_visible()


def test_a_job_that_ends_while_one_decides_closes_the_question(lesson):
    running = document(seq=1)
    lesson.fake.tell(document=running)
    lesson.answers(202, running)
    lesson.button.click()
    asked = []
    lesson.page.on("request", lambda request: asked.append(request.url))
    lesson.row.get_by_role("button", name="Cancel").press("Enter")
    dialog = lesson.page.get_by_role("dialog")
    dialog.wait_for()
    lesson.fake.tell(document=document(status="succeeded", seq=2))
    dialog.wait_for(state="detached")
    lesson.page.get_by_text("It was finished already.").wait_for()
    assert lesson.row.get_by_text("Done", exact=True).is_visible()
    assert focused(lesson.page).startswith("Download PDF")
    assert [url for url in asked if "cancel" in url] == []


@pytest.mark.parametrize(("verb", "button"), [("cancel", "Cancel"), ("retry", "Try again")])
def test_a_refusal_of_a_row_is_said_in_the_row(lesson, verb, button):
    known = document(0, "running" if verb == "cancel" else "cancelled")
    lesson.fake.tell(document=known)
    lesson.open(format_state("pdf", known))
    errors = [{"code": "job_finished", "detail": "This job has ended.", "attr": None}]
    lesson.page.route(
        f"**/async-monitoring/tasks/*/{verb}/",
        lambda route: route.fulfill(status=409, body=json.dumps({"errors": errors})),
    )
    lesson.row.get_by_role("button", name=button).click()
    if verb == "cancel":
        lesson.page.get_by_role("button", name="Cancel it").click()
    lesson.row.get_by_text("This job has ended.").wait_for()
    assert lesson.row.get_by_role("button", name=button).is_enabled()


@pytest.mark.parametrize(("seconds", "told"), [(2.9, False), (3.4, True)])
def test_an_estimate_shorter_than_three_seconds_is_not_told(lesson, seconds, told):
    running = document(seq=1, estimated_remaining_seconds=seconds)
    lesson.fake.tell(document=running)
    html = lesson.open(format_state("pdf", running))
    assert ("about 0:03 left" in html) is told
    assert ("almost done</span>" in html) is not told
    estimates = lesson.page.evaluate(
        """() => new Promise((done) => {
          const seen = [];
          const part = document.querySelector("[data-part=remaining]");
          const look = () => seen.push(part.hidden ? "" : part.textContent);
          look();
          setInterval(look, 50);
          setTimeout(() => done(seen), 1500);
        })"""
    )
    assert any(words.startswith("about") for words in estimates) is told
    assert "about 0:02 left" not in estimates


def test_the_export_control_is_reached_by_the_second_skip_link(browser):
    for scripted in (True, False):
        context = browser.new_context(java_script_enabled=scripted)
        page = context.new_page()
        gallery.serve(page, next(s for s in gallery.samples() if s.name == "lesson"))
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to export")
        assert skip.bounding_box()["y"] >= 0
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.locator(":focus").inner_text().strip() == "Export as PDF"
        context.close()


def second_tab(lesson):
    other = Reader(lesson.page.context.new_page(), lesson.fake)
    other.open()
    return other


def test_what_one_tab_starts_appears_in_the_other(lesson):
    other = second_tab(lesson)
    running = document(seq=1)
    lesson.fake.tell(document=running)
    lesson.answers(202, running)
    lesson.button.click()
    other.row.get_by_text("45%").wait_for()
    assert not other.button.is_visible()
    assert not other.page.locator("[data-export-format=docx] [data-job]").is_visible()
    lesson.fake.tell(document=document(status="succeeded", seq=2))
    other.panel.get_by_role("link", name="Download PDF").wait_for()


def test_what_one_tab_tries_again_is_followed_by_the_other(lesson):
    ended = format_state("pdf", document(0, "cancelled"))
    lesson.open(ended)
    other = Reader(lesson.page.context.new_page(), lesson.fake)
    other.open(ended)
    fresh = document(5, "queued", seq=0, queue_position=1)
    lesson.fake.tell(document=fresh)
    lesson.page.route(
        "**/async-monitoring/tasks/*/retry/",
        lambda route: route.fulfill(status=202, body=json.dumps(fresh)),
    )
    lesson.row.get_by_role("button", name="Try again").click()
    other.row.get_by_text("Place in line: 1").wait_for()


def test_a_job_of_somebody_else_is_not_taken_over_from_another_tab(lesson):
    other = second_tab(lesson)
    running = document(seq=1)
    lesson.fake.tell(document=running, polls=404)
    lesson.answers(202, running)
    with other.page.expect_response("**/status/"):
        lesson.button.click()
    lesson.row.get_by_text("45%").wait_for()
    assert other.button.is_visible()


def test_without_tabs_that_talk_an_export_works_all_the_same(page, fake):
    page.add_init_script("delete window.BroadcastChannel")
    opened = Reader(page, fake)
    opened.open()
    running = document(seq=1)
    fake.tell(document=running)
    opened.answers(202, running)
    opened.button.click()
    opened.row.get_by_text("45%").wait_for()
