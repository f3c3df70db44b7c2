"""The pages that describe the API."""

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import reverse

from tests.browser.gallery import ORIGIN

pytestmark = [pytest.mark.pages, pytest.mark.usefixtures("plain_static")]


@pytest.fixture
def docs(page, client):
    """The page under its own policy, with its own files and without the API's document."""
    told = client.get(reverse("docs"))
    policy = told["Content-Security-Policy"]

    def answer(route):
        path = route.request.url.removeprefix(ORIGIN)
        if path == reverse("docs"):
            headers = {"Content-Type": "text/html", "Content-Security-Policy": policy}
            route.fulfill(body=told.content, headers=headers)
        elif path.startswith(settings.STATIC_URL):
            route.fulfill(path=finders.find(path.removeprefix(settings.STATIC_URL)))
        else:
            route.fulfill(status=503, body="")

    page.route("**/*", answer)

    def open_in(scheme):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{ORIGIN}{reverse('docs')}", wait_until="load")
        return page

    return open_in


def lightness(page):
    shown = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    parts = [float(part) for part in shown[shown.index("(") + 1 : -1].split(",")]
    return 255 if len(parts) == 4 and parts[3] == 0 else sum(parts[:3]) / 3


def test_the_apis_page_is_dark_in_the_dark_and_follows_a_change(docs):
    page = docs("dark")
    page.locator("html.dark-mode").wait_for(timeout=5_000)
    assert lightness(page) < 60
    page.emulate_media(color_scheme="light")
    page.locator("html:not(.dark-mode)").wait_for(timeout=5_000)
    assert lightness(page) > 200
