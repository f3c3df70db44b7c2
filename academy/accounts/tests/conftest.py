import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value

from academy.accounts.models import Role, User
from academy.accounts.services import factor_switch_on, token_pair_issue
from academy.platform.rates import parse_rate

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def silent_cache(settings, tmp_path):
    """Limits are counted in the test's own database."""
    settings.CACHE_URL = f"unix://{tmp_path}/none"
    generous = parse_rate("1000/m")
    settings.RATES = {
        **settings.RATES,
        "login": generous,
        "factor": generous,
        "sign_up": generous,
        "mail": generous,
    }


@pytest.fixture
def alice(db):
    return User.objects.create_user(
        "Alice", "Alice@Example.org", PASSWORD, display_name="Alice アリス"
    )


@pytest.fixture
def bob(db):
    return User.objects.create_user("bob", "", PASSWORD)


@pytest.fixture
def olga(db):
    return User.objects.create_user("olga", "olga@example.org", PASSWORD, role=Role.OPERATOR)


@pytest.fixture
def pair(alice):
    return token_pair_issue(person=alice)


@pytest.fixture
def post(client):
    def send(path, body, **headers):
        return client.post(
            f"/api/auth/{path}/", body, content_type="application/json", headers=headers
        )

    return send


class Factor:
    """A person's second factor: the app and its recovery codes."""

    def __init__(self, person):
        self.secret = generate_totp_secret()
        # Switched on a minute ago, so that the code of this half minute is still unspent.
        counter = int(time.time()) // 30 - 1
        self.recovery = factor_switch_on(person=person, secret=self.secret, code=self.at(counter))

    def at(self, counter):
        return format_hotp_value(hotp_value(self.secret, counter))

    def code(self, *, steps=0):
        return self.at(int(time.time()) // 30 + steps)

    def wrong(self):
        near = {self.code(steps=steps) for steps in range(-3, 4)}
        return next(text for text in (f"{n:06}" for n in range(10)) if text not in near)


@pytest.fixture
def factor(alice):
    return Factor(alice)


def link_of(message):
    """Path and fields of the first link with a query in a mail."""
    url = urlsplit(re.search(r"http\S+\?\S+", message.body).group())
    return url.path, {name: values[0] for name, values in parse_qs(url.query).items()}
