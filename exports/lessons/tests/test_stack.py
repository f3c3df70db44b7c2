"""Exports of a whole academy: real server, real workers."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from exports.lessons.selectors import EXPORT_KIND

pytestmark = [pytest.mark.stack, pytest.mark.apart]
CLIENTS = 200
AT_ONCE = 40
CANCELS = 50
LANES = 4


def stale(stack, lesson_id):
    """Whatever documents the lesson has, they were made of something else."""
    stack.query("UPDATE exports_lessonexport SET inputs_hash = '' WHERE lesson_id = ?", lesson_id)


def documents(stack, lesson_id):
    sql = "SELECT count(*) FROM exports_lessonexport WHERE lesson_id = ?"
    return stack.query(sql, lesson_id)[0][0]


def jobs(stack, lesson_id):
    sql = "SELECT count(*) FROM scheduler_job WHERE subject = ? AND kind = ?"
    return stack.query(sql, f"lesson:{lesson_id}", EXPORT_KIND)[0][0]


def lessons(stack, number):
    found = stack.query(
        "SELECT lesson.id, course.slug, lesson.slug FROM learning_lesson lesson "
        "JOIN learning_course course ON course.id = lesson.course_id "
        "WHERE lesson.status = 'published' AND lesson.access = 'free' ORDER BY lesson.id"
    )
    return [(pk, f"/api/lessons/{course}/{slug}/export/") for pk, course, slug in found][:number]


def ask(stack, person, path):
    return stack.call("POST", path, {"format": "docx"}, token=person["access"], timeout=120)


def test_two_hundred_clients_who_ask_for_a_stale_lesson_cause_one_render(stack):
    lesson_id, path = lessons(stack, 1)[0]
    people = stack.people(CLIENTS, prefix="crowd")
    first = ask(stack, people[0], path).json
    if "task_id" in first:
        stack.wait_for(first["task_id"], "succeeded")
    stale(stack, lesson_id)
    before = jobs(stack, lesson_id), documents(stack, lesson_id)
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        answers = list(crowd.map(lambda person: ask(stack, person, path), people))

    assert {answer.status for answer in answers} <= {200, 202}
    started = {answer.json["task_id"] for answer in answers if answer.status == 202}
    assert len(started) == 1
    stack.wait_for(started.pop(), "succeeded")
    assert (jobs(stack, lesson_id), documents(stack, lesson_id)) == (before[0] + 1, before[1] + 1)


def test_fifty_cancels_at_random_moments_leave_no_document(stack):
    people = stack.people(LANES, prefix="fickle")
    places = lessons(stack, LANES)
    moments = random.Random(8)  # noqa: S311 - the same moments in each run
    rounds = [[moments.uniform(0, 0.6) for _ in range(CANCELS // LANES + 1)] for _ in range(LANES)]

    with ThreadPoolExecutor(LANES) as pool:
        accepted = sum(
            pool.map(lambda n: cancels(stack, people[n], places[n], rounds[n]), range(LANES))
        )

    assert accepted > CANCELS // 4


def cancels(stack, person, place, moments):
    """Asks and cancels after each of `moments`; how many cancels were accepted."""
    lesson_id, path = place
    accepted = 0
    for seconds in moments:
        stale(stack, lesson_id)
        before = documents(stack, lesson_id)
        task_id = ask(stack, person, path).json["task_id"]
        time.sleep(seconds)
        cancel = stack.call(
            "POST", f"/async-monitoring/tasks/{task_id}/cancel/", token=person["access"]
        )
        ended = stack.wait_for(task_id, "cancelled", "succeeded")
        assert cancel.status in {202, 409}
        assert ended["status"] == ("cancelled" if cancel.status == 202 else "succeeded")
        made = documents(stack, lesson_id) - before
        assert made == (0 if cancel.status == 202 else 1)
        accepted += cancel.status == 202
    return accepted
