"""Publishing and the history of releases in a browser: axe, the policy, phones, no scripts."""

import re

import pytest
from django.test import Client

from academy.accounts.models import Role, User
from learning.courses.models import Course, CourseFigure, Section
from learning.enrolments.models import Enrolment
from learning.lessons.models import Lesson
from learning.progress.models import LessonProgress
from learning.progress.services import course_progress_refresh
from learning.releases.services import release_publish
from tests.browser.axe import PHONE, violations_everywhere
from tests.browser.made import browser_beside_the_database, making
from tests.browser.test_class_pages import LONG, serve

pytestmark = [pytest.mark.pages, pytest.mark.django_db]

NAMES = (
    "first",
    "publish",
    "wrong",
    "nothing",
    "again",
    "history",
    "history-staff",
    "history-none",
    "release",
    "release-first",
)
PUBLISH = "/courses/tides/publish/"
RELEASES = "/courses/tides/releases/"
BODY = "\n\n".join(f"段落 {number}。{'x' * 9 * number}" for number in range(30))


def write(course, slug, **values):
    return Lesson.objects.create(
        course=course, slug=slug, **{"title": slug, "status": "published", "body": BODY, **values}
    )


def change(course, release):
    """All that can change, and learners whom it moves."""
    learners = User.objects.bulk_create(
        User(username=f"learner-{number}", display_name=LONG if number else "ليلى")
        for number in range(25)
    )
    seats = Enrolment.objects.bulk_create(
        Enrolment(course=course, person=person, source="self") for person in learners
    )
    LessonProgress.objects.bulk_create(
        LessonProgress(
            enrolment=seat, lesson=lesson, state="completed", completed_at=release.published_at
        )
        for seat in seats
        for lesson in Lesson.objects.exclude(slug="gone")
    )
    course_progress_refresh(course_id=course.pk)
    changed = Lesson.objects.get(slug="changed")
    text = changed.body.replace("段落 3。", "نص جديد ").replace("段落 20。", f"{'y' * 300} ")
    CourseFigure.objects.create(
        course=course, name="fig/月.png", digest="d" * 64, content_type="image/png", size=1
    )
    Lesson.objects.filter(pk=changed.pk).update(
        body=f"{text}\n\n![月](fig/月.png)",
        title=LONG,
        is_required=False,
        completion={"rule": "minimum_time", "seconds": 120},
    )
    Lesson.objects.filter(slug="gone").update(status="draft")
    section = Section.objects.create(course=course, title=LONG, position=1)
    Lesson.objects.filter(slug="moved").update(section=section)
    write(course, "new", title="الشمس", is_required=False, section=section)
    Course.objects.filter(pk=course.pk).update(summary=LONG)


def fetch_pages():
    owner = User.objects.create(username="ingrid", role=Role.INSTRUCTOR, display_name="Ingrid")
    course = Course.objects.create(slug="tides", title="潮の満ち引き", owner=owner, language="ja")
    client, stranger = Client(), Client()
    client.force_login(owner)
    pages = {"nothing": client.get(PUBLISH), "history-none": client.get(RELEASES)}
    for position, slug in enumerate(("changed", "gone", "moved"), start=1):
        write(course, slug, position=position)
    pages["first"] = client.get(PUBLISH)
    release = release_publish(course=course, acting_user=owner, note=f"{LONG}\n\nعربي")
    Course.objects.filter(pk=course.pk).update(status="draft")
    pages["again"] = client.get(PUBLISH)
    release_publish(course=Course.objects.get(pk=course.pk), acting_user=owner)
    change(course, release)
    pages["publish"] = client.get(PUBLISH)
    pages["wrong"] = client.post(PUBLISH, {"number": "2", "note": "x" * 2001})
    release_publish(course=Course.objects.get(pk=course.pk), acting_user=owner)
    pages["history-staff"] = client.get(RELEASES)
    pages["release"] = client.get(f"{RELEASES}2/")
    pages["release-first"] = client.get(f"{RELEASES}1/")
    pages["history"] = stranger.get(RELEASES)
    return pages


@pytest.fixture(scope="module")
def answers(django_db_setup, django_db_blocker):
    with making(django_db_blocker):
        return fetch_pages()


@pytest.fixture(scope="module")
def browser(answers):
    with browser_beside_the_database() as running:
        yield running


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_and_nothing_is_cut_off(answers, look, name):
    serve(look.page, answers[name])
    look.page.evaluate("document.querySelectorAll('main details').forEach((one) => (one.open = 1))")
    assert look.complaints == []
    assert violations_everywhere(look.page) == []


@pytest.mark.parametrize("name", NAMES)
def test_no_page_has_inline_style_or_script(answers, name):
    html = answers[name].content.decode()
    assert not re.search(r"<[^>]+\sstyle\s*=", html)
    assert "<style" not in html
    assert not re.search(r"<[^>]+\son\w+\s*=", html)


def test_without_scripts_a_release_is_published_with_its_note(answers, browser):
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    sent = []
    serve(page, answers["publish"], sent)
    page.get_by_label("What is new").fill("新しい章")
    page.get_by_role("button", name="Publish release 2").click()
    page.wait_for_url(f"**{PUBLISH}")
    ((path, form),) = sent
    assert path == PUBLISH
    assert "number=2" in form
    assert "note=%E6%96%B0" in form
    context.close()
