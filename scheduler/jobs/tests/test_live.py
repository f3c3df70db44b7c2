"""Streams and sockets of a whole academy, as clients see them."""

import contextlib
import json
import socket
import time
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
import websockets.exceptions
from websockets.sync.client import connect

from scheduler.jobs.tests.test_api import DOCUMENT
from tests.stack import PASSWORD, Stack, eventually

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def people(stack):
    return stack.people(3, prefix="live")


@pytest.fixture
def alice(people):
    return people[0]


@pytest.fixture
def bob(people):
    return people[1]


@pytest.fixture(autouse=True)
def _quiet(stack):
    """Nothing that a client sends writes a traceback."""
    yield
    assert stack.tracebacks() == []


@contextlib.contextmanager
def opened(stack, path, *, token=None, origin=None, **more):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers.update(more.pop("headers", {}))
    with connect(
        f"ws://127.0.0.1:{stack.port}{path}",
        additional_headers=headers,
        origin=origin,
        proxy=None,
        open_timeout=20,
        **more,
    ) as opened_socket:
        yield opened_socket


def frames_until_closed(client, *, seconds=40):
    frames = []
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            frames.append(json.loads(client.recv(timeout=seconds)))
    except websockets.exceptions.ConnectionClosed as closed:
        return frames, closed.rcvd.code if closed.rcvd else None
    raise AssertionError(frames)


def close_code(stack, path, **more):
    with opened(stack, path, **more) as client:
        return frames_until_closed(client)[1]


def refusal(stack, path, **more):
    with pytest.raises(websockets.exceptions.InvalidStatus) as refused, opened(stack, path, **more):
        pass
    return refused.value.response.status_code


def session_cookie(stack):
    """The cookie of a browser that signed in by the form."""
    path = "/accounts/sign-in/"
    page = stack.call("GET", path)
    csrf = page.headers["Set-Cookie"].split("csrftoken=")[1].split(";")[0]
    body = urlencode({"username": "learner", "password": PASSWORD, "csrfmiddlewaretoken": csrf})
    headers = {
        "Cookie": f"csrftoken={csrf}",
        "Origin": stack.url,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    with contextlib.closing(HTTPConnection("127.0.0.1", stack.port, timeout=20)) as browser:
        browser.request("POST", path, body, headers)
        cookies = browser.getresponse().headers.get_all("Set-Cookie")
    return next(c.split(";")[0] for c in cookies if c.startswith("sessionid="))


def events(stack, task_id, token, **headers):
    answer = stack.call(
        "GET",
        f"/async-monitoring/tasks/{task_id}/stream/",
        token=token,
        headers=headers,
        timeout=60,
    )
    assert answer.status == 200, answer
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    found = []
    for block in answer.body.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line[1:])
        if "event" in lines:
            seq = int(lines["id"]) if "id" in lines else None
            found.append((lines["event"], seq, json.loads(lines["data"])))
    return found


def test_a_stream_begins_with_the_state_rises_and_ends_with_the_job(stack, alice):
    task_id = stack.submit("probe.work", {"seconds": 2}, person_id=alice["id"])
    found = events(stack, task_id, alice["access"])
    names = [name for name, _, _ in found]
    assert names[0] == "connected"
    assert names[-1] == "disconnected"
    assert set(names[1:-1]) == {"status_update"}
    assert found[-1][2] == {"reason": "finished"}
    seqs = [seq for _, seq, _ in found[:-1]]
    assert seqs == sorted(seqs)
    states = [data for _, _, data in found[:-1]]
    assert all(set(state) == DOCUMENT for state in states)
    assert states[-1]["status"] == "succeeded"
    percentages = [state["progress"] for state in states]
    assert percentages == sorted(percentages)
    assert len({p for p in percentages if 0 < p < 100}) >= 2


def test_a_client_that_comes_back_gets_the_state_at_once(stack, alice):
    task_id = stack.submit("probe.work", {}, person_id=alice["id"])
    stack.wait_for(task_id, "succeeded")
    found = events(stack, task_id, alice["access"], **{"Last-Event-ID": "1"})
    assert [name for name, _, _ in found] == ["connected", "disconnected"]
    assert found[0][2]["status"] == "succeeded"
    assert found[0][1] > 1
    assert events(stack, task_id, alice["access"], **{"Last-Event-ID": "nonsense"})


def test_a_strangers_stream_looks_like_a_missing_one(stack, alice, bob):
    task_id = stack.submit("probe.work", {}, person_id=alice["id"])
    missing = "00000000-0000-4000-8000-000000000000"
    answers = [
        stack.call("GET", f"/async-monitoring/tasks/{pk}/stream/", token=bob["access"])
        for pk in (task_id, missing)
    ]
    assert {answer.status for answer in answers} == {404}
    assert answers[0].body == answers[1].body


def test_a_stream_without_sign_in_is_a_401(stack, alice):
    task_id = stack.submit("probe.work", {}, person_id=alice["id"])
    for token in (None, "nonsense"):
        answer = stack.call("GET", f"/async-monitoring/tasks/{task_id}/stream/", token=token)
        assert answer.status == 401
        assert set(answer.json) == {"type", "errors"}


def test_a_socket_shows_a_snapshot_and_then_newer_frames_until_the_end(stack, alice):
    task_id = stack.submit("probe.work", {"seconds": 2}, person_id=alice["id"])
    with opened(stack, f"/ws/tasks/{task_id}/", token=alice["access"]) as client:
        frames, code = frames_until_closed(client)
    assert code == 1000
    assert frames[0]["type"] == "snapshot"
    assert {frame["type"] for frame in frames[1:]} == {"status_update"}
    assert all(set(frame) == {"type", "seq", "data"} for frame in frames)
    assert all(set(frame["data"]) == DOCUMENT for frame in frames)
    seqs = [frame["seq"] for frame in frames]
    assert seqs == sorted(seqs)
    assert frames[-1]["data"]["status"] == "succeeded"


def test_a_socket_to_a_finished_job_shows_it_and_closes(stack, alice):
    task_id = stack.submit("probe.work", {}, person_id=alice["id"])
    stack.wait_for(task_id, "succeeded")
    with opened(stack, f"/ws/tasks/{task_id}/", token=alice["access"]) as client:
        frames, code = frames_until_closed(client)
    assert code == 1000
    assert [frame["data"]["status"] for frame in frames] == ["succeeded"]


def test_who_withdraws_sees_cancelled_while_the_job_goes_on_for_another(stack, alice, bob):
    with_key = {"dedup_key": f"shared {time.monotonic()}"}
    task_id = stack.submit("probe.work", {"seconds": 3}, person_id=alice["id"], **with_key)
    assert stack.submit("probe.work", {}, person_id=bob["id"], **with_key) == task_id
    path = f"/ws/tasks/{task_id}/"
    with (
        opened(stack, path, token=alice["access"]) as hers,
        opened(stack, path, token=bob["access"]) as his,
    ):
        answer = stack.call(
            "POST", f"/async-monitoring/tasks/{task_id}/cancel/", token=alice["access"]
        )
        assert answer.status == 202
        her_frames, _ = frames_until_closed(hers)
        his_frames, _ = frames_until_closed(his)
    assert her_frames[-1]["data"]["status"] == "cancelled"
    assert her_frames[-1]["data"]["result"] is None
    assert his_frames[-1]["data"]["status"] == "succeeded"


def test_sockets_of_strangers_and_of_nobody_are_closed_with_the_reason(stack, alice, bob):
    task_id = stack.submit("probe.work", {}, person_id=alice["id"])
    path = f"/ws/tasks/{task_id}/"
    assert close_code(stack, path, token=bob["access"]) == 4403
    assert close_code(stack, path) == 4401
    assert close_code(stack, path, token="nonsense") == 4401
    missing = "/ws/tasks/00000000-0000-4000-8000-000000000000/"
    assert close_code(stack, missing, token=alice["access"]) == 4403


def test_a_token_in_the_address_is_never_read(stack, alice):
    task_id = stack.submit("probe.work", {}, person_id=alice["id"])
    for name in ("token", "access", "jwt", "ticket"):
        query = urlencode({name: alice["access"]})
        assert close_code(stack, f"/ws/tasks/{task_id}/?{query}") == 4401


def test_a_ticket_opens_one_socket_once(stack, alice):
    task_id = stack.submit("probe.work", {}, person_id=alice["id"])
    stack.wait_for(task_id, "succeeded")
    answer = stack.call("POST", "/api/auth/ws-ticket/", {}, token=alice["access"])
    path = f"/ws/tasks/{task_id}/?{urlencode({'ticket': answer.json['ticket']})}"
    assert close_code(stack, path) == 1000
    assert close_code(stack, path) == 4401


def test_a_cookie_counts_only_from_our_own_pages(stack, alice):
    task_id = stack.submit("probe.work", {}, person_id=alice["id"])
    path = f"/ws/tasks/{task_id}/"
    cookie = {"Cookie": session_cookie(stack)}
    assert refusal(stack, path, headers=cookie) == 403
    assert refusal(stack, path, headers=cookie, origin="http://evil.example") == 403
    assert refusal(stack, path, headers=cookie, origin="null") == 403
    # Of our own page, but another person's job.
    assert close_code(stack, path, headers=cookie, origin=stack.url) == 4403


def test_a_frame_of_two_megabytes_closes_the_socket(stack, alice):
    task_id = stack.submit("probe.work", {"seconds": 5}, person_id=alice["id"])
    with opened(stack, f"/ws/tasks/{task_id}/", token=alice["access"]) as client:
        client.send("x" * 2_000_000)
        assert frames_until_closed(client)[1] == 1009


def test_who_sends_too_fast_is_closed(stack, alice):
    task_id = stack.submit("probe.work", {"seconds": 8}, person_id=alice["id"])
    with opened(stack, f"/ws/tasks/{task_id}/", token=alice["access"]) as client:
        with contextlib.suppress(websockets.exceptions.ConnectionClosed):
            for _ in range(1000):
                client.send("{")
        assert frames_until_closed(client)[1] == 4429


def test_what_a_client_sends_slowly_is_ignored(stack, alice):
    task_id = stack.submit("probe.work", {"seconds": 1}, person_id=alice["id"])
    with opened(stack, f"/ws/tasks/{task_id}/", token=alice["access"]) as client:
        for message in ("{", "[" * 5000, b"\xff\x00", '{"type": "x"}'):
            client.send(message)
        assert frames_until_closed(client)[1] == 1000


@pytest.mark.parametrize(
    "path", ["/ws/", "/ws/nothing/", "/ws/tasks/1/", "/ws/tasks/%00/", "/ws/tasks/%0a/", "/"]
)
def test_an_unknown_socket_path_is_refused_quietly(path, stack, alice):
    assert refusal(stack, path, token=alice["access"]) == 403


def test_a_foreign_host_is_refused_quietly(stack, alice):
    assert stack.call("GET", "/", headers={"Host": "evil.example"}).status == 400
    task_id = stack.submit("probe.work", {}, person_id=alice["id"])
    request = (
        f"GET /ws/tasks/{task_id}/ HTTP/1.1\r\nHost: evil.example\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nOrigin: http://evil.example\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: sessionid=x\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", stack.port), timeout=10) as raw:
        raw.sendall(request.encode())
        assert raw.recv(100).startswith(b"HTTP/1.1 403")


def test_the_end_is_known_within_three_seconds_although_the_cache_froze(stack, alice):
    task_id = stack.submit("probe.work", {"seconds": 1.5}, person_id=alice["id"])
    with opened(stack, f"/ws/tasks/{task_id}/", token=alice["access"]) as client:
        stack.freeze("cache")
        try:
            stack.wait_for(task_id, "succeeded")
            ended = time.monotonic()
            frames, code = frames_until_closed(client)
            assert time.monotonic() - ended <= 3
        finally:
            stack.thaw("cache")
    assert (frames[-1]["data"]["status"], code) == ("succeeded", 1000)
    eventually(stack.is_healthy, seconds=30)


@pytest.fixture(scope="module")
def watchful():
    """An academy that looks every second whether who opened a socket is still signed in."""
    short = {"ACADEMY_SOCKET_RECHECK_SECONDS": "1", "ACADEMY_STREAM_SECONDS": "2"}
    with Stack(demo=False, pages=False, environment=short) as running:
        yield running


def test_a_socket_closes_soon_after_its_sign_in_was_revoked(watchful):
    person = watchful.people(1, prefix="revoked")[0]
    task_id = watchful.submit("probe.work", {"seconds": 30}, person_id=person["id"])
    with opened(watchful, f"/ws/tasks/{task_id}/", token=person["access"]) as client:
        client.recv(timeout=10)
        watchful.query("UPDATE accounts_tokenfamily SET revoked_at = CURRENT_TIMESTAMP")
        revoked = time.monotonic()
        assert frames_until_closed(client)[1] == 4401
        assert time.monotonic() - revoked < 4
    watchful.manage("jobs", "cancel", task_id)


def test_a_socket_closes_soon_after_its_person_was_switched_off(watchful):
    person = watchful.people(1, prefix="off")[0]
    task_id = watchful.submit("probe.work", {"seconds": 30}, person_id=person["id"])
    with opened(watchful, f"/ws/tasks/{task_id}/", token=person["access"]) as client:
        client.recv(timeout=10)
        # Written for both databases: SQLite has no booleans of its own.
        watchful.query(
            "UPDATE accounts_user SET is_active = (1 = 0) WHERE username = ?", person["username"]
        )
        assert frames_until_closed(client)[1] == 4401
    watchful.manage("jobs", "cancel", task_id)


def test_a_stream_ends_after_its_time_and_says_so(watchful):
    person = watchful.people(1, prefix="patient")[0]
    task_id = watchful.submit("probe.work", {"seconds": 8}, person_id=person["id"])
    found = events(watchful, task_id, person["access"])
    assert found[-1][0] == "disconnected"
    assert found[-1][2] == {"reason": "timeout"}
    assert watchful.tracebacks() == []


def test_a_stream_ends_soon_after_its_sign_in_was_revoked(stack_of_streams):
    stack = stack_of_streams
    person = stack.people(1, prefix="streamer")[0]
    task_id = stack.submit("probe.work", {"seconds": 30}, person_id=person["id"])
    path = f"/async-monitoring/tasks/{task_id}/stream/"
    client = HTTPConnection("127.0.0.1", stack.port, timeout=15)
    client.request("GET", path, headers={"Authorization": f"Bearer {person['access']}"})
    answer = client.getresponse()
    assert answer.readline() == b"event: connected\n"
    stack.query("UPDATE accounts_tokenfamily SET revoked_at = CURRENT_TIMESTAMP")
    revoked = time.monotonic()
    rest = answer.read().decode()
    assert time.monotonic() - revoked < 5
    assert rest.endswith('event: disconnected\ndata: {"reason": "signed_out"}\n\n')
    client.close()
    stack.manage("jobs", "cancel", task_id)


def test_a_person_holds_fifty_sockets_and_streams_and_no_more(stack_of_streams):
    stack = stack_of_streams
    person = stack.people(1, prefix="hoarder")[0]
    task_id = stack.submit("probe.work", {"seconds": 30}, person_id=person["id"])
    stream = f"/async-monitoring/tasks/{task_id}/stream/"
    token = person["access"]
    with contextlib.ExitStack() as held:
        for _ in range(50):
            client = held.enter_context(opened(stack, f"/ws/tasks/{task_id}/", token=token))
            client.recv(timeout=10)
        assert close_code(stack, f"/ws/tasks/{task_id}/", token=token) == 4429
        refused = stack.call("GET", stream, token=token)
        assert (refused.status, refused.headers["Retry-After"]) == (429, "5")
    with opened(stack, f"/ws/tasks/{task_id}/", token=token) as client:
        assert client.recv(timeout=10)
    stack.manage("jobs", "cancel", task_id)
    assert stack.tracebacks() == []


@pytest.fixture(scope="module")
def stack_of_streams():
    with Stack(
        demo=False, pages=False, environment={"ACADEMY_SOCKET_RECHECK_SECONDS": "1"}
    ) as running:
        yield running
