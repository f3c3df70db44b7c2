"""The reader for whoever learns there."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from learning.enrolments.models import DripRule, Enrolment
from learning.lessons.services import lesson_save, revision_render
from learning.progress.models import LessonProgress, ProgressEvent
from learning.progress.services import NewEvent, progress_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def classroom(course, make_lesson, alice):
    """Alice learns in a course of three lessons."""
    lessons = [make_lesson(slug) for slug in ("one", "two", "three")]
    seat = Enrolment.objects.create(course=course, person=alice, source="self")
    return seat, lessons


def test_looking_at_a_lesson_opens_it_once(client, classroom, alice):
    client.force_login(alice)
    client.head("/courses/shells/one/")
    assert not ProgressEvent.objects.exists()
    for _ in range(3):
        assert client.get("/courses/shells/one/").status_code == 200
    assert [event.kind for event in ProgressEvent.objects.all()] == ["opened"]
    states = {
        link.permalink: link.state
        for section in client.get("/courses/shells/two/").context["contents"]
        for link in section.lessons
    }
    assert states == {"shells/one": "opened", "shells/two": "new", "shells/three": "new"}


def test_coming_back_to_a_lesson_that_measures_reading_is_told_until_it_is_done(
    client, course, make_lesson, alice
):
    rule = {"rule": "minimum_time", "seconds": 600}
    lesson = make_lesson("one", completion=rule)
    seat = Enrolment.objects.create(course=course, person=alice, source="self")
    client.force_login(alice)
    for _ in range(2):
        client.get("/courses/shells/one/")
    told = ProgressEvent.objects.filter(enrolment=seat)
    assert [event.kind for event in told] == ["opened", "opened"]
    LessonProgress.objects.filter(lesson=lesson).update(state="completed")
    client.get("/courses/shells/one/")
    assert told.count() == 2


def test_who_is_not_enrolled_leaves_no_trace_and_sees_no_ticks(client, classroom, bob):
    client.force_login(bob)
    response = client.get("/courses/shells/one/")
    assert response.context["seed"] is None
    assert "data-done-form" not in response.content.decode()
    assert not ProgressEvent.objects.filter(enrolment__person=bob).exists()


def test_who_reads_without_a_place_is_told_that_nothing_is_kept(
    client, classroom, alice, bob, ingrid
):
    seat, _lessons = classroom
    url = "/courses/shells/one/"
    assert "data-unkept" not in client.get(url).content.decode()
    for person in (alice, ingrid):
        client.force_login(person)
        assert "data-unkept" not in client.get(url).content.decode()
    client.force_login(bob)
    told = client.get(url).content.decode()
    assert "nothing that you do here is kept" in told
    assert 'action="/courses/shells/enrol/"' in told
    Enrolment.objects.filter(pk=seat.pk).update(status="suspended")
    client.force_login(alice)
    told = client.get(url).content.decode()
    assert "The enrolment is suspended" in told
    assert 'action="/courses/shells/enrol/"' not in told


def test_the_reader_knows_the_place_where_the_learner_stopped(client, classroom, alice):
    seat, lessons = classroom
    client.force_login(alice)
    client.get("/courses/shells/one/")
    place = {"anchor": "part-3", "fraction": 0.4}
    event = NewEvent("7b1f6a52-0f0e-4a6e-9b0a-000000000001", "checkpoint", lessons[0].pk, place)
    progress_record(enrolment_id=seat.pk, events=[event], acting_user=alice)
    text = client.get("/courses/shells/one/").content.decode()
    assert 'data-anchor="part-3"' in text
    assert 'data-fraction="0.4"' in text
    assert '/courses/shells/one/#part-3"' in client.get("/courses/shells/").content.decode()


def test_the_plain_form_completes_and_opens_anew(client, classroom, alice):
    client.force_login(alice)
    page = client.post("/courses/shells/one/progress/", {"action": "complete"}, follow=True)
    assert page.redirect_chain[0][1] == 303
    text = page.content.decode()
    assert "Lessons done: 1 of 3" in text
    assert 'data-done="true"' in text
    client.post("/courses/shells/one/progress/", {"action": "reopen"})
    assert LessonProgress.objects.get(lesson__slug="one").state == "opened"


def test_a_course_that_is_done_is_read_again_and_not_continued(client, course, make_lesson, alice):
    slugs = ("one", "two")
    for slug in slugs:
        make_lesson(slug)
    make_lesson("more", is_required=False)
    Enrolment.objects.create(course=course, person=alice, source="self")
    client.force_login(alice)

    def offered():
        text = client.get("/courses/shells/").content.decode()
        part = text.partition('data-part="all-done"')[2].partition("</section>")[0]
        verb = re.search(r'data-part="resume-verb">\s*(.*?)\s*</span>', part, re.DOTALL)
        return verb[1], part.lstrip().startswith(">")

    found = [offered()]
    for slug in (*slugs, "more"):
        client.get(f"/courses/shells/{slug}/")
        client.post(f"/courses/shells/{slug}/progress/", {"action": "complete"})
        found.append(offered())
    assert found == [("Begin", False), ("Continue", False), ("Read on", True), ("Read again", True)]


def test_a_lesson_that_waits_says_for_what(client, classroom, alice):
    _, lessons = classroom
    DripRule.objects.create(lesson=lessons[2], kind="after_lesson", after=lessons[0])
    client.force_login(alice)
    text = client.get("/courses/shells/").content.decode()
    assert "Opens when you have completed “One”" in text


def test_a_course_page_says_how_to_enrol_or_to_leave(client, classroom, alice, bob):
    assert "Sign in to enrol" in client.get("/courses/shells/").content.decode()
    client.force_login(bob)
    text = client.get("/courses/shells/").content.decode()
    assert 'action="/courses/shells/enrol/"' in text
    assert "Leave this course" not in text
    client.force_login(alice)
    text = client.get("/courses/shells/").content.decode()
    assert 'action="/courses/shells/leave/"' in text
    assert "Release 3" in text


def test_who_teaches_finds_the_class_from_the_course(client, classroom, ingrid, alice):
    client.force_login(ingrid)
    assert 'href="/courses/shells/class/"' in client.get("/courses/shells/").content.decode()
    client.force_login(alice)
    assert 'href="/courses/shells/class/"' not in client.get("/courses/shells/").content.decode()


def test_a_course_of_many_lessons_costs_the_same(client, course, make_lesson, alice):
    counts = []
    for total in (2, 12):
        for n in range(total):
            if not course.lessons.filter(slug=f"l{n}").exists():
                make_lesson(f"l{n}")
        Enrolment.objects.get_or_create(course=course, person=alice, source="self")
        client.force_login(alice)
        client.get("/courses/shells/l0/")
        for url in ("/courses/shells/", "/courses/shells/l0/"):
            with CaptureQueriesContext(connection) as found:
                client.get(url)
            counts.append((url, len(found)))
    assert counts[:2] == counts[2:]


def test_who_teaches_goes_between_the_draft_and_what_learners_read(
    client, classroom, ingrid, alice
):
    _, lessons = classroom
    lessons[0].body = "A sentence that nobody has read yet."
    saved = lesson_save(lesson=lessons[0])
    revision_render(revision_id=saved.draft_revision_id)
    client.force_login(ingrid)
    read = client.get("/courses/shells/one/").content.decode()
    assert "nobody has read yet" not in read
    assert 'href="/courses/shells/one/?draft=1"' in read
    draft = client.get("/courses/shells/one/?draft=1").content.decode()
    assert "nobody has read yet" in draft
    assert "only those who teach the course see it" in draft
    assert "Show what learners read" in draft
    assert "data-offer" not in draft
    course_draft = client.get("/courses/shells/?draft=1").content.decode()
    assert "You look at the draft." in course_draft
    client.force_login(alice)
    for url in ("/courses/shells/one/?draft=1", "/courses/shells/?draft=1"):
        shown = client.get(url).content.decode()
        assert "nobody has read yet" not in shown
        assert "draft=1" not in shown.replace("?draft=1&", "")


def test_a_locked_lesson_says_what_it_waits_for_and_shows_no_word(client, classroom, alice):
    _, lessons = classroom
    DripRule.objects.create(lesson=lessons[2], kind="after_lesson", after=lessons[0])
    client.force_login(alice)
    response = client.get("/courses/shells/three/")
    text = response.content.decode()
    assert "Opens when you have completed “One”" in text
    assert "says word1" not in text
    assert "data-done-form" not in text
    assert response["X-Robots-Tag"] == "noindex"
    assert not ProgressEvent.objects.filter(lesson=lessons[2]).exists()


def test_a_locked_page_can_offer_its_lesson_later_and_says_nothing_of_it_before(
    client, classroom, alice, bob
):
    _, lessons = classroom
    DripRule.objects.create(lesson=lessons[2], kind="after_lesson", after=lessons[0])
    offer = '<div class="gate-part" data-opened="shells/three" hidden>'
    client.force_login(alice)
    assert offer in client.get("/courses/shells/three/").content.decode()
    assert offer not in client.get("/courses/shells/one/").content.decode()
    client.force_login(bob)
    assert "data-opened" not in client.get("/courses/shells/three/").content.decode()
