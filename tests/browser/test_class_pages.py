"""The class's pages as the server makes them, in a browser: axe, the policy, charts, live bars."""

import gzip
import json
import re
from datetime import timedelta

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from academy.accounts.models import Role, User
from learning.classes.tests.crowd import crowd
from learning.courses.models import Course, CourseStaff, StaffRole, Status
from learning.enrolments.models import (
    Cohort,
    DripOverride,
    DripRule,
    Enrolment,
    EnrolmentKey,
    EnrolmentList,
    EnrolmentListLine,
)
from learning.lessons.models import Lesson
from tests.browser.axe import DESKTOP, violations, violations_everywhere
from tests.browser.gallery import ORIGIN
from tests.browser.made import browser_beside_the_database, making

pytestmark = [pytest.mark.pages, pytest.mark.django_db]

LONG = "Zoë de la Cruz-Fernández y Montoya, " + "x" * 70
CLASS = "/courses/shells/class/"
NAMES = (
    "class",
    "class-nobody-found",
    "class-empty",
    "class-wrong",
    "class-assistant",
    "class-de",
    "class-ar",
    "stuck",
    "stuck-nothing",
    "learner",
    "learner-opening",
    "learner-suspended",
    "learner-assistant",
    "confirm",
    "cohorts",
    "cohort",
    "opening",
    "opening-nothing",
    "opening-assistant",
    "opening-lesson",
    "opening-wrong",
    "keys",
    "keys-assistant",
    "lists",
    "list",
    "teach",
    "teach-nothing",
)


def make_class():
    """A course with a crowd and everything that its pages show; returns who looks at it."""
    owner = User.objects.create(username="ingrid", role=Role.INSTRUCTOR, display_name="Ingrid")
    assistant = User.objects.create(username="asa", display_name="آسا")
    stranger = User.objects.create(username="sam")
    course = Course.objects.create(
        slug="shells", title="Shells 🐚", owner=owner, status="published"
    )
    Course.objects.create(slug="empty", title=LONG, owner=owner, status=Status.DRAFT)
    CourseStaff.objects.create(course=course, person=assistant, role=StaffRole.ASSISTANT)
    enrolments = crowd(course, learners=70, lessons=9)
    User.objects.filter(pk=enrolments[9].person_id).update(display_name=LONG)
    cohort = Cohort.objects.create(course=course, name="秋のクラス", ends_at=timezone.now())
    Cohort.objects.create(course=course, name=LONG, starts_at=timezone.now() + timedelta(days=9))
    first = enrolments[0]
    Enrolment.objects.filter(pk=first.pk).update(cohort=cohort, status="suspended")
    lesson = course.lessons.first()
    DripOverride.objects.create(lesson=lesson, enrolment=enrolments[5])
    DripOverride.objects.create(lesson=lesson, cohort=cohort)
    DripRule.objects.create(lesson=lesson, kind="after_days", days=7)
    DripRule.objects.create(lesson=course.lessons.last(), kind="after_lesson", after=lesson)
    Lesson.objects.filter(pk=lesson.pk).update(title=LONG)
    arabic = course.lessons.get(slug="lesson-4")
    Lesson.objects.filter(pk=arabic.pk).update(title="الحلقات")
    arabic.revisions.update(title="الحلقات")
    EnrolmentKey.objects.create(course=course, key="open-sesame", max_uses=3, created_by=owner)
    EnrolmentKey.objects.create(course=course, key="over", revoked_at=timezone.now())
    kept = EnrolmentList.objects.create(
        course=course, sent_by=owner, line_count=2, done_at=timezone.now()
    )
    EnrolmentListLine.objects.create(
        list=kept, number=2, who="a@example.org", outcome="enrolled", enrolment=first
    )
    EnrolmentListLine.objects.create(
        list=kept, number=3, who=LONG, outcome="refused", code="unknown_person"
    )
    return owner, assistant, stranger, enrolments, cohort, kept


def fetch_pages():
    """The pages by name, as the server answers them, headers and all."""
    owner, assistant, stranger, enrolments, cohort, kept = make_class()
    clients = {}
    for person in (owner, assistant, stranger):
        clients[person] = Client()
        clients[person].force_login(person)
    get, helps = clients[owner].get, clients[assistant].get
    learner = f"{CLASS}{enrolments[5].pk}/"

    def in_language(tag):
        User.objects.filter(pk=owner.pk).update(language=tag)
        answer = get(CLASS)
        User.objects.filter(pk=owner.pk).update(language=owner.language)
        return answer

    return {
        "class": get(CLASS),
        "class-nobody-found": get(f"{CLASS}?q=nobody"),
        "class-empty": get("/courses/empty/class/"),
        "class-wrong": clients[owner].post(f"{CLASS}enrol/", {"who": "nobody"}),
        "class-assistant": helps(CLASS),
        "class-de": in_language("de"),
        "class-ar": in_language("ar"),
        "stuck": get(f"{CLASS}stuck/"),
        "stuck-nothing": get("/courses/empty/class/stuck/"),
        "learner": get(learner),
        "learner-opening": get(f"{learner}?lesson=lesson-8"),
        "learner-suspended": get(f"{CLASS}{enrolments[0].pk}/"),
        "learner-assistant": helps(learner),
        "confirm": clients[owner].post(f"{learner}withdraw/"),
        "cohorts": get(f"{CLASS}cohorts/"),
        "cohort": get(f"{CLASS}cohorts/{cohort.pk}/"),
        "opening": get(f"{CLASS}opening/"),
        "opening-nothing": get("/courses/empty/class/opening/"),
        "opening-assistant": helps(f"{CLASS}opening/"),
        "opening-lesson": get(f"{CLASS}opening/lesson-0/"),
        "opening-wrong": clients[owner].post(
            f"{CLASS}opening/lesson-0/", {"days": "-1", "after": ["lesson-1"]}
        ),
        "keys": get(f"{CLASS}keys/"),
        "keys-assistant": helps(f"{CLASS}keys/"),
        "lists": get(f"{CLASS}list/"),
        "list": get(f"{CLASS}list/{kept.pk}/"),
        "teach": get("/teach/"),
        "teach-nothing": clients[stranger].get("/teach/"),
    }


@pytest.fixture(scope="module")
def answers(django_db_setup, django_db_blocker):
    with making(django_db_blocker):
        return fetch_pages()


@pytest.fixture(scope="module")
def browser(answers):
    with browser_beside_the_database() as running:
        yield running


def serve(page, answer, sent=None):
    """The page stands at its own address; what its forms send is kept in `sent`."""
    path = answer.request["PATH_INFO"]

    def fulfil(route):
        wanted = route.request.url.removeprefix(ORIGIN).split("?")[0]
        is_static = wanted.startswith("/static/")
        file = finders.find(wanted.removeprefix("/static/")) if is_static else None
        if file:
            route.fulfill(path=file)
        elif wanted == path and route.request.method == "GET":
            policy = answer.headers["Content-Security-Policy"]
            headers = {"Content-Security-Policy": policy, "Content-Type": "text/html"}
            route.fulfill(body=answer.content, headers=headers)
        elif route.request.method == "POST" and sent is not None:
            sent.append((wanted, route.request.post_data))
            route.fulfill(body="<!doctype html><title>Sent</title>", content_type="text/html")
        else:
            route.fulfill(status=503, body="")

    page.route("**/*", fulfil)
    page.goto(f"{ORIGIN}{path}", wait_until="load")


@pytest.mark.parametrize("name", NAMES)
def test_axe_and_the_policy_find_nothing_and_nothing_is_cut_off(answers, look, name):
    serve(look.page, answers[name])
    look.page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    assert look.complaints == []
    assert violations_everywhere(look.page) == []


@pytest.mark.parametrize(
    "name", ["class", "stuck", "learner", "opening", "opening-lesson", "lists"]
)
def test_at_200_percent_zoom_nothing_is_cut_off(answers, page, name):
    page.set_viewport_size({"width": 640, "height": 400})
    serve(page, answers[name])
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


@pytest.mark.parametrize("name", ["class", "class-de", "class-ar"])
@pytest.mark.parametrize("width", [390, 768, 1280])
def test_the_choice_of_states_can_be_read(answers, page, name, width):
    page.set_viewport_size({"width": width, "height": 800})
    serve(page, answers[name])
    assert page.evaluate("document.documentElement.lang") == (name[6:] or "en")
    wanted, there = page.locator("#filter-state").evaluate(
        """(list) => {
          const free = list.cloneNode(true);
          document.body.append(free);
          for (const [name, value] of [["width", "max-content"], ["position", "absolute"]]) {
            free.style.setProperty(name, value);
          }
          const look = getComputedStyle(list);
          for (const name of ["padding-inline", "border-width", "font"]) {
            free.style.setProperty(name, look.getPropertyValue(name));
          }
          const widths = [free.offsetWidth, list.offsetWidth];
          free.remove();
          return widths;
        }"""
    )
    assert wanted <= there + 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", ["class", "opening", "stuck"])
@pytest.mark.parametrize("width", [390, 1280])
def test_what_reads_from_the_right_stands_where_its_column_does(answers, page, name, width):
    page.set_viewport_size({"width": width, "height": 800})
    serve(page, answers[name])
    found = page.evaluate(
        """() => [...document.querySelectorAll('.data-table [dir="auto"]')].filter(
          (place) => getComputedStyle(place).direction === "rtl"
        ).map((place) => {
          const range = document.createRange();
          range.selectNodeContents(place);
          return range.getBoundingClientRect().left - place.getBoundingClientRect().left;
        })"""
    )
    assert found
    assert [gap for gap in found if gap > 1] == []


def test_nothing_of_a_name_or_of_a_files_button_is_cut_off(answers, page):
    serve(page, answers["lists"])
    for place in (".menu-name", "input[type=file]"):
        cut = page.locator(place).evaluate("(it) => it.scrollHeight - it.clientHeight")
        assert cut <= 0, place


@pytest.mark.parametrize("name", NAMES)
def test_no_page_has_inline_style_or_script(answers, name):
    html = answers[name].content.decode()
    assert not re.search(r"<[^>]+\sstyle\s*=", html)
    assert "<style" not in html
    assert not re.search(r"<[^>]+\son\w+\s*=", html)


@pytest.mark.parametrize("name", ["class", "stuck"])
def test_a_chart_is_drawn_and_the_table_says_the_same(answers, page, name):
    serve(page, answers[name])
    page.wait_for_selector("[data-chart] canvas")
    drawn = page.evaluate(
        """() => {
          const canvas = document.querySelector("[data-chart] canvas");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return data.some((part) => part !== 0);
        }"""
    )
    bars = json.loads(page.locator("[data-chart] script").text_content())
    assert drawn
    assert sum(count for _label, count in bars) > 0
    if name == "class":
        cells = page.locator(".small-table td").all_text_contents()
        assert [int(cell) for cell in cells] == [count for _label, count in bars]


def test_without_scripts_the_figures_stand_in_the_table(answers, browser):
    context = browser.new_context(java_script_enabled=False, viewport=DESKTOP)
    page = context.new_page()
    serve(page, answers["class"])
    assert not page.locator("[data-chart]").is_visible()
    page.locator("summary", has_text="The same as a table").click()
    assert page.locator(".small-table").is_visible()
    context.close()


def test_a_dialog_names_what_will_happen_and_escape_sends_nothing(answers, page):
    sent = []
    serve(page, answers["learner"], sent)
    button = page.get_by_role("button", name="Remove from the class")

    button.click()

    dialog = page.locator("dialog[open]")
    assert "from the class?" in dialog.inner_text()
    assert "Their progress is kept" in dialog.inner_text()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.wait_for_function("document.querySelector('dialog[open]') === null")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Remove from the class"
    assert sent == []


def test_what_is_confirmed_is_sent_once_with_the_lesson(answers, page):
    sent = []
    serve(page, answers["learner"], sent)

    page.get_by_role("button", name="Complete").first.click()
    page.locator("dialog[open] [data-confirm-yes]").click()
    page.wait_for_function("document.title === 'Sent'")

    assert len(sent) == 1
    assert sent[0][0].endswith("/complete/")
    assert "confirmed=1" in sent[0][1]
    assert "lesson=lesson-" in sent[0][1]


@pytest.mark.parametrize("name", ["class", "learner", "opening-lesson"])
def test_every_stop_of_the_tab_key_is_visible_and_in_view(answers, page, name):
    page.set_viewport_size(DESKTOP)
    serve(page, answers[name])
    stops = []
    for _ in range(40):
        page.keyboard.press("Tab")
        stops.append(
            page.evaluate(
                """() => {
                  const active = document.activeElement;
                  const box = active.getBoundingClientRect();
                  const style = getComputedStyle(active);
                  return {
                    name: `${active.tagName} ${active.textContent.trim().slice(0, 30)}`,
                    ringed: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
                    inView: box.bottom > 0 && box.top < innerHeight && box.width > 0,
                  };
                }"""
            )
        )
    assert [stop["name"] for stop in stops if not stop["ringed"] or not stop["inView"]] == []


@pytest.mark.parametrize("name", ["class", "learner"])
def test_a_page_ships_little(answers, page, name):
    sizes = {"script": 0, "stylesheet": 0}

    def weigh(response):
        kind = response.request.resource_type
        if kind in sizes:
            sizes[kind] += len(gzip.compress(response.body(), 9))

    page.on("response", weigh)
    serve(page, answers[name])
    page.wait_for_timeout(300)
    assert 0 < sizes["script"] < 60_000
    assert 0 < sizes["stylesheet"] < 30_000
