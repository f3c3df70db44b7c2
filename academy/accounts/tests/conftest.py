import pytest

from academy.accounts.models import Role, User
from academy.accounts.services import token_pair_issue
from academy.platform.rates import parse_rate

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def silent_cache(settings, tmp_path):
    """Limits are counted in the test's own database."""
    settings.CACHE_URL = f"unix://{tmp_path}/none"
    settings.RATES = {**settings.RATES, "login": parse_rate("1000/m")}


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
