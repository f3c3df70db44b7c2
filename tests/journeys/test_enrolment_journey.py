"""A crowd at the door, and a list that a worker goes through, on a whole academy."""

import secrets
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

pytestmark = pytest.mark.stack


@pytest.fixture
def room(stack):
    """A course of its own, and the token of somebody who teaches it."""
    slug = f"door-{secrets.token_hex(4)}"
    made = stack.call("POST", "/probes/course/", {"slug": slug, "lessons": 1}).json
    teacher = stack.people(1, prefix=f"teacher-{slug}-", role="instructor")[0]
    post = {"course_id": made["course_id"], "person_id": teacher["id"], "role": "co_instructor"}
    stack.call("POST", "/probes/staff/", post)
    return slug, made["course_id"], teacher["access"]


def seats(stack, course_id):
    sql = "SELECT count(*) FROM learning_enrolment WHERE course_id = ? AND status = 'active'"
    return stack.query(sql, course_id)[0][0]


def test_a_hundred_people_at_the_door_at_once_fill_the_room_and_no_more(stack, room):
    slug, course_id, _token = room
    stack.query("UPDATE learning_course SET seat_limit = 30 WHERE id = ?", course_id)
    people = stack.people(100, prefix=f"crowd-{slug}-")

    def enrol(person):
        for _try in range(60):
            answer = stack.call(
                "POST", f"/api/courses/{slug}/enrol/", {}, token=person["access"], timeout=120
            )
            if answer.status != 503:
                return answer
            time.sleep(float(answer.headers.get("Retry-After", 1)))
        return answer

    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(enrol, people))
    assert sorted(answer.status for answer in answers) == [201] * 30 + [409] * 70
    assert seats(stack, course_id) == 30


def test_a_list_is_worked_through_by_a_worker_and_told_line_by_line(stack, room):
    slug, course_id, token = room
    people = stack.people(40, prefix=f"listed-{slug}-")
    lines = [person["username"] for person in people]
    lines[20:20] = ["nobody-at-all", "=cmd|'/c calc'!A1", "not an@address"]
    place = f"/api/courses/{slug}/enrolment-lists/"
    sent = stack.call("POST", place, {"csv": "username\n" + "\n".join(lines)}, token=token)
    assert sent.status == 202, sent
    stack.wait_for(sent.json["task_id"], "succeeded")
    found = stack.call("GET", f"{place}{sent.json['id']}/", token=token).json
    assert (found["enrolled_count"], found["refused_count"], found["waiting_count"]) == (40, 3, 0)
    assert seats(stack, course_id) == 40
    sheet = stack.call("GET", f"{place}{sent.json['id']}/report/", token=token).body.decode()
    assert "'=cmd" in sheet
