"""The browser of `tests/browser`, on a whole academy."""

import pytest

from tests.browser.conftest import browser, context, page
from tests.stack import PASSWORD

__all__ = ["browser", "context", "page"]

LESSON = "/courses/running-the-academy/reference/"
TITLE = "Time zones, languages and settings: the reference"


@pytest.fixture
def nothing_exported(stack):
    """No lesson has a document yet, and nothing is under way."""
    stack.query("DELETE FROM exports_lessonexport")
    return stack


def sign_in(page, stack, name="learner"):
    page.goto(f"{stack.url}/accounts/sign-in/")
    page.get_by_label("User name or e-mail").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "sign-in" not in url)
