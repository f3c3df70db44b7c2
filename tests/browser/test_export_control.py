"""The export control against a server that speaks the protocol: every answer has its words."""

import json
import re

import pytest

from tests.browser import gallery
from tests.browser.export_reader import API, Reader
from tests.browser.gallery import document, format_state, made

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("plain_static")]


def test_an_export_moves_live_from_the_line_to_the_download(lesson):
    queued = document(status="queued", seq=0, queue_position=2)
    lesson.fake.tell(document=queued)
    lesson.answers(202, queued)
    lesson.button.click()
    lesson.row.get_by_text("Place in line: 2").wait_for()
    assert not lesson.button.is_visible()
    for seq, percent, step in ((1, 10, "Reading the lesson"), (2, 62, "Laying out pages")):
        lesson.fake.tell(document=document(seq=seq, progress=percent, step=step))
        lesson.row.get_by_text(f"{percent}%").wait_for()
        assert lesson.row.get_by_text(step).is_visible()
        assert lesson.row.locator("progress").get_attribute("value") == str(percent)
    lesson.fake.tell(document=document(status="succeeded", seq=3))
    download = lesson.panel.get_by_role("link", name="Download PDF")
    download.wait_for()
    assert download.get_attribute("href") == document(status="succeeded")["result"]["download_url"]
    assert lesson.row.get_by_text("Done", exact=True).is_visible()
    assert not lesson.row.locator("progress").is_visible()


def test_a_fresh_file_is_offered_at_once(lesson):
    url = "/api/exports/7b1f6a52-0f0e-4a6e-9b0a-000000000009/download/"
    file = {"format": "pdf", "download_url": url, "file_size": 321_000, "stale": False}
    lesson.answers(200, {**file, "generated_at": gallery.iso(5)})
    lesson.button.click()
    link = lesson.panel.get_by_role("link", name="Download PDF")
    link.wait_for()
    assert link.get_attribute("href") == url
    assert link.evaluate("node => node === document.activeElement")
    assert lesson.panel.get_by_text("321 kB").is_visible()


def test_an_old_file_is_offered_while_its_successor_is_made(lesson):
    queued = document(status="queued", seq=0)
    lesson.fake.tell(document=queued)
    stale = {"download_url": "/api/exports/old/download/", "generated_at": gallery.iso(90_000)}
    lesson.answers(202, {**queued, "stale": stale})
    lesson.button.click()
    lesson.panel.get_by_text("An older version of the lesson, made").wait_for()
    assert lesson.panel.get_by_text("yesterday").is_visible()
    assert lesson.row.is_visible()


def test_a_request_carries_the_csrf_token_and_a_key(lesson):
    lesson.refuses(403, "You may not export this.")
    lesson.button.click()
    lesson.panel.get_by_text("You may not export this.").wait_for()
    headers = lesson.posts[0].headers
    assert re.fullmatch(r"[0-9a-f-]{36}", headers["idempotency-key"])
    token = lesson.page.locator("input[name=csrfmiddlewaretoken]").first
    assert headers["x-csrftoken"] == token.input_value()
    address = lesson.page.url
    lesson.page.context.add_cookies([{"name": "csrftoken", "value": "newer", "url": address}])
    lesson.button.click()
    lesson.page.locator("[aria-busy]").wait_for(state="detached")
    assert lesson.posts[1].headers["x-csrftoken"] == "newer"
    assert json.loads(lesson.posts[0].post_data) == {"format": "pdf"}


def test_pressing_again_after_a_lost_answer_uses_the_same_key(lesson):
    keys = []

    def lose(route):
        keys.append(route.request.headers["idempotency-key"])
        route.abort("connectionreset")

    lesson.page.route(API, lose)
    lesson.button.click()
    lesson.panel.get_by_text("it will not be made twice").wait_for()
    lesson.button.click()
    lesson.page.locator("[aria-busy]").wait_for(state="detached")
    lesson.refuses(422, "No such format.")
    lesson.button.click()
    lesson.panel.get_by_text("No such format.").wait_for()
    keys.append(lesson.posts[-1].headers["idempotency-key"])
    assert len(set(keys)) == 1
    lesson.button.click()
    lesson.page.locator("[aria-busy]").wait_for(state="detached")
    assert lesson.posts[-1].headers["idempotency-key"] != keys[0]


def test_a_refusal_for_now_counts_down_and_then_lets_one_try_again(lesson):
    lesson.refuses(429, "You have 20 jobs waiting.", **{"Retry-After": "2"})
    lesson.button.click()
    lesson.panel.get_by_text("You have 20 jobs waiting.").wait_for()
    assert lesson.panel.get_by_text("You can try again in 0:0").is_visible()
    assert lesson.button.is_disabled()
    lesson.panel.get_by_text("You can try again now.").wait_for()
    assert lesson.button.is_enabled()


def test_an_unexpected_answer_has_words_too(lesson):
    lesson.page.route(API, lambda route: route.fulfill(status=502, body="<html>"))
    lesson.button.click()
    lesson.panel.get_by_text("something unexpected (502)").wait_for()
    assert lesson.button.is_enabled()


def test_offline_nothing_is_sent_and_the_reason_is_said(lesson, context):
    context.set_offline(True)
    lesson.button.click()
    lesson.panel.get_by_text("You are offline, so nothing was started.").wait_for()
    assert lesson.page.locator("[data-connection]").inner_text() == "Offline"
    assert lesson.posts == []


def test_cancelling_asks_first_and_names_what_will_happen(lesson):
    running = document(seq=1, title="What a job is - PDF")
    lesson.fake.tell(document=running)
    lesson.answers(202, running)
    lesson.button.click()
    cancelled = []

    def cancel(route):
        cancelled.append(route.request.headers["x-csrftoken"])
        end = document(status="cancelled", seq=2)
        lesson.fake.tell(document=end)
        route.fulfill(status=202, body=json.dumps(end))

    lesson.page.route("**/async-monitoring/tasks/*/cancel/", cancel)
    lesson.row.get_by_role("button", name="Cancel").click()
    dialog = lesson.page.get_by_role("dialog")
    assert dialog.get_by_text("Cancel “What a job is - PDF”?").is_visible()
    dialog.get_by_role("button", name="Let it go on").click()
    assert cancelled == []
    lesson.row.get_by_role("button", name="Cancel").click()
    lesson.page.get_by_role("button", name="Cancel it").click()
    lesson.row.get_by_text("Nothing of it was kept.").wait_for()
    assert len(cancelled) == 1
    assert lesson.row.get_by_role("button", name="Try again").is_visible()


def test_trying_again_follows_the_new_job(lesson):
    lesson.open(format_state("pdf", document(0, "failed")))
    fresh = document(5, "queued", seq=0, queue_position=1)
    lesson.fake.tell(document=fresh)
    lesson.page.route(
        "**/async-monitoring/tasks/*/retry/",
        lambda route: route.fulfill(status=202, body=json.dumps(fresh)),
    )
    assert lesson.row.get_by_text("table of 50,000 rows").is_visible()
    lesson.row.get_by_role("button", name="Try again").click()
    lesson.row.get_by_text("Place in line: 1").wait_for()
    assert not lesson.row.get_by_text("table of 50,000 rows").is_visible()
    action = lesson.row.locator("[data-part=cancel]").get_attribute("action")
    assert action == f"/jobs/{fresh['task_id']}/cancel/"


def test_a_connection_that_is_gone_for_long_is_named_beside_the_state(lesson):
    running = document(seq=1)
    lesson.fake.tell(document=running)
    lesson.answers(202, running)
    lesson.button.click()
    lesson.row.get_by_text("45%").wait_for()
    lesson.page.locator("[data-connection]", has_text="Live").wait_for()
    lesson.fake.stop()
    lesson.page.locator("[data-connection]", has_text="Reconnecting").wait_for()
    lesson.row.get_by_text("Not live at the moment.").wait_for()
    assert lesson.row.get_by_text("45%").is_visible()
    lesson.fake.start()
    lesson.fake.tell(document=document(seq=2, progress=90))
    lesson.row.get_by_text("90%").wait_for(timeout=4000)
    assert not lesson.row.get_by_text("Not live at the moment.").is_visible()


def test_skeletons_stand_in_while_the_answer_is_awaited(lesson):
    held = []
    lesson.page.route(API, lambda route: held.append(route))
    lesson.button.click()
    skeleton = lesson.panel.locator("[data-part=skeleton]")
    skeleton.wait_for()
    assert lesson.button.is_disabled()
    held[0].fulfill(status=403, body="{}")
    skeleton.wait_for(state="hidden")


def test_a_file_that_is_fresh_already_needs_no_request(page, fake):
    opened = Reader(page, fake)
    opened.open(format_state("pdf", **made(60)))
    assert opened.panel.get_by_role("link", name="Download PDF").is_visible()
    assert not opened.button.is_visible()


def test_the_header_counts_what_was_started_here(lesson):
    count = lesson.page.locator("[data-live-jobs-count]")
    assert count.inner_text() == "2"
    queued = document(status="queued", seq=0)
    lesson.fake.tell(document=queued)
    lesson.answers(202, queued)
    lesson.button.click()
    lesson.row.get_by_text("Place in line").wait_for()
    assert count.inner_text() == "3"
    lesson.fake.tell(document=document(status="succeeded", seq=1))
    lesson.panel.get_by_role("link", name="Download PDF").wait_for()
    assert count.inner_text() == "2"


def test_an_old_file_keeps_its_size_while_its_successor_is_made(page, fake):
    opened = Reader(page, fake)
    opened.open(format_state("pdf", **made(90_000, is_stale=True)))
    queued = document(status="queued", seq=0)
    fake.tell(document=queued)
    stale = {"download_url": "/api/exports/old/download/", "generated_at": gallery.iso(90_000)}
    opened.answers(202, {**queued, "stale": stale})
    opened.button.click()
    opened.row.get_by_text("Place in line").wait_for()
    assert opened.panel.locator("[data-part=file-size]").inner_text() == "321 kB"
