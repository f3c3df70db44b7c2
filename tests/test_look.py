"""Filters of the templates."""

import datetime as dt

import pytest

from academy.templatetags.look import host, money, on_date


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
    assert "March 3, 2999" in on_date(at)
    assert on_date(None) == ""


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
