"""The browser of `tests/browser`, on a whole academy."""

import secrets

import pytest

from tests.browser.conftest import browser, context, page
from tests.stack import PASSWORD, eventually

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
    fill_sign_in(page, name)


def fill_sign_in(page, name):
    page.get_by_label("User name or e-mail").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "sign-in" not in url)


TEXT = "\n\n".join(
    f"## Part {part}\n\n" + f"Paragraph {part} of the lesson says this and that. " * 40
    for part in range(1, 13)
)
"""Twelve parts: long enough to stop in the middle of it on any screen."""


class Classroom:
    """A course of its own for one test, and a learner who can sign in."""

    def __init__(self, stack, browser):
        self.stack = stack
        self.browser = browser
        self.slug = f"journey-{secrets.token_hex(4)}"
        made = self.probe("course", slug=self.slug, lessons=4, text=TEXT)
        self.course_id = made["course_id"]
        self.lessons = made["lessons"]
        person = stack.people(1, prefix=f"walker-{secrets.token_hex(4)}-")[0]
        self.person_id, self.name = person["id"], person["username"]
        stack.query(
            "UPDATE accounts_user SET password = "
            "(SELECT password FROM accounts_user WHERE username = 'learner') WHERE id = ?",
            self.person_id,
        )
        self.contexts = []
        eventually(self._is_rendered, seconds=60)

    def close(self):
        for opened in self.contexts:
            opened.close()

    def probe(self, name, **body):
        return self.stack.call("POST", f"/probes/{name}/", body).json

    def _is_rendered(self):
        url = f"/courses/{self.lessons[-1]}/"
        return b"Paragraph 12" in self.stack.call("GET", url).body

    def enrol(self):
        return self.probe("enrol", course_id=self.course_id, person_id=self.person_id)

    def url_of(self, number):
        return f"{self.stack.url}/courses/{self.lessons[number]}/"

    def device(self, **options):
        """A browser of the learner's, signed in."""
        known = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB"}
        context = self.browser.new_context(**{**known, **options})
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        page = context.new_page()
        sign_in(page, self.stack, self.name)
        return context

    def sign_in_here(self, page):
        fill_sign_in(page, self.name)

    def window(self, context, number):
        """The lesson, live."""
        page = context.new_page()
        page.goto(self.url_of(number))
        page.locator("[data-connection][data-state=live]").wait_for()
        return page


@pytest.fixture
def classroom(stack, browser):
    made = Classroom(stack, browser)
    yield made
    made.close()
