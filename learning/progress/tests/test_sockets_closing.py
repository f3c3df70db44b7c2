"""Sockets end when the right to them does, and updates come without the cache too."""

import contextlib
import time
from http.client import HTTPConnection

import pytest
from websockets.exceptions import ConnectionClosed

from learning.progress.tests.test_sockets import enrol, frame_of, path, say
from scheduler.jobs.tests.test_live import frames_until_closed, opened, session_cookie
from tests.stack import Stack, eventually

__all__ = ["path"]

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def place(stack):
    return stack.call("POST", "/probes/course/", {"slug": "closing", "lessons": 4}).json


@pytest.fixture(autouse=True)
def _quiet(stack):
    yield
    assert stack.tracebacks() == []


@contextlib.contextmanager
def closed_at_once(client, code=4403):
    """What happens inside closes the socket; the usual look is once a minute."""
    frame_of(client, "snapshot")
    yield
    began = time.monotonic()
    assert frames_until_closed(client)[1] == code
    assert time.monotonic() - began < 5


@pytest.fixture(scope="module")
def operator(stack):
    return stack.people(1, prefix="closing-operator", role="operator")[0]


def test_who_loses_a_staff_post_is_closed_at_once(stack, operator, path):
    teacher = stack.people(1, prefix="leaves", role="instructor")[0]
    post = f"/api/courses/closing/staff/{teacher['username']}/"
    token = operator["access"]
    assert stack.call("PUT", post, {"role": "assistant"}, token=token).status == 200
    with opened(stack, path, token=teacher["access"]) as client, closed_at_once(client):
        assert stack.call("DELETE", post, token=token).status == 204


def test_a_course_that_is_taken_back_closes_its_sockets_at_once(stack):
    place = stack.call("POST", "/probes/course/", {"slug": "taken-back", "lessons": 1}).json
    learner, reader = stack.people(2, prefix="taken-back")
    enrol(stack, place, learner)
    course_id = place["course_id"]
    with (
        opened(stack, f"/ws/progress/{course_id}/", token=learner["access"]) as progress,
        opened(stack, f"/ws/course-updates/{course_id}/", token=reader["access"]) as updates,
        closed_at_once(progress),
        closed_at_once(updates),
    ):
        assert stack.call("POST", "/probes/withdraw/", {"course_id": course_id}).status == 200


def sign_out(stack, cookie):
    token = "a" * 32
    headers = {
        "Cookie": f"{cookie}; csrftoken={token}",
        "Origin": stack.url,
        "X-CSRFToken": token,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    with contextlib.closing(HTTPConnection("127.0.0.1", stack.port, timeout=20)) as her_page:
        her_page.request("POST", "/accounts/sign-out/", "", headers)
        assert her_page.getresponse().status == 302


def test_who_signs_out_is_closed_at_once(stack):
    cookie = session_cookie(stack)
    headers = {"Cookie": cookie}
    with opened(stack, "/ws/courses/", headers=headers, origin=stack.url) as client:
        frame_of(client, "snapshot")
        sign_out(stack, cookie)
        left = time.monotonic()
        assert frames_until_closed(client)[1] == 4401
        # The usual look is once a minute.
        assert time.monotonic() - left < 5


def test_who_is_taken_out_is_closed_at_once(stack, place, path):
    carol = stack.people(1, prefix="carol")[0]
    enrol(stack, place, carol)
    with opened(stack, path, token=carol["access"]) as client:
        frame_of(client, "snapshot")
        body = {"enrolment_id": carol["enrolment_id"]}
        assert stack.call("POST", "/probes/leave/", body).status == 200
        left = time.monotonic()
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=10)
        assert closed.value.rcvd.code == 4403
        # The usual look is once a minute.
        assert time.monotonic() - left < 5


@pytest.fixture(scope="module")
def watchful():
    """An academy that looks every second whether who opened a socket is still signed in."""
    short = {"ACADEMY_SOCKET_RECHECK_SECONDS": "1"}
    with Stack(demo=False, pages=False, environment=short) as running:
        yield running


def test_a_socket_closes_soon_after_its_sign_in_was_revoked(watchful):
    place = watchful.call("POST", "/probes/course/", {"slug": "revoked", "lessons": 1}).json
    person = watchful.people(1, prefix="revoked")[0]
    enrol(watchful, place, person)
    with opened(watchful, f"/ws/progress/{place['course_id']}/", token=person["access"]) as client:
        frame_of(client, "snapshot")
        watchful.query("UPDATE accounts_tokenfamily SET revoked_at = CURRENT_TIMESTAMP")
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=5)
        assert closed.value.rcvd.code == 4401


def test_without_the_cache_updates_come_with_the_next_sweep(watchful):
    place = watchful.call("POST", "/probes/course/", {"slug": "swept", "lessons": 2}).json
    person = watchful.people(1, prefix="swept")[0]
    enrol(watchful, place, person)
    path = f"/ws/progress/{place['course_id']}/"
    watchful.freeze("cache")
    try:
        with (
            opened(watchful, path, token=person["access"]) as here,
            opened(watchful, path, token=person["access"]) as there,
        ):
            frame_of(there, "snapshot")
            say(here, "mark_complete", place["lessons"][0])
            assert frame_of(here, "accepted", "refused")["type"] == "accepted"
            assert frame_of(there, "progress_update")["data"]["percent"] == 50
    finally:
        watchful.thaw("cache")
    eventually(watchful.is_healthy, seconds=30)
