"""Filters of the templates."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.utils import translation

from academy.templatetags.look import file_size, host, moment, money, on_date, on_day, percentage

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


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "11%"), ("de", "11\u00a0%"), ("ar", "11\u200e%\u200e"), ("ja", "11%")],
)
def test_percent_have_the_form_of_the_language(language, told):
    with translation.override(language):
        assert percentage(11) == percentage(11.9) == told
        assert percentage(None) == percentage("") == ""


def test_bytes_are_counted_in_words():
    told = ["0 bytes", "1 byte", "738 bytes", "1 kB"]
    assert [file_size(size) for size in (0, 1, 738, 1000)] == told


def test_no_page_writes_percent_by_other_filters_than_that_of_the_house():
    pages = [page for app in APPS for page in (ROOT / app).rglob("templates/**/*.html")]
    own = re.compile(r"}}(&nbsp;|\s)?%(?!})")
    assert not [page.name for page in pages if own.search(page.read_text())]


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
