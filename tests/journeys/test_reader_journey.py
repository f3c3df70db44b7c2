"""What the reader says of where a learner stands: time, the end of the course, and the connection."""

import re

import pytest

from tests.journeys.conftest import fill_sign_in
from tests.journeys.test_learning_journey import completed, wait_for_state
from tests.stack import eventually

pytestmark = [pytest.mark.stack, pytest.mark.browser]

NOTES = ".toast [data-toast-text]"


def ruled(classroom, completion):
    """The first lesson is done by that rule, and no other lesson counts."""
    stack = classroom.stack
    entries = "release_id IN (SELECT id FROM learning_release WHERE course_id = ?)"
    first = "lesson_id = (SELECT id FROM learning_lesson WHERE course_id = ? AND slug = ?)"
    course, slug = classroom.course_id, classroom.lessons[0].split("/")[1]
    stack.query(
        f"UPDATE learning_releaselesson SET completion = ? WHERE {entries} AND {first}",
        completion,
        course,
        course,
        slug,
    )


def test_reading_time_counts_down_and_ends_by_itself(classroom):
    ruled(classroom, '{"rule": "minimum_time", "seconds": 9}')
    classroom.enrol()
    page = classroom.window(classroom.device(), 0)
    left = page.locator("[data-part=reading-time]")
    shown = []

    def is_over():
        if left.is_visible():
            shown.append(int(re.search(r"0:0(\d)", left.inner_text()).group(1)))
        return completed(classroom) == 1

    eventually(is_over, seconds=25)
    wait_for_state(page, classroom.lessons[0], "completed")
    assert len(set(shown)) > 3
    assert shown == sorted(shown, reverse=True)
    assert "done by itself" in left.text_content()
    assert not left.is_visible()


def test_reading_time_that_is_missing_is_told_beside_what_else_is(classroom):
    ruled(
        classroom,
        '{"all": [{"rule": "marked"}, {"rule": "minimum_time", "seconds": 3600}]}',
    )
    classroom.enrol()
    page = classroom.window(classroom.device(), 0)
    left = page.locator("[data-part=reading-time]")
    left.get_by_text("Then you can mark it as done.").wait_for()
    assert re.search(r"(59:5\d|1:00:00)", left.inner_text())
    assert page.locator("[data-part=missing]").inner_text() == ""


def test_the_end_of_a_course_is_told_where_its_last_lesson_is_done(classroom):
    classroom.enrol()
    context = classroom.device()
    page = classroom.window(context, 0)
    for number in range(3):
        page.goto(classroom.url_of(number))
        page.get_by_role("button", name="Mark as done").click()
        wait_for_state(page, classroom.lessons[number], "completed")
        eventually(lambda done=number + 1: completed(classroom) == done, seconds=10)
    page.goto(classroom.url_of(3))
    end = page.get_by_text("You have done everything that counts in this course.")
    assert not end.is_visible()
    page.get_by_role("button", name="Mark as done").click()
    end.wait_for()
    page.get_by_role("button", name="Open anew").click()
    end.wait_for(state="hidden")
    page.get_by_role("button", name="Mark as done").click()
    eventually(lambda: completed(classroom) == 4, seconds=10)
    page.reload()
    end.wait_for()


def test_a_note_of_the_network_goes_when_it_is_back(classroom):
    classroom.enrol()
    context = classroom.device()
    page = classroom.window(context, 0)
    context.set_offline(True)
    page.locator("[data-connection][data-state=offline]").wait_for()
    page.get_by_role("button", name="Mark as done").click()
    page.locator(NOTES, has_text="You are offline.").wait_for()
    context.set_offline(False)
    page.locator("[data-connection][data-state=live]").wait_for()
    page.locator(NOTES, has_text="You are offline.").wait_for(state="detached", timeout=3_000)


def test_what_is_done_on_a_page_is_of_whose_page_it_is_whoever_signs_in_there(classroom, stack):
    classroom.enrol()
    other = stack.people(1, prefix="next-at-the-desk-")[0]
    stack.query(
        "UPDATE accounts_user SET password = "
        "(SELECT password FROM accounts_user WHERE username = 'learner') WHERE id = ?",
        other["id"],
    )
    classroom.probe("enrol", course_id=classroom.course_id, person_id=other["id"])
    context = classroom.device()
    page = classroom.window(context, 0)
    second = context.new_page()

    def change_to(name):
        second.goto(stack.url)
        second.locator(".menu > summary").click()
        second.get_by_role("button", name="Sign out").click()
        second.goto(f"{stack.url}/accounts/sign-in/")
        fill_sign_in(second, name)

    change_to(other["username"])
    page.locator(".toast", has_text="You are signed out").wait_for()
    page.get_by_role("button", name="Mark as done").click()
    page.locator(".done", has_text="Kept on this device until you sign in again: 1").wait_for()
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(2_000)
    query = "SELECT count(*) FROM learning_progressevent WHERE kind = 'completed'"
    query += " AND enrolment_id IN (SELECT id FROM learning_enrolment WHERE course_id = ?)"
    assert stack.query(query, classroom.course_id)[0][0] == 0
    change_to(classroom.name)
    second.goto(classroom.url_of(1))
    eventually(lambda: completed(classroom) == 1, seconds=15)
    assert stack.query(query, classroom.course_id)[0][0] == 1


def test_what_is_done_after_signing_out_waits_for_the_next_sign_in(classroom):
    classroom.enrol()
    context = classroom.device()
    page = classroom.window(context, 0)
    other = context.new_page()
    other.goto(classroom.stack.url)
    other.locator(".menu > summary").click()
    other.get_by_role("button", name="Sign out").click()
    note = page.locator(".toast", has_text="You are signed out")
    note.wait_for()
    assert (
        note.get_by_role("link", name="Sign in")
        .get_attribute("href")
        .endswith(f"?next=%2Fcourses%2F{classroom.lessons[0].replace('/', '%2F')}%2F")
    )
    assert not page.locator("[data-connection]").is_visible()
    page.get_by_role("button", name="Mark as done").click()
    page.locator(".done", has_text="Kept on this device until you sign in again: 1").wait_for()
    page.wait_for_timeout(1_000)
    assert completed(classroom) == 0
    note.get_by_role("link", name="Sign in").click()
    classroom.sign_in_here(page)
    eventually(lambda: completed(classroom) == 1, seconds=15)
    wait_for_state(page, classroom.lessons[0], "completed")
