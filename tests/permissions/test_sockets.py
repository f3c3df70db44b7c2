"""Every socket x every role, on a whole academy: what is opened, and with which code it is closed.

`open` means that the snapshot came; a number is the code of the closing frame (RFC 6455, section
7.4), or the status where the handshake itself is refused.
"""

import json
import re

import pytest
from websockets.exceptions import ConnectionClosed

from academy import asgi
from scheduler.jobs.tests.test_live import opened, refusal

pytestmark = pytest.mark.stack

ROLES = ("anonymous", "stranger", "learner", "other", "assistant", "co", "owner", "operator")
TABLE = """
published ws/tasks/<uuid:job_id>/              4401 4403 open 4403 4403 4403 4403 open
published ws/progress/<id:course_id>/          4401 4403 open 4403 open open open open
published ws/course-updates/<id:course_id>/    4401 open open open open open open open
published ws/courses/                          4401 open open open open open open open
withdrawn ws/progress/<id:course_id>/          4401 4403 4403 4403 open open open open
withdrawn ws/course-updates/<id:course_id>/    4401 4403 4403 4403 open open open open
published ws/nowhere/                          403 403 403 403 403 403 403 403
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [
    pytest.param(state, path, role, expected, id=f"{state} {path} {role}")
    for state, path, *cells in ROWS
    for role, expected in zip(ROLES, cells, strict=True)
]


@pytest.fixture(scope="module")
def places(stack):
    """A course that is open and one that was withdrawn, with people of every role in both."""
    found = {}
    for number, state in enumerate(("published", "withdrawn")):
        body = {"slug": f"rights{number}", "lessons": 1}
        course = stack.call("POST", "/probes/course/", body).json
        people = {
            role: stack.people(1, prefix=f"r{number}-{role}", role=kind)[0]
            for role, kind in (
                ("stranger", "learner"),
                ("learner", "learner"),
                ("other", "instructor"),
                ("assistant", "learner"),
                ("co", "instructor"),
                ("operator", "operator"),
            )
        }
        owners = stack.people(number + 1, prefix="owner-rights", role="instructor")
        people["owner"] = owners[number]
        place = {"course_id": course["course_id"]}
        stack.call("POST", "/probes/enrol/", {**place, "person_id": people["learner"]["id"]})
        for role, post in (("assistant", "assistant"), ("co", "co_instructor")):
            body = {**place, "person_id": people[role]["id"], "role": post}
            assert stack.call("POST", "/probes/staff/", body).status == 200
        if state == "withdrawn":
            assert stack.call("POST", "/probes/withdraw/", place).status == 200
        job = stack.submit("probe.work", {"seconds": 0.1}, person_id=people["learner"]["id"])
        found[state] = {"people": people, "course_id": place["course_id"], "job_id": job}
    return found


def seen(stack, path, token):
    """`open`, or the code with which the socket is closed at once."""
    with opened(stack, path, token=token) as client:
        try:
            frame = json.loads(client.recv(timeout=20))
        except ConnectionClosed as closed:
            return str(closed.rcvd.code)
        assert frame["type"] == "snapshot"
        return "open"


@pytest.mark.parametrize(("state", "path", "role", "expected"), CELLS)
def test_who_opens_which_socket(stack, places, state, path, role, expected):
    place = places[state]
    address = "/" + re.sub(r"<\w+:(\w+)>", lambda found: str(place[found[1]]), path)
    token = place["people"][role]["access"] if role in place["people"] else None
    if expected == "403":
        assert refusal(stack, address, token=token) == 403
    else:
        assert seen(stack, address, token) == expected


def test_the_table_has_every_socket():
    sockets = {str(route.pattern) for route in asgi._sockets} - {""}
    assert sockets == {path for _, path, *_ in ROWS} - {"ws/nowhere/"}
