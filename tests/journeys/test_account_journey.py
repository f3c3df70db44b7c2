"""Somebody makes an account, guards it with a second factor, forgets the password, and leaves."""

import secrets
import time
from urllib.parse import urlsplit

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from tests.stack import eventually

pytestmark = [pytest.mark.stack, pytest.mark.browser]
PASSWORD = "correct horse battery"
FRESH = "an entirely new secret"


class Walker:
    """A person at a browser, with mail and a phone."""

    def __init__(self, page, stack):
        self.page = page
        self.stack = stack
        self.address = f"walker-{secrets.token_hex(4)}@example.org"
        self.secret = ""

    def go(self, path):
        self.page.goto(self.stack.url + path)

    def fill(self, **fields):
        for name, text in fields.items():
            self.page.locator(f"main [name={name}]").fill(text)

    def press(self, name):
        self.page.locator("main").get_by_role("button", name=name, exact=True).click()

    def code(self, *, steps=0):
        left_seconds = 30 - time.time() % 30
        if left_seconds < 8:
            # The one before this would be too old by the time that it is sent.
            time.sleep(left_seconds)
        return format_hotp_value(hotp_value(self.secret, int(time.time()) // 30 + steps))

    def open_mail(self, subject):
        """Follows the link of the newest mail of that subject."""
        row = self.page.locator("li", has_text=self.address).filter(has_text=subject).first

        def has_come():
            self.go("/mailbox/")
            return row.count()

        eventually(has_come, seconds=20)
        row.get_by_role("link").click()
        link = urlsplit(self.page.locator(".mail-text a[href*='?']").get_attribute("href"))
        self.go(f"{link.path}?{link.query}")

    def sign_in(self, password=PASSWORD):
        self.go("/accounts/sign-in/?next=/accounts/me/")
        self.fill(username=self.address, password=password)
        self.press("Sign in")

    def sign_out(self):
        self.page.locator("summary", has_text="Walker").click()
        self.page.get_by_role("button", name="Sign out", exact=True).click()

    def is_in(self):
        return urlsplit(self.page.url).path == "/accounts/me/"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_person_comes_is_guarded_forgets_and_leaves(browser, stack, scripts):
    context = browser.new_context(java_script_enabled=scripts)
    context.set_default_timeout(15_000)
    walker = Walker(context.new_page(), stack)
    walker.go("/accounts/sign-up/")
    walker.fill(display_name="Walker 歩く人", email=walker.address, password=PASSWORD)
    walker.press("Make the account")
    walker.open_mail("Confirm")
    walker.press("Confirm the address")
    walker.sign_in()
    assert walker.is_in()
    switch_second_factor_on(walker)
    walker.sign_out()
    walker.sign_in()
    assert not walker.is_in()
    walker.fill(code=walker.code())
    walker.press("Sign in")
    assert walker.is_in()
    walker.sign_out()
    recovery = forget_password(walker)
    walker.sign_in(FRESH)
    walker.fill(code=recovery)
    walker.press("Sign in")
    assert walker.is_in()
    leave(walker)
    context.close()


def switch_second_factor_on(walker):
    walker.page.get_by_role("link", name="Switch a second factor on").click()
    walker.secret = walker.page.locator("main code").inner_text()
    # The one before, so that signing in need not wait for the next.
    walker.fill(code=walker.code(steps=-1), own_password=PASSWORD)
    walker.press("Switch it on")
    walker.recovery = walker.page.locator("main code").first.inner_text()
    walker.page.get_by_role("link", name="I have kept them").click()


def forget_password(walker):
    walker.go("/accounts/reset/")
    walker.fill(email=walker.address)
    walker.press("Send the link")
    walker.open_mail("Set a new password")
    walker.fill(password=FRESH)
    walker.press("Set the password")
    return walker.recovery


def leave(walker):
    walker.go("/accounts/me/delete/")
    walker.fill(own_password=FRESH, code=walker.code(steps=1))
    walker.press("Delete my account")
    assert urlsplit(walker.page.url).path == "/accounts/left/"
    left = walker.stack.query(
        "SELECT count(*) FROM accounts_user WHERE display_name = 'Deleted person'"
    )
    assert left[0][0] >= 1
    rows = walker.stack.query("SELECT recipients FROM notifications_outgoingmail")
    # The one mail that says good-bye; what was written before is gone with the person.
    assert sum(walker.address in str(row[0]) for row in rows) == 1
