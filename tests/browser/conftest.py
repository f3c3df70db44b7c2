"""A browser and a page of it.

pytest-playwright's own fixtures are not used: their plugin raises pytest 9's deprecation warnings,
which are errors here. Playwright's event loop also ends with each module, because Django refuses
the database to a thread in which a loop runs.
"""

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.chromium import ARGUMENTS, EXECUTABLE
from tests.browser.export_reader import Reader
from tests.browser.fake_academy import FakeAcademy


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def context(browser):
    opened = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    yield opened
    opened.close()


@pytest.fixture
def page(context):
    return context.new_page()


@pytest.fixture
def plain_static(settings):
    """Static files under their own names, as `runserver` has them."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(scope="module")
def fake_server():
    with FakeAcademy() as server:
        yield server


@pytest.fixture
def fake(fake_server):
    """A server of ours that speaks the jobs' protocol and does as it is told."""
    fake_server.start()
    fake_server.reset()
    return fake_server


@pytest.fixture
def lesson(page, fake, plain_static):
    """A lesson that can be exported."""
    opened = Reader(page, fake)
    opened.open()
    return opened
