import json
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError

from academy.platform.http.parsers import ITEMS_LIMIT, parse_json

pytestmark = pytest.mark.urls("academy.platform.http.tests.urls")

STORABLE_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
STORABLE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | STORABLE_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STORABLE_TEXT, inner, max_size=4),
    max_leaves=20,
)


def post(client, body, content_type="application/json"):
    return client.post("/api/echo/", body, content_type=content_type)


@given(STORABLE)
def test_what_can_be_stored_comes_through_unchanged(value):
    assert parse_json(json.dumps(value).encode(), depth_limit=32) == value
    assert parse_json(json.dumps(value, ensure_ascii=False).encode(), depth_limit=32) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_parsed_or_refused(body):
    try:
        value = parse_json(body, depth_limit=8)
    except ParseError:
        return
    assert value == json.loads(body)


@given(st.text(alphabet='[]{}",:\\u0dDn1eE.-NI ', max_size=60))
def test_anything_that_looks_like_json_is_parsed_or_refused(text):
    try:
        value = parse_json(text.encode(), depth_limit=8)
    except ParseError:
        return
    json.dumps(value, allow_nan=False).encode()


@given(depth=st.integers(1, 40))
def test_nesting_is_allowed_up_to_the_limit_and_no_further(depth):
    body = b"[" * depth + b"]" * depth
    if depth <= 32:
        parse_json(body, depth_limit=32)
    else:
        with pytest.raises(ParseError):
            parse_json(body, depth_limit=32)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b'{"title": "\xff\xfe"}',
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b"[" * 5_000 + b"]" * 5_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b'{"title": "a\\u0000b"}',
        b'{"a\\u0000b": 1}',
        b'{"title": "a\x00b"}',
        b'{"title": "\\ud83d"}',
        b'["\\udc00\\ud800"]',
        b'{"n": NaN}',
        b'{"n": -Infinity}',
        b'{"n": 1e999}',
        b'{"n": ' + b"9" * 5_000 + b"}",
        b'{"n": 1208925819614629174706176}',
        b"[" + b"1," * ITEMS_LIMIT + b"1]",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_a_body_that_could_hurt_is_400_in_the_standard_shape(client, body):
    response = post(client, body)
    # An empty body is no JSON for the parser, but nothing at all for the view.
    assert response.status_code == (400 if body else 200)
    if body:
        assert response.json()["type"] == "client_error"
        assert response.json()["errors"][0]["code"] == "parse_error"


def test_a_surrogate_pair_is_one_character(client):
    assert post(client, b'{"title": "\\ud83d\\ude00"}').json() == {"got": {"title": "😀"}}


def test_commas_and_brackets_inside_a_long_text_are_no_items(client):
    text = '[{,"\\' * ITEMS_LIMIT
    assert parse_json(json.dumps([text]).encode(), depth_limit=4) == [text]


def test_eleven_megabytes_are_413(client):
    response = post(client, b'"' + b"x" * 11_000_000 + b'"')
    assert response.status_code == 413
    assert response.json()["errors"][0]["code"] == "too_large"


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
def test_another_content_type_is_415(client, content_type):
    response = post(client, b"a=1", content_type)
    assert response.status_code == 415
    assert response.json()["errors"][0]["code"] == "unsupported_media_type"


@pytest.mark.parametrize(
    "body", [b'"' + b'\\"' * 4_000_000, b"[]," * 3_000_000, b'{"a":' * 2_000_000]
)
def test_ten_hostile_megabytes_cost_little_time_and_memory(body):
    started = time.process_time()
    with pytest.raises(ParseError):
        parse_json(body, depth_limit=32)
    seconds = time.process_time() - started
    tracemalloc.start()
    with pytest.raises(ParseError):
        parse_json(body, depth_limit=32)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seconds < 1
    assert peak < 8 * len(body)
