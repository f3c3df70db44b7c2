"""Sockets of a whole academy: what learners do reaches every page that should show it."""

import contextlib
import json
import socket
import time
import uuid

import psutil
import pytest
from websockets.exceptions import ConnectionClosed

from scheduler.jobs.tests.test_live import (
    close_code,
    frames_until_closed,
    opened,
    refusal,
    session_cookie,
)
from tests.stack import eventually

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def place(stack):
    return stack.call("POST", "/probes/course/", {"slug": "sockets", "lessons": 4}).json


@pytest.fixture(scope="module")
def people(stack, place):
    names = ("alice", "bob", "ingrid", "sam")
    found = dict(zip(names, stack.people(4, prefix="so"), strict=True))
    for name in ("alice", "bob"):
        enrol(stack, place, found[name])
    teach(stack, place, found["ingrid"])
    return found


@pytest.fixture(autouse=True)
def _quiet(stack):
    yield
    assert stack.tracebacks() == []


def enrol(stack, place, person):
    body = {"course_id": place["course_id"], "person_id": person["id"]}
    person["enrolment_id"] = stack.call("POST", "/probes/enrol/", body).json["enrolment_id"]


def teach(stack, place, person):
    body = {"course_id": place["course_id"], "person_id": person["id"], "role": "co_instructor"}
    assert stack.call("POST", "/probes/staff/", body).status == 200


def frame_of(client, *kinds, seconds=10):
    """The next frame of one of these types; others are passed over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        frame = json.loads(client.recv(timeout=seconds))
        if frame["type"] in kinds:
            return frame
    raise AssertionError(kinds)


def say(client, kind, lesson, **more):
    message_id = more.pop("id", str(uuid.uuid4()))
    data = {"lesson": lesson, **more}
    client.send(json.dumps({"type": kind, "id": message_id, "data": data}))
    return message_id


@pytest.fixture
def path(place):
    return f"/ws/progress/{place['course_id']}/"


def test_what_a_learner_does_reaches_their_other_page_and_the_instructor(
    stack, people, place, path
):
    alice, ingrid = people["alice"], people["ingrid"]
    with (
        opened(stack, path, token=alice["access"]) as here,
        opened(stack, path, token=alice["access"]) as there,
        opened(stack, path, token=people["bob"]["access"]) as stranger,
        opened(stack, path, token=ingrid["access"]) as teacher,
    ):
        first = frame_of(there, "snapshot")
        assert first["data"]["percent"] == 0
        assert {state["state"] for state in first["data"]["lessons"]} == {"new"}
        assert frame_of(teacher, "snapshot")["data"]["course_id"] == place["course_id"]
        frame_of(stranger, "snapshot")
        message_id = say(here, "mark_complete", place["lessons"][0])
        answer = frame_of(here, "accepted", "refused")
        assert answer["type"] == "accepted"
        assert (answer["data"]["id"], answer["data"]["code"]) == (message_id, "")
        update = frame_of(there, "progress_update")
        assert update["data"]["percent"] == 25
        assert update["data"]["lessons"][0]["state"] == "completed"
        assert update["seq"] >= answer["seq"] > first["seq"]
        seen = frame_of(teacher, "progress_update")["data"]
        assert (seen["learner"]["id"], seen["learner"]["name"]) == (
            alice["id"],
            alice["username"],
        )
        assert (seen["percent"], seen["last_lesson"]) == (25, place["lessons"][0])
        with pytest.raises(TimeoutError):
            stranger.recv(timeout=3)


def test_the_same_message_again_changes_nothing(stack, people, place, path):
    with opened(stack, path, token=people["bob"]["access"]) as client:
        frame_of(client, "snapshot")
        message_id = say(client, "mark_complete", place["lessons"][1])
        first = frame_of(client, "accepted", "refused")
        say(client, "mark_complete", place["lessons"][1], id=message_id)
        second = frame_of(client, "accepted", "refused")
        say(client, "mark_complete", place["lessons"][2], id=message_id)
        third = frame_of(client, "accepted", "refused")
    assert (first["data"]["replayed"], second["data"]["replayed"]) == (False, True)
    assert (third["type"], third["data"]["code"]) == ("refused", "event_id_taken")
    assert second["seq"] == first["seq"]


def message(kind="mark_complete", *, data=None, **more):
    return json.dumps({"type": kind, "id": str(uuid.UUID(int=1)), "data": data or {}, **more})


FIRST = "sockets/lesson-0"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{", "invalid"),
        ("[" * 20_000, "invalid"),
        ("null", "invalid"),
        (b"\xff\x00", "invalid"),
        ('{"type": "mark_complete"}', "invalid"),
        (message(["x"]), "invalid"),
        (message("delete_all"), "invalid"),
        (message(id=7), "invalid"),
        (message(data=["x"]), "invalid"),
        (message(data={"lesson": "\u0000"}), "invalid"),
        (message(), "bad_event"),
        (message(data={"lesson": "a/b"}), "lesson_not_found"),
        (message("update_checkpoint", data={"lesson": FIRST, "fraction": 7}), "bad_checkpoint"),
        (message(data={"lesson": FIRST, "at": "yesterday"}), "bad_event"),
        (message(data={"lesson": FIRST, "at": "2026-11-22T03:00:00"}), "bad_event"),
        (message(data={"lesson": FIRST, "at": "0001-01-01T00:00:00+14:00"}), "bad_date"),
    ],
)
def test_a_message_that_cannot_be_used_is_refused_and_the_socket_goes_on(
    body, code, stack, people, place, path
):
    with opened(stack, path, token=people["bob"]["access"]) as client:
        frame_of(client, "snapshot")
        client.send(body)
        refused = frame_of(client, "accepted", "refused")
        assert (refused["type"], refused["data"]["code"]) == ("refused", code)
        assert refused["data"]["detail"]
        say(client, "open_lesson", place["lessons"][3])
        assert frame_of(client, "accepted", "refused")["type"] == "accepted"


def test_an_instructor_tells_nothing_of_their_own(stack, people, place, path):
    with opened(stack, path, token=people["ingrid"]["access"]) as client:
        frame_of(client, "snapshot")
        say(client, "mark_complete", place["lessons"][0])
        assert frame_of(client, "accepted", "refused")["data"]["code"] == "not_enrolled"


def test_a_teacher_who_learns_chooses_the_class_or_their_own(stack, place, path):
    both = stack.people(1, prefix="both")[0]
    teach(stack, place, both)
    enrol(stack, place, both)
    with opened(stack, path, token=both["access"]) as client:
        assert "lessons" in frame_of(client, "snapshot")["data"]
    with opened(stack, f"{path}?view=class", token=both["access"]) as client:
        assert "learners" in frame_of(client, "snapshot")["data"]


def test_strangers_and_nobody_are_closed_with_the_reason(stack, people, place, path):
    sam = people["sam"]["access"]
    assert close_code(stack, path) == 4401
    assert close_code(stack, path, token="nonsense") == 4401
    assert close_code(stack, path, token=sam) == 4403
    assert close_code(stack, f"{path}?view=class", token=people["alice"]["access"]) == 4403
    assert close_code(stack, "/ws/progress/999999/", token=sam) == 4403
    assert close_code(stack, "/ws/course-updates/999999/", token=sam) == 4403
    assert close_code(stack, f"/ws/course-updates/{place['course_id']}/") == 4401
    assert close_code(stack, "/ws/courses/") == 4401
    cookie = {"Cookie": session_cookie(stack)}
    for other in (path, f"/ws/course-updates/{place['course_id']}/", "/ws/courses/"):
        assert refusal(stack, other, headers=cookie, origin="http://evil.example") == 403
        assert refusal(stack, other, headers=cookie) == 403
    assert refusal(stack, f"/ws/progress/{2**64}/", token=sam) == 403
    assert refusal(stack, "/ws/progress/0/", token=sam) == 403


def test_a_ticket_opens_a_progress_socket_once(stack, people, path):
    answer = stack.call("POST", "/api/auth/ws-ticket/", {}, token=people["alice"]["access"])
    with opened(stack, f"{path}?ticket={answer.json['ticket']}") as client:
        assert frame_of(client, "snapshot")
    assert close_code(stack, f"{path}?ticket={answer.json['ticket']}") == 4401


def test_a_release_reaches_readers_and_the_catalogue(stack, people):
    place = stack.call("POST", "/probes/course/", {"slug": "moving", "lessons": 2}).json
    reader = people["sam"]["access"]
    with (
        opened(stack, f"/ws/course-updates/{place['course_id']}/", token=reader) as course,
        opened(stack, "/ws/courses/", token=reader) as catalogue,
    ):
        before = frame_of(course, "snapshot")
        assert before["data"]["release"] == 1
        assert set(before["data"]["lessons"]) == set(place["lessons"])
        seq = frame_of(catalogue, "snapshot")["data"]["seq"]
        body = {"course_id": place["course_id"], "slug": "lesson-0"}
        assert stack.call("POST", "/probes/edit/", body).status == 200
        after = frame_of(course, "course_update")["data"]
        assert after["release"] == 2
        changed = {
            link
            for link in after["lessons"]
            if after["lessons"][link] != before["data"]["lessons"][link]
        }
        assert changed == {"moving/lesson-0"}
        news = frame_of(catalogue, "catalogue_update")
        assert news["seq"] > seq
        assert news["data"] == {
            "seq": news["seq"],
            "slug": "moving",
            "kind": "released",
            "title": "moving",
            "url": "/courses/moving/",
        }
        assert stack.call("POST", "/probes/withdraw/", body).status == 200
        gone = frame_of(catalogue, "catalogue_update")["data"]
        assert (gone["kind"], gone["slug"], gone["title"]) == ("withdrawn", "moving", "")
        with pytest.raises(ConnectionClosed) as closed:
            course.recv(timeout=10)
        assert closed.value.rcvd.code == 4403


def test_ones_own_page_hears_of_every_course_and_of_jobs_and_of_nobody_else(stack, people):
    carla, dora = stack.people(2, prefix="mine")
    places = [
        stack.call("POST", "/probes/course/", {"slug": f"mine-{n}", "lessons": 1}).json
        for n in range(2)
    ]
    enrol(stack, places[0], carla)
    with (
        opened(stack, "/ws/courses/?view=mine", token=carla["access"]) as mine,
        opened(stack, "/ws/courses/?view=mine", token=dora["access"]) as others,
    ):
        seqs = [frame_of(mine, "snapshot")["seq"]]
        frame_of(others, "snapshot")
        enrol(stack, places[1], carla)
        seqs.append(frame_of(mine, "snapshot")["seq"])
        for place in places:
            told = {"events": [event_of(place["lessons"][0])]}
            url = f"/api/progress/{place['course_id']}/events/"
            assert stack.call("POST", url, told, token=carla["access"]).status == 200
            frame = frame_of(mine, "snapshot")
            assert frame["data"] == {"seq": frame["seq"]}
            seqs.append(frame["seq"])
        stack.submit("probe.work", {"seconds": 0.1}, person_id=carla["id"])
        seqs.append(frame_of(mine, "snapshot")["seq"])
        assert seqs == sorted(set(seqs))
        with pytest.raises(TimeoutError):
            others.recv(timeout=1)
    assert close_code(stack, "/ws/courses/?view=mine") == 4401


def event_of(lesson):
    return {"id": str(uuid.uuid4()), "kind": "completed", "lesson": lesson}


def deaf_client(stack, path, token):
    """A socket whose client never reads anything after its request."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", stack.port))
    raw.sendall(
        (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{stack.port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {token}\r\n\r\n"
        ).encode()
    )
    return raw


def is_connected(stack, raw):
    port = raw.getsockname()[1]
    web = psutil.Process(stack.processes["web"].pid)
    return any(
        connection.raddr and connection.raddr.port == port
        for connection in web.net_connections("tcp")
    )


def test_a_client_that_stops_reading_is_let_go_and_costs_little(stack):
    place = stack.call("POST", "/probes/course/", {"slug": "large", "lessons": 100}).json
    person = stack.people(1, prefix="deaf")[0]
    enrol(stack, place, person)
    path = f"/ws/progress/{place['course_id']}/"
    web = psutil.Process(stack.processes["web"].pid)
    with (
        contextlib.closing(deaf_client(stack, path, person["access"])) as deaf,
        opened(stack, path, token=person["access"]) as client,
    ):
        frame_of(client, "snapshot")
        eventually(lambda: is_connected(stack, deaf), seconds=5)
        before_bytes = web.memory_info().rss
        began = time.monotonic()
        for number in range(100):
            say(client, "mark_complete", place["lessons"][number])
            assert frame_of(client, "accepted", "refused")["type"] == "accepted"
            frame_of(client, "progress_update")
        eventually(lambda: not is_connected(stack, deaf), seconds=30)
        assert time.monotonic() - began < 60
        # Frames of some 4 MB were due to it.
        assert web.memory_info().rss - before_bytes < 30_000_000


def test_who_sends_too_fast_is_closed(stack, people, path):
    with opened(stack, path, token=people["alice"]["access"]) as client:
        frame_of(client, "snapshot")
        with contextlib.suppress(ConnectionClosed):
            for _ in range(1000):
                client.send("{")
        assert frames_until_closed(client)[1] == 4429


def test_a_lesson_that_is_closed_or_opened_for_a_learner_is_told_to_the_open_page(
    stack, people, place, path
):
    alice, teacher = people["alice"], people["ingrid"]["access"]
    lesson = place["lessons"][3]
    opening = f"/api/lessons/{lesson}/opening/"

    def put(address, **body):
        assert stack.call("PUT", address, body, token=teacher).status == 200

    def is_open(client, *kinds):
        rows = frame_of(client, *kinds)["data"]["lessons"]
        return next(row["is_open"] for row in rows if row["lesson"] == lesson)

    with opened(stack, path, token=alice["access"]) as page:
        assert is_open(page, "snapshot")
        put(opening, rules=[{"kind": "on_date", "opens_at": "2999-03-03T09:00:00Z"}])
        assert not is_open(page, "progress_update")
        put(f"{opening}overrides/", enrolment=alice["enrolment_id"], opens_at=None)
        assert is_open(page, "progress_update")
        put(opening, rules=[])
