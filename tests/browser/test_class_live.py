"""A class that is followed live, in a browser: rows, newcomers, figures and the chart."""

import json
import re

import pytest

from tests.browser.axe import violations
from tests.browser.made import browser_beside_the_database, making
from tests.browser.test_class_pages import CLASS, fetch_pages, serve

pytestmark = [pytest.mark.pages, pytest.mark.django_db]


@pytest.fixture(scope="module")
def answers(django_db_setup, django_db_blocker):
    with making(django_db_blocker):
        return fetch_pages()


@pytest.fixture(scope="module")
def browser(answers):
    with browser_beside_the_database() as running:
        yield running


def learner_frame(row, **values):
    known = {
        "seq": 10**6,
        "percent": 55,
        "completed_count": 5,
        "required_count": 9,
        "last_lesson": "shells/lesson-4",
        "last_lesson_title": "待ち行列",
        "last_active_at": "2026-01-01T00:00:00.000Z",
        **values,
    }
    return {"learner": {"id": int(row), "name": "Somebody"}, **known}


@pytest.fixture
def socket(page):
    """The page's socket, which says what the test says."""
    opened = []
    page.route_web_socket("**/ws/progress/*/*", lambda known: opened.append(known))
    return opened


def say(socket, kind, data, seq=1):
    socket[0].send(json.dumps({"type": kind, "seq": seq, "data": data}))


def test_a_bar_moves_where_it_stands_and_nothing_changes_its_place(answers, page, socket):
    serve(page, answers["class"])
    rows = page.locator("[data-class] tbody tr")
    order = rows.evaluate_all("(all) => all.map((one) => one.dataset.learner)")
    last = rows.last
    page.wait_for_function("document.querySelectorAll('[data-connection]').length > 0")
    say(socket, "snapshot", {"course_id": 1, "learners": []})

    say(socket, "progress_update", learner_frame(order[-1]), seq=2)

    page.wait_for_function("document.querySelector('[data-moved]').textContent !== ''")
    assert last.locator("progress").evaluate("(bar) => bar.value") == 55
    assert "55%" in last.inner_text()
    assert "5 of 9" in last.inner_text()
    assert "待ち行列" in last.inner_text()
    assert rows.evaluate_all("(all) => all.map((one) => one.dataset.learner)") == order
    assert page.locator("[data-moved]").inner_text() == (
        "Somebody has moved on since this list was made."
    )


def test_an_older_frame_of_a_learner_changes_nothing(answers, page, socket):
    serve(page, answers["class"])
    row = page.locator("[data-class] tbody tr").first
    learner = row.get_attribute("data-learner")
    say(socket, "snapshot", {"course_id": 1, "learners": []})
    say(socket, "progress_update", learner_frame(learner, percent=60, seq=9), seq=2)
    say(socket, "progress_update", learner_frame(learner, percent=20, seq=8), seq=3)
    say(socket, "progress_update", learner_frame("0", seq=1), seq=4)
    page.locator("[data-moved]", has_text="was made: 2").wait_for()
    assert row.locator("progress").evaluate("(bar) => bar.value") == 60


def test_a_snapshot_brings_the_page_up_to_date(answers, page, socket):
    serve(page, answers["class"])
    row = page.locator("[data-class] tbody tr").first
    learner = row.get_attribute("data-learner")

    say(socket, "snapshot", {"course_id": 1, "learners": [learner_frame(learner, percent=33)]})

    page.wait_for_function("document.querySelector('[data-moved]').textContent !== ''")
    assert row.locator("progress").evaluate("(bar) => bar.value") == 33


def newcomer_frame(page, number=1):
    known = int(page.locator("[data-class]").get_attribute("data-newest"))
    frame = learner_frame(str(10**6 + number), percent=0)
    return {**frame, "learner": {**frame["learner"], "enrolment_id": known + number}}


def test_a_newcomer_is_told_and_shown_and_nobody_has_moved_on(answers, page, socket):
    serve(page, answers["class"])
    say(socket, "snapshot", {"course_id": 1, "learners": []})
    say(socket, "progress_update", newcomer_frame(page), seq=2)
    offer = page.locator("[data-newcomers]", has_text="1 new learner")
    offer.wait_for()
    assert offer.get_by_role("link").get_attribute("href") == f"{CLASS}?ordering=-started"
    assert page.locator("[data-moved]").inner_text() == ""
    say(socket, "progress_update", newcomer_frame(page, 2), seq=3)
    page.locator("[data-newcomers]", has_text="New learners: 2").wait_for()
    assert violations(page) == []


def test_an_empty_class_is_live_and_says_who_came(answers, page, socket):
    serve(page, answers["class-empty"])
    say(socket, "snapshot", {"course_id": 1, "learners": []})
    page.locator("[data-connection][data-state=live]").wait_for()
    assert page.get_by_text("Nobody is in this class yet.").is_visible()
    say(socket, "progress_update", newcomer_frame(page), seq=2)
    page.locator("[data-newcomers]", has_text="1 new learner").wait_for()
    assert not page.get_by_text("Nobody is in this class yet.").is_visible()


def test_the_figures_follow_with_few_requests_and_without_taking_the_focus(answers, page, socket):
    page.clock.install()
    serve(page, answers["class"])
    asked = []
    html = answers["class"].content.decode()
    html = re.sub(r'(data-figure="average">)[^<]*', r"\g<1>99%", html)
    html = re.sub(r"(<script[^>]*application/json[^>]*>)\[\[[^<]*", r'\g<1>[["100", 7]]', html)

    def fresh(route):
        asked.append(route.request.url)
        route.fulfill(body=html, content_type="text/html")

    page.route(f"**{CLASS}", fresh)
    page.get_by_label("Name or address").fill("待ち")
    page.get_by_label("State").select_option("open")
    page.get_by_label("Name or address").focus()
    rows = page.locator("[data-class] tbody tr")
    order = rows.evaluate_all("(all) => all.map((one) => one.dataset.learner)")
    say(socket, "snapshot", {"course_id": 1, "learners": []})
    for number in range(60):
        say(socket, "progress_update", learner_frame(order[0], seq=number), seq=2 + number)
    page.locator("[data-figure=average]", has_text="99%").wait_for()
    say(socket, "progress_update", learner_frame(order[1]), seq=99)
    page.clock.fast_forward(2_000)
    page.wait_for_timeout(300)
    assert len(asked) == 1
    assert rows.evaluate_all("(all) => all.map((one) => one.dataset.learner)") == order
    assert page.evaluate("document.activeElement.id") == "filter-q"
    assert page.get_by_label("Name or address").input_value() == "待ち"
    assert page.get_by_label("State").input_value() == "open"
    page.clock.fast_forward(7_000)
    page.wait_for_timeout(300)
    assert len(asked) == 2
