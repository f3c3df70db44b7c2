"""Somebody asks for a lesson as a document, watches it being made, and has it."""

import io
import time
from datetime import datetime
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.journeys.conftest import LESSON, TITLE, sign_in
from tests.stack import eventually

pytestmark = [pytest.mark.stack, pytest.mark.browser]
LONGEST_RENDER_SECONDS = 120


def percentages_until_done(page, *, meanwhile=lambda percents: None):
    """The percentages that the page shows, in order, until it offers the file."""
    percents = []
    box = page.locator("[data-export-format=pdf]")
    deadline = time.monotonic() + LONGEST_RENDER_SECONDS
    while not box.locator("[data-part=file]").is_visible():
        assert time.monotonic() < deadline, box.inner_text()
        bar = box.locator("progress")
        if bar.is_visible():
            value = float(bar.get_attribute("value") or 0)
            if not percents or percents[-1] != value:
                percents.append(value)
                meanwhile(percents)
        page.wait_for_timeout(100)
    return percents


def text_of_download(download):
    data = Path(download.path()).read_bytes()
    assert data.startswith(b"%PDF-")
    pages = PdfReader(io.BytesIO(data)).pages
    return " ".join(" ".join(page.extract_text() for page in pages[:2]).split())


def newest_job(stack):
    return stack.query(
        "SELECT id, status, started_at, finished_at FROM scheduler_job "
        "WHERE kind = 'exports.lesson_document' ORDER BY created_at DESC LIMIT 1"
    )[0]


def seconds_of_newest_job(stack):
    _, _, started, finished = newest_job(stack)
    if isinstance(started, str):
        from_text = datetime.fromisoformat
        started, finished = from_text(started), from_text(finished)
    return (finished - started).total_seconds()


def test_a_learner_watches_an_export_and_downloads_it(page, nothing_exported):
    stack = nothing_exported
    loads = []
    page.on("load", lambda _: loads.append(page.url))
    sign_in(page, stack)
    page.goto(stack.url + LESSON)
    loads.clear()
    page.get_by_role("button", name="Export as PDF").click()
    percents = percentages_until_done(page)
    with page.expect_download() as download:
        page.locator("[data-export-format=pdf] [data-part=file-link]").click()
    assert TITLE in text_of_download(download.value)
    steps = [value for value in percents if 0 < value < 100]
    assert len(set(steps)) >= 2
    assert percents == sorted(percents)
    assert loads == []
    assert seconds_of_newest_job(stack) >= 3
    assert stack.tracebacks() == []


def test_the_same_works_without_javascript(browser, nothing_exported):
    stack = nothing_exported
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    sign_in(page, stack)
    page.goto(stack.url + LESSON)
    page.get_by_role("button", name="Export as PDF").click()
    assert "/jobs/" in page.url
    link = page.locator("main").get_by_role("link", name="Download").first
    link.wait_for(timeout=1000 * LONGEST_RENDER_SECONDS)
    with page.expect_download() as download:
        link.click()
    assert TITLE in text_of_download(download.value)
    context.close()


def test_the_same_works_across_a_restart_of_the_web_server(page, nothing_exported):
    stack = nothing_exported
    restarted = []

    def restart(percents):
        if not restarted and percents[-1] > 0:
            restarted.append(percents[-1])
            stack.kill("web")
            stack.start("web")

    sign_in(page, stack)
    page.goto(stack.url + LESSON)
    page.get_by_role("button", name="Export as PDF").click()
    percents = percentages_until_done(page, meanwhile=restart)
    assert restarted
    assert percents == sorted(percents)
    assert [value for value in percents if value > restarted[0]], percents
    with page.expect_download() as download:
        page.locator("[data-export-format=pdf] [data-part=file-link]").click()
    assert TITLE in text_of_download(download.value)
    stack.wait_until_healthy()


def test_a_cancelled_export_leaves_no_document_and_can_be_tried_again(page, nothing_exported):
    stack = nothing_exported
    sign_in(page, stack)
    page.goto(stack.url + LESSON)
    page.get_by_role("button", name="Export as PDF").click()
    box = page.locator("[data-export-format=pdf]")
    box.get_by_role("button", name="Cancel").click()
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    dialog.get_by_role("button").last.click()
    box.get_by_role("button", name="Try again").wait_for(timeout=20_000)
    eventually(lambda: newest_job(stack)[1] == "cancelled", seconds=20)
    assert stack.query("SELECT count(*) FROM exports_lessonexport")[0][0] == 0
    box.get_by_role("button", name="Try again").click()
    percentages_until_done(page)
    assert stack.query("SELECT count(*) FROM exports_lessonexport")[0][0] == 1


def test_my_jobs_shows_the_same_rows_live(page, nothing_exported):
    stack = nothing_exported
    sign_in(page, stack)
    page.goto(stack.url + LESSON)
    page.get_by_role("button", name="Export as Word").click()
    page.locator("[data-export-format=docx] [data-job]").wait_for()
    page.goto(f"{stack.url}/jobs/")
    row = page.locator("[data-job]").first
    assert TITLE in row.inner_text()
    row.get_by_role("link", name="Download").wait_for(timeout=1000 * LONGEST_RENDER_SECONDS)
    assert "Done" in row.inner_text()
