"""Filters of the templates."""

import datetime as dt
import re
from pathlib import Path

import pytest

from academy.templatetags.look import host, moment, money, on_date, on_day

ROOT = Path(__file__).resolve().parents[1]
APPS = ("academy", "learning", "exports", "notifications", "scheduler")


@pytest.mark.parametrize(
    ("amount", "currency", "told"),
    [
        (4900, "EUR", "49.00\u00a0EUR"),
        (5, "EUR", "0.05\u00a0EUR"),
        (1_290_000, "JPY", "1,290,000\u00a0JPY"),
        (1_234_567, "KWD", "1,234.567\u00a0KWD"),
        (None, "EUR", ""),
    ],
)
def test_an_amount_has_the_decimals_of_its_currency(amount, currency, told):
    assert money(amount, currency) == told


def test_a_moment_to_come_is_told_whole():
    at = dt.datetime(2999, 3, 3, 9, 5, tzinfo=dt.UTC)
    assert 'datetime="2999-03-03T09:05:00Z" data-exact' in on_date(at)
    assert ">3 March 2999, 09:05</time>" in on_date(at)
    assert ">3 March 2999</time>" in on_day(at)
    assert 'title="3 March 2999, 09:05 UTC"' in moment(at)
    assert on_date(None) == on_day(None) == moment("soon") == ""


def test_no_page_writes_a_time_by_other_filters_than_those_of_the_house():
    pages = [page for app in APPS for page in (ROOT / app).rglob("templates/**/*.html")]
    assert len(pages) > 100
    own = re.compile(r"\|(date|time|timesince|timeuntil)\b|{% now ")
    found = {page.name for page in pages if own.search(page.read_text())}
    # A file that people keep says when it was made in ISO 8601.
    assert found == {"portrait.html"}


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://video.example:8443/watch?v=1", "video.example"),
        ("https://someone@video.example/", "video.example"),
        ("nonsense", ""),
    ],
)
def test_a_link_tells_its_server_alone(url, name):
    assert host(url) == name
