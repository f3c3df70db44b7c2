"""A learner's day: two windows, no network, another device, no scripts."""

import re

import pytest

from tests.journeys.conftest import sign_in
from tests.stack import eventually

pytestmark = [pytest.mark.stack, pytest.mark.browser]


def tick_of(page, permalink):
    return page.locator(f".tree [data-mark='{permalink}']")


def state_of(page, permalink):
    return tick_of(page, permalink).get_attribute("data-state")


def wait_for_state(page, permalink, state):
    page.locator(f".tree [data-mark='{permalink}'][data-state='{state}']").wait_for()


def until(page, condition, *, seconds=15):
    """The policy forbids what `wait_for_function` does in the page."""
    eventually(lambda: page.evaluate(condition), seconds=seconds)


def completed(classroom):
    return classroom.stack.query(
        "SELECT count(*) FROM learning_lessonprogress WHERE state = 'completed' "
        "AND enrolment_id IN (SELECT id FROM learning_enrolment WHERE person_id = ?)",
        classroom.person_id,
    )[0][0]


def test_two_windows_of_one_learner_follow_each_other(classroom):
    classroom.enrol()
    context = classroom.device()
    first, second = classroom.window(context, 0), classroom.window(context, 1)
    loads = []
    second.on("load", lambda _: loads.append(second.url))
    first.get_by_role("button", name="Mark as done").click()
    wait_for_state(second, classroom.lessons[0], "completed")
    second.locator(".reader-contents [data-part=percent]", has_text="25").wait_for()
    second.locator(".reader-contents [data-part=count]", has_text="1 of 4").wait_for()
    first.get_by_role("button", name="Open anew").click()
    wait_for_state(second, classroom.lessons[0], "opened")
    second.locator(".reader-contents [data-part=percent]", has_text="0").wait_for()
    assert loads == []


def test_another_device_of_the_learner_follows_too(classroom):
    classroom.enrol()
    here = classroom.window(classroom.device(), 0)
    there = classroom.device(viewport={"width": 390, "height": 844}).new_page()
    there.goto(f"{classroom.stack.url}/learn/")
    there.locator("[data-connection][data-state=live]").wait_for()
    here.get_by_role("button", name="Mark as done").click()
    there.locator(".course-row [data-part=count]", has_text="Lessons done: 1 of 4").wait_for()


@pytest.fixture
def desk(classroom):
    """My learning of somebody in eight courses, live: the classroom's own is the last of them."""
    classroom.enrol()
    for number in range(7):
        slug = f"{classroom.slug}-{number}"
        other = classroom.probe("course", slug=slug, lessons=1)["course_id"]
        classroom.probe("enrol", course_id=other, person_id=classroom.person_id)
    context = classroom.device()
    page = context.new_page()
    page.goto(f"{classroom.stack.url}/learn/")
    page.locator("[data-connection][data-state=live]").wait_for()
    assert page.locator(".course-row").count() == 8
    assert classroom.slug == page.locator(".course-row-title").last.inner_text()
    return page


def test_my_learning_follows_what_is_done_in_another_window(classroom, desk):
    loads = []
    desk.on("load", lambda _: loads.append(desk.url))
    assert "Open a lesson, and it appears here." in desk.locator(".desk-activity").inner_text()
    held = desk.locator(".course-row-title a").last
    held.focus()
    scrolled = desk.evaluate("scrollY")
    other = classroom.window(desk.context, 0)
    desk.locator(".desk-activity a", has_text="Lesson 0").wait_for()
    other.get_by_role("button", name="Mark as done").click()
    row = desk.locator(".course-row", has=desk.get_by_text(classroom.slug, exact=True))
    row.locator("[data-part=count]", has_text="Lessons done: 1 of 4").wait_for()
    desk.locator(".desk-activity li", has_text="Done:").wait_for()
    desk.locator(".next-up", has_text="Lesson 1").wait_for()
    assert desk.evaluate("document.activeElement.getAttribute('href')") == (
        f"/courses/{classroom.slug}/"
    )
    assert desk.evaluate("scrollY") == scrolled
    other.get_by_role("button", name="Open anew").click()
    row.locator("[data-part=count]", has_text="Lessons done: 0 of 4").wait_for()
    assert loads == []


def test_a_job_of_another_window_appears_among_my_jobs_and_is_counted(classroom, desk):
    assert desk.locator(".desk-jobs [data-job]").count() == 0
    number = desk.locator("[data-live-jobs-count]").first
    rows = desk.locator(".desk-jobs [data-job]")
    other = classroom.window(desk.context, 0)
    for place, name in enumerate(("PDF", "Word"), start=1):
        other.get_by_role("button", name=f"Export as {name}").click()
        eventually(lambda count=place: rows.count() == count, seconds=15)
    for row in rows.all():
        row.locator("[data-part=state]", has_text="Done").wait_for(timeout=60_000)
    eventually(lambda: number.inner_text() in {"", "0"}, seconds=10)
    other.goto(classroom.url_of(1))
    other.get_by_role("button", name="Export as PDF").click()
    eventually(lambda: rows.count() == 3, seconds=15)
    newest = rows.first.get_attribute("data-job")
    assert newest not in {row.get_attribute("data-job") for row in rows.all()[1:]}


def test_my_jobs_shows_what_was_asked_for_in_another_window(classroom):
    classroom.enrol()
    context = classroom.device()
    jobs = context.new_page()
    jobs.goto(f"{classroom.stack.url}/jobs/")
    jobs.locator("[data-connection][data-state=live]").wait_for()
    jobs.get_by_text("Nothing has been made for you yet.").wait_for()
    loads = []
    jobs.on("load", lambda _: loads.append(jobs.url))
    rows = jobs.locator("[data-job-list] [data-job]")
    other = classroom.window(context, 0)
    for place, name in enumerate(("PDF", "Word"), start=1):
        other.get_by_role("button", name=f"Export as {name}").click()
        eventually(lambda count=place: rows.count() == count, seconds=15)
        assert name in rows.first.inner_text()
    jobs.locator(".filters a", has_text="All").wait_for()
    for row in rows.all():
        row.locator("[data-part=state]", has_text="Done").wait_for(timeout=60_000)
    eventually(
        lambda: jobs.locator("[data-live-jobs-count]").first.inner_text() in {"", "0"}, seconds=10
    )
    assert loads == []


def test_an_offline_window_catches_up_and_sends_what_was_done(classroom):
    classroom.enrol()
    away_context, home_context = classroom.device(), classroom.device()
    away, home = classroom.window(away_context, 0), classroom.window(home_context, 1)
    away_context.set_offline(True)
    away.locator("[data-connection][data-state=offline]").wait_for()
    away.get_by_role("button", name="Mark as done").click()
    assert state_of(away, classroom.lessons[0]) == "completed"
    away.get_by_text("It is kept on this device").wait_for()
    home.get_by_role("button", name="Mark as done").click()
    wait_for_state(home, classroom.lessons[1], "completed")
    eventually(lambda: completed(classroom) == 1, seconds=10)
    assert state_of(away, classroom.lessons[1]) != "completed"
    away_context.set_offline(False)
    wait_for_state(away, classroom.lessons[1], "completed")
    wait_for_state(home, classroom.lessons[0], "completed")
    assert completed(classroom) == 2
    until(away, "Object.keys(localStorage).every((key) => !key.includes('outbox'))")


def test_what_was_done_offline_outlives_the_page_and_goes_out_from_another(classroom):
    classroom.enrol()
    context = classroom.device()
    page = classroom.window(context, 0)
    context.set_offline(True)
    page.get_by_role("button", name="Mark as done").click()
    page.locator(".done").get_by_text("Kept on this device until").wait_for()
    page.close()
    context.set_offline(False)
    context.new_page().goto(classroom.stack.url)
    eventually(lambda: completed(classroom) == 1, seconds=15)


def test_an_optimistic_tick_is_rolled_back_with_a_reason(classroom):
    classroom.enrol()
    stack = classroom.stack
    page = classroom.window(classroom.device(), 0)
    # A rule that came after the page was loaded.
    stack.query(
        "UPDATE learning_releaselesson SET completion = ? WHERE release_id IN "
        "(SELECT id FROM learning_release WHERE course_id = ?)",
        '{"rule": "minimum_time", "seconds": 3600}',
        classroom.course_id,
    )
    told = []
    page.expose_function("seen", lambda state: told.append(state))
    page.evaluate(
        """(lesson) => {
          const tick = document.querySelector(`.tree [data-mark='${lesson}']`);
          new MutationObserver(() => window.seen(tick.dataset.state))
            .observe(tick, { attributes: true, attributeFilter: ["data-state"] });
        }""",
        classroom.lessons[0],
    )
    page.get_by_role("button", name="Mark as done").click()
    page.locator(".toast[data-tone=bad]").wait_for()
    wait_for_state(page, classroom.lessons[0], "opened")
    assert page.locator(".toast").inner_text().strip() != ""
    assert page.get_by_role("button", name="Mark as done").is_visible()
    assert told == ["completed", "opened"]
    assert completed(classroom) == 0


def reading_at(page):
    return page.evaluate(
        """() => [...document.querySelectorAll(".lesson-body h2")]
          .filter((heading) => heading.getBoundingClientRect().top <= innerHeight * 0.3)
          .at(-1)?.textContent ?? "" """
    )


def test_another_device_goes_on_where_the_first_stopped(classroom):
    classroom.enrol()
    page = classroom.window(classroom.device(), 0)
    page.mouse.move(640, 400)
    page.mouse.wheel(0, 2500)
    until(page, "scrollY > 2000")
    where = reading_at(page)
    assert where
    eventually(
        lambda: classroom.stack.query(
            "SELECT count(*) FROM learning_lessonprogress WHERE checkpoint IS NOT NULL "
            "AND enrolment_id IN (SELECT id FROM learning_enrolment WHERE person_id = ?)",
            classroom.person_id,
        )[0][0],
        seconds=20,
    )
    phone = classroom.device(viewport={"width": 390, "height": 844}).new_page()
    phone.goto(f"{classroom.stack.url}/learn/")
    phone.get_by_role("link", name="Continue").click()
    phone.wait_for_url(re.compile("lesson-0"))
    until(phone, "scrollY > 500")
    assert reading_at(phone) == where
    phone.get_by_text("You go on where you stopped reading.").wait_for()
    phone.get_by_role("button", name="Go to the beginning").click()
    until(phone, "scrollY === 0")


def test_a_course_is_taken_and_gone_through_without_javascript(classroom):
    context = classroom.device(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{classroom.stack.url}/courses/{classroom.slug}/")
    page.get_by_role("button", name="Enrol", exact=True).click()
    assert "You are enrolled" in page.locator("main").inner_text()
    page.get_by_role("link", name="Begin").click()
    assert page.url.startswith(classroom.url_of(0))
    page.get_by_role("button", name="Mark as done").click()
    assert state_of(page, classroom.lessons[0]) == "completed"
    assert page.locator(".reader-contents progress").get_attribute("value") == "25"
    page.get_by_role("link", name="Next").click()
    assert page.url.startswith(classroom.url_of(1))
    page.goto(f"{classroom.stack.url}/learn/")
    assert "Lessons done: 1 of 4" in page.locator("main").inner_text()
    page.goto(f"{classroom.stack.url}/courses/{classroom.slug}/")
    page.locator("summary", has_text="Leave this course").click()
    page.get_by_role("button", name="Leave this course").click()
    assert "You have left" in page.locator("main").inner_text()


def test_a_place_kept_without_javascript_is_where_another_device_goes_on(classroom):
    classroom.enrol()
    plain = classroom.device(java_script_enabled=False).new_page()
    plain.goto(classroom.url_of(0))
    plain.get_by_label("I stopped reading at").select_option(label="Part 7")
    plain.get_by_role("button", name="Remember this place").click()
    assert "This place is remembered" in plain.locator("main").inner_text()
    assert plain.get_by_label("I stopped reading at").input_value() == "part-7"
    page = classroom.window(classroom.device(), 0)
    page.get_by_text("You go on where you stopped reading.").wait_for()
    until(
        page,
        "Math.abs(document.getElementById('part-7').getBoundingClientRect().top) < innerHeight / 2",
    )
    assert page.get_by_label("I stopped reading at").count() == 0


def test_a_new_version_is_offered_and_the_place_is_kept(classroom):
    classroom.enrol()
    page = classroom.window(classroom.device(), 1)
    page.mouse.move(640, 400)
    page.mouse.wheel(0, 3000)
    until(page, "scrollY > 2500")
    classroom.probe("edit", course_id=classroom.course_id, slug="lesson-1")
    offer = page.locator("[data-offer]")
    offer.wait_for()
    before, where = page.evaluate("scrollY"), reading_at(page)
    eventually(
        lambda: (
            "And more."
            in classroom.stack.call("GET", f"/courses/{classroom.lessons[1]}/").body.decode()
        ),
        seconds=30,
    )
    assert page.evaluate("scrollY") == before
    offer.get_by_role("button", name="Show it").click()
    page.get_by_text("And more.").wait_for()
    until(page, "scrollY > 2000")
    assert reading_at(page) == where
    assert not page.locator("[data-offer]").is_visible()


def test_new_contents_are_offered_beside_a_lesson_that_stays_the_same(classroom):
    classroom.enrol()
    page = classroom.window(classroom.device(), 1)
    classroom.probe("edit", course_id=classroom.course_id, slug="lesson-2")
    offer = page.locator("[data-offer]")
    offer.wait_for()
    assert "the contents are others" in offer.inner_text()


def test_whose_place_is_lost_is_told_so_on_the_open_page(classroom):
    classroom.enrol()
    page = classroom.window(classroom.device(), 1)
    page.locator("[data-connection][data-state=live]").wait_for()
    [[enrolment_id]] = classroom.stack.query(
        "SELECT id FROM learning_enrolment WHERE person_id = ? AND course_id = ?",
        classroom.person_id,
        classroom.course_id,
    )
    classroom.probe("leave", enrolment_id=enrolment_id)
    page.locator(".toast", has_text="Your place in this course has changed").wait_for()


def test_the_class_page_follows_who_comes_and_goes(classroom):
    enrolment_id = classroom.enrol()["enrolment_id"]
    teacher = classroom.browser.new_context(locale="en-GB")
    classroom.contexts.append(teacher)
    page = teacher.new_page()
    sign_in(page, classroom.stack, "operator")
    page.goto(f"{classroom.stack.url}/courses/{classroom.slug}/class/")
    page.locator("[data-connection][data-state=live]").wait_for()
    state = page.locator(f"[data-learner='{classroom.person_id}'] [data-part=state]")
    assert state.inner_text() == "Open"
    classroom.probe("leave", enrolment_id=enrolment_id)
    page.locator("[data-part=state]", has_text="Withdrawn").wait_for()
    other = classroom.stack.people(1, prefix="comes-")[0]
    classroom.probe("enrol", course_id=classroom.course_id, person_id=other["id"])
    page.locator("[data-newcomers]", has_text="1 new learner").wait_for()


def test_searching_while_typing_keeps_the_history_and_says_how_many(classroom):
    page = classroom.device().new_page()
    page.goto(classroom.stack.url)
    everything = page.locator(".card").count()
    assert everything >= 2
    loads = []
    page.on("load", lambda _: loads.append(page.url))
    page.get_by_label("What about").press_sequentially(classroom.slug, delay=20)
    page.locator("[data-results-count]", has_text=re.compile(r"\b1 course\b")).wait_for()
    assert page.locator(".card").count() == 1
    assert page.url.endswith(f"?q={classroom.slug}")
    page.go_back()
    until(page, f"document.querySelectorAll('.card').length === {everything}")
    assert page.get_by_label("What about").input_value() == ""
    assert loads == []


def test_the_catalogue_is_searched_by_a_plain_form_without_javascript(classroom):
    page = classroom.device(java_script_enabled=False).new_page()
    page.goto(classroom.stack.url)
    page.get_by_label("What about").fill(classroom.slug)
    page.get_by_role("button", name="Find").click()
    assert page.locator(".card").count() == 1
    page.get_by_label("My courses only").check()
    page.get_by_role("button", name="Find").click()
    assert page.locator(".card").count() == 0
    assert "No course is like that." in page.locator("main").inner_text()


def test_a_change_of_the_catalogue_is_offered_without_moving_anything(classroom):
    page = classroom.device().new_page()
    slug = f"new-{classroom.slug}"
    # Among the courses of all tests it might stand on another page of the list.
    page.goto(f"{classroom.stack.url}/?q={slug}")
    page.locator("[data-connection][data-state=live]").wait_for()
    classroom.probe("course", slug=slug, lessons=1)
    offer = page.locator("[data-catalogue-offer]")
    offer.wait_for()
    assert page.locator(f".card a[href='/courses/{slug}/']").count() == 0
    offer.get_by_role("button", name="Show the changes").click()
    page.locator(f".card a[href='/courses/{slug}/']").wait_for()
    assert not offer.is_visible()


def test_signing_out_in_one_tab_is_told_in_the_other(classroom):
    classroom.enrol()
    context = classroom.device()
    reading = classroom.window(context, 0)
    other = context.new_page()
    other.goto(classroom.stack.url)
    other.locator(".menu > summary").click()
    other.get_by_role("button", name="Sign out").click()
    reading.get_by_text("You are signed out, so this page no longer follows.").wait_for()
