import pytest

from academy.platform.caching.instances import cache_client
from academy.platform.caching.tests.instance import instance
from academy.platform.rates import parse_rate


@pytest.fixture(scope="session")
def shared_cache():
    with instance() as running:
        yield running


@pytest.fixture
def cache(shared_cache, settings):
    """An empty cache instance that answers."""
    settings.CACHE_URL = shared_cache.url
    # Not 0.2 s: a busy test machine must not look like a silent instance.
    settings.REDIS_TIMEOUT_SECONDS = 5.0
    cache_client().flushall()
    return shared_cache


@pytest.fixture
def silent_cache(settings, tmp_path):
    """No cache instance at all."""
    settings.CACHE_URL = f"unix://{tmp_path}/none"


@pytest.fixture
def rates(settings):
    def set_rates(**texts):
        changed = {name: parse_rate(text) for name, text in texts.items()}
        settings.RATES = {**settings.RATES, **changed}

    return set_rates
