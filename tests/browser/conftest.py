"""A browser and a page of it.

pytest-playwright's own fixtures are not used: their plugin raises pytest 9's deprecation warnings,
which are errors here. Playwright's event loop also ends with each module, because Django refuses
the database to a thread in which a loop runs.
"""

import re
from types import SimpleNamespace

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.axe import DESKTOP
from tests.browser.chromium import ARGUMENTS, EXECUTABLE
from tests.browser.export_reader import Reader
from tests.browser.fake_academy import FakeAcademy
from tests.browser.gallery import ORIGIN

# Answers of a sample server to the modules' own requests, which no look is about.
EXPECTED_NOISE = re.compile(r"status of 503|WebSocket connection|EventSource")


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


@pytest.fixture(scope="module")
def tab(browser):
    """One page for all looks of a module: a new one would take as long as a look."""
    opened = browser.new_context(viewport=DESKTOP, locale="en-GB", reduced_motion="reduce")
    shown = opened.new_page()
    yield shown, opened.new_cdp_session(shown)
    opened.close()


@pytest.fixture
def look(tab):
    """The page as if nobody had looked before; `look.complaints` is what its console says."""
    shown, session = tab
    look = SimpleNamespace(page=shown, complaints=[])

    def hear(message):
        if message.type in {"error", "warning"} and not EXPECTED_NOISE.search(message.text):
            look.complaints.append(message.text)

    def crash(error):
        look.complaints.append(str(error))

    shown.on("console", hear)
    shown.on("pageerror", crash)
    yield look
    shown.remove_listener("console", hear)
    shown.remove_listener("pageerror", crash)
    shown.goto("about:blank")
    shown.unroute_all()
    session.send("Storage.clearDataForOrigin", {"origin": ORIGIN, "storageTypes": "all"})
    shown.set_viewport_size(DESKTOP)
    shown.emulate_media(color_scheme="light")


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
