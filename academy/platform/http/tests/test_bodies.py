"""Bodies that are too large, of the wrong kind, or without a length."""

import contextlib
import json
import socket
import time
from http.client import HTTPConnection

import psutil
import pytest
from django.contrib.auth import get_user_model

from tests.stack import PASSWORD

MEBIBYTE = 2**20


def sent(stack, head, body=b"", *, seconds=10):
    """What a server answers to raw bytes until it closes, and after how many seconds."""
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", stack.port), timeout=seconds) as client:
        client.sendall(head.encode() + body)
        answer = b""
        while part := client.recv(65536):
            answer += part
    return answer, time.monotonic() - started


def head(path, *headers, kind="application/json"):
    lines = (f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Type: {kind}", *headers)
    return "\r\n".join((*lines, "Connection: close", "", ""))


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


@pytest.mark.stack
@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/api/auth/token/", 10 * MEBIBYTE),
        ("/async-monitoring/tasks/bulk-status/", 10 * MEBIBYTE),
        ("/accounts/sign-in/", MEBIBYTE),
        ("/nowhere/", MEBIBYTE),
        ("/%61dmin/", MEBIBYTE),
        ("/admin/login/", 32 * MEBIBYTE),
    ],
)
def test_an_announced_body_over_the_limit_is_refused_before_it_is_sent(stack, path, limit):
    for length in (limit + 1, 10**15):
        answer, seconds = sent(stack, head(path, f"Content-Length: {length}"))
        assert answer.startswith(b"HTTP/1.1 413 "), answer
        assert seconds < 1.5
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.stack
def test_a_body_that_is_too_large_is_refused_under_the_id_of_its_sender(stack):
    lines = ("Content-Length: 20000000", "X-Request-ID: mine-42")
    answer, _seconds = sent(stack, head("/api/auth/token/", *lines))
    assert b"\r\nX-Request-ID: mine-42\r\n" in answer


@pytest.mark.stack
def test_no_client_says_where_the_academy_is_mounted(stack):
    lines = "Host: localhost\r\nDaphne-Root-Path: /evil\r\nConnection: close\r\n\r\n"
    answer, _seconds = sent(stack, f"GET /jobs/ HTTP/1.1\r\n{lines}")
    assert answer.startswith(b"HTTP/1.1 302 ")
    assert b"evil" not in answer


@pytest.mark.stack
def test_a_refused_body_is_not_asked_for(stack):
    lines = ("Content-Length: 20000000", "Expect: 100-continue")
    answer, _seconds = sent(stack, head("/api/auth/token/", *lines))
    assert answer.startswith(b"HTTP/1.1 413 ")
    error = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert error["errors"][0]["code"] == "too_large"


@pytest.mark.stack
def test_a_client_that_sends_everything_first_still_reads_the_answer(stack):
    client = HTTPConnection("127.0.0.1", stack.port, timeout=20)
    client.request("POST", "/api/auth/token/", b"x" * (11 * MEBIBYTE))
    assert client.getresponse().status == 413
    client.close()


@pytest.mark.stack
@pytest.mark.parametrize("is_chunked", [True, False])
def test_two_hundred_megabytes_are_never_kept(stack, is_chunked):
    web = psutil.Process(stack.processes["web"].pid)
    before = web.memory_info().rss
    length = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {200 * MEBIBYTE}"
    block = b"a" * MEBIBYTE
    with socket.create_connection(("127.0.0.1", stack.port), timeout=20) as client:
        client.sendall(head("/api/auth/token/", length).encode())
        sent_all = False
        with contextlib.suppress(OSError):
            for _ in range(200):
                client.sendall(chunk(block) if is_chunked else block)
                time.sleep(0.02)
            sent_all = True
    assert not sent_all
    assert web.memory_info().rss - before < 40 * MEBIBYTE


@pytest.mark.stack
def test_a_chunked_body_is_cut_off_at_the_limit(stack):
    body = chunk(b"a" * MEBIBYTE) + chunk(b"a")
    answer, _seconds = sent(stack, head("/accounts/sign-in/", "Transfer-Encoding: chunked"), body)
    assert answer.startswith(b"HTTP/1.1 413 ")


@pytest.mark.stack
def test_a_chunked_body_is_read_like_any_other(stack):
    text = json.dumps({"username": "learner", "password": PASSWORD}).encode()
    body = chunk(text[:7]) + chunk(text[7:]) + b"0\r\n\r\n"
    answer, _seconds = sent(stack, head("/api/auth/token/", "Transfer-Encoding: chunked"), body)
    assert answer.startswith(b"HTTP/1.1 200 "), answer
    assert b'"access"' in answer
    empty, _seconds = sent(
        stack, head("/api/auth/token/", "Transfer-Encoding: chunked"), b"0\r\n\r\n"
    )
    assert empty.startswith(b"HTTP/1.1 400 ")


@pytest.mark.stack
def test_a_length_of_five_thousand_digits_is_refused_quietly(stack):
    answer, _seconds = sent(stack, head("/api/auth/token/", "Content-Length: " + "9" * 5000))
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 413 "))
    assert stack.tracebacks() == []


@pytest.mark.stack
@pytest.mark.parametrize("length", [17_000, 3_000_000])
@pytest.mark.parametrize(
    ("path", "header", "status", "says"),
    [
        ("/courses/?q={}", "X-Else: 1", b"414", b"The address is too long."),
        ("/api/courses/?q={}", "X-Else: 1", b"414", b'"code": "too_long"'),
        ("/api/courses/", "Cookie: a={}", b"431", b'"code": "header_too_long"'),
    ],
)
def test_a_line_that_is_too_long_is_answered(stack, path, header, status, says, length):
    long = "9" * length
    lines = f"GET {path.format(long)} HTTP/1.1\r\nHost: localhost\r\n{header.format(long)}\r\n\r\n"
    answer, seconds = sent(stack, lines)
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert answer.count(b"HTTP/1.1") == 1
    assert says in answer
    assert seconds < 4
    assert stack.tracebacks() == []


def multipart(text):
    return (
        b'--XX\r\nContent-Disposition: form-data; name="username"\r\n\r\n'
        + text
        + b"\r\n--XX--\r\n"
    )


@pytest.mark.stack
@pytest.mark.parametrize(
    ("path", "size", "status"),
    [("/accounts/sign-in/", MEBIBYTE // 2, b"415"), ("/admin/login/", 20 * MEBIBYTE, b"413")],
)
def test_a_form_of_many_short_lines_costs_nothing(stack, path, size, status):
    web = psutil.Process(stack.processes["web"].pid)
    body = multipart(b"a\n\n" * (size // 3))
    headers = (f"Content-Length: {len(body)}", f"Cookie: csrftoken={'a' * 32}")
    lines = head(path, *headers, kind="multipart/form-data; boundary=XX")
    before = web.cpu_times()
    answer, _seconds = sent(stack, lines, body, seconds=60)
    after = web.cpu_times()
    assert answer.startswith(b"HTTP/1.1 " + status), answer[:200]
    assert after.user + after.system - before.user - before.system < 1.5


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status"),
    [("/accounts/sign-in/", 415), ("/api/auth/token/", 415), ("/admin/learning/course/add/", 200)],
)
def test_files_are_taken_in_the_administration_alone(client, path, status):
    client.force_login(get_user_model().objects.create(username="olga", role="operator"))
    kind = "multipart/form-data; boundary=XX"
    assert client.post(path, multipart(b"a" * 2**16), content_type=kind).status_code == status


@pytest.mark.django_db
def test_under_any_server_a_body_over_the_limit_is_413(client):
    client.force_login(get_user_model().objects.create(username="olga", role="operator"))
    form = "application/x-www-form-urlencoded"
    desk = "/admin/learning/course/add/"
    for path, size in (("/accounts/sign-in/", 1), ("/api/auth/token/", 10), (desk, 10)):
        body = b"a" * (size * MEBIBYTE + 1)
        assert client.post(path, body, content_type=form).status_code == 413, path


@pytest.fixture(autouse=True)
def _quiet(request):
    """Nothing of this writes a traceback."""
    yield
    if request.node.get_closest_marker("stack"):
        stack = request.getfixturevalue("stack")
        assert stack.tracebacks() == []
