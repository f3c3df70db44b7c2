"""Progress for programs and plain forms."""

import re
import uuid

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from rest_framework.test import APIClient

from academy.accounts.services import token_pair_issue
from learning.courses.models import Course, CourseStaff
from learning.enrolments.models import DripRule, Enrolment
from learning.lessons.services import revision_render
from learning.progress.models import ProgressEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_of():
    def make(person=None):
        client = APIClient()
        if person is not None:
            token = token_pair_issue(person=person).access
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return client

    return make


@pytest.fixture
def hers(client_of, alice, seat):
    return client_of(alice)


def event(kind="completed", lesson="shells/one", **more):
    return {"id": str(uuid.uuid4()), "kind": kind, "lesson": lesson, **more}


def test_progress_explains_itself(hers, tell, complete_by, lessons, publish):
    complete_by(lessons["two"], all=[{"rule": "marked"}, {"rule": "minimum_time", "seconds": 120}])
    DripRule.objects.create(lesson=lessons["three"], kind="after_lesson", after=lessons["two"])
    publish()
    tell("completed", "one")
    tell("checkpoint", "two", anchor="pipes", fraction=0.4)
    answer = hers.get("/api/progress/shells/")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["percent"], body["completed_count"], body["required_count"]) == (33, 1, 3)
    assert body["resume"] == {
        "lesson": "shells/two",
        "title": "Two",
        "url": "/courses/shells/two/",
        "anchor": "pipes",
        "fraction": 0.4,
    }
    one, two, three, extra = body["lessons"]
    assert (one["state"], one["rules"]["missing"]) == ("completed", [])
    assert [rule["sentence"] for rule in two["rules"]["missing"]] == [
        "Mark the lesson as done.",
        "Read for 2 more minutes.",
    ]
    assert (three["state"], three["is_open"]) == ("new", False)
    assert three["opening"] == "Opens when you have completed “Two”"
    assert (extra["is_required"], extra["is_open"]) == (False, True)


def test_what_is_unchanged_is_not_sent_again(hers, tell):
    first = hers.get("/api/progress/shells/")
    again = hers.get("/api/progress/shells/", HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 304
    tell("completed")
    changed = hers.get("/api/progress/shells/", HTTP_IF_NONE_MATCH=first["ETag"])
    assert changed.status_code == 200


def test_a_course_is_named_by_its_id_too(hers, course):
    assert hers.get(f"/api/progress/{course.pk}/").json()["course"] == "shells"


def test_the_document_takes_the_same_queries_however_many_lessons(
    hers, publish, make_lesson, tell, django_assert_max_num_queries
):
    for number in range(20):
        make_lesson(f"more-{number}", rendered=False)
    publish()
    tell("completed", "one")
    with django_assert_max_num_queries(14):
        assert len(hers.get("/api/progress/shells/").json()["lessons"]) == 24


def test_ones_courses_and_where_to_go_on(hers, tell, lessons):
    tell("completed", "one")
    page = hers.get("/api/progress/").json()
    assert page["count"] == 1
    assert page["results"][0]["percent"] == 33
    assert page["results"][0]["resume"]["lesson"] == "shells/two"
    assert hers.get("/api/progress/?page=0").status_code == 400


def test_events_are_told_each_with_its_outcome(hers):
    events = [event(), event(lesson="shells/none"), event("checkpoint", data={"fraction": 9})]
    answer = hers.post("/api/progress/shells/events/", {"events": events}, format="json")
    assert answer.status_code == 200
    body = answer.json()
    assert [outcome["id"] for outcome in body["outcomes"]] == [told["id"] for told in events]
    assert [outcome["code"] for outcome in body["outcomes"]] == [
        "",
        "lesson_not_found",
        "bad_checkpoint",
    ]
    assert (body["percent"], body["seq"]) == (33, 2)
    again = hers.post("/api/progress/shells/events/", {"events": events[:1]}, format="json").json()
    assert again["outcomes"][0]["replayed"] is True
    assert again["seq"] == 2
    reused = {**events[0], "lesson": "shells/two"}
    taken = hers.post("/api/progress/shells/events/", {"events": [reused]}, format="json").json()
    assert [taken["outcomes"][0][name] for name in ("accepted", "replayed", "code")] == [
        False,
        False,
        "event_id_taken",
    ]
    assert taken["seq"] == 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"events": []},
        {"events": {}},
        {"events": [7]},
        {"events": [event(), None]},
        {"events": [event(), []]},
        {"events": [event(lesson="a\x00b")]},
        {"events": [event() for _ in range(101)]},
    ],
)
def test_what_is_no_list_of_1_to_100_objects_is_a_400(body, hers):
    answer = hers.post("/api/progress/shells/events/", body, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"]
    assert not ProgressEvent.objects.exists()


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (event(at=""), "bad_event"),
        (event(at=7), "bad_event"),
        (event(at=True), "bad_event"),
        (event(at=[]), "bad_event"),
        (event(at="yesterday"), "bad_event"),
        (event(at="9999-12-31T23:59:59-14:00"), "bad_event"),
        (event(at="0001-01-01T00:00:00+14:00"), "bad_event"),
        (event(at="9999-12-31T23:59:59Z"), "bad_date"),
        (event("rule_met"), "bad_event"),
        (event({}), "bad_event"),
        (event(data=[]), "bad_event"),
        (event(data=None), "bad_event"),
        (event(lesson="x" * 201), "bad_event"),
        (event(lesson=None), "bad_event"),
    ],
)
def test_a_malformed_event_has_an_outcome_of_its_own_and_the_others_are_stored(bad, code, hers):
    good = event()
    answer = hers.post("/api/progress/shells/events/", {"events": [bad, good]}, format="json")
    assert answer.status_code == 200
    refused, stored = answer.json()["outcomes"]
    assert (refused["id"], refused["accepted"], refused["replayed"]) == (bad["id"], False, False)
    assert refused["code"] == code
    assert refused["detail"]
    assert (stored["id"], stored["accepted"]) == (good["id"], True)
    assert answer.json()["percent"] == 33
    assert set(ProgressEvent.objects.values_list("kind", flat=True)) == {"completed"}


@pytest.mark.parametrize("bad", [{}, event(id="7"), event(id=None), event(id=-1), event(id={})])
def test_an_event_without_a_usable_id_has_its_outcome_in_its_place(bad, hers):
    good = event()
    answer = hers.post("/api/progress/shells/events/", {"events": [good, bad]}, format="json")
    stored, refused = answer.json()["outcomes"]
    assert (stored["id"], stored["accepted"]) == (good["id"], True)
    assert (refused["id"], refused["accepted"], refused["code"]) == (None, False, "bad_event")


def test_an_event_without_a_moment_happened_now(hers):
    told = {"events": [event(at=None)]}
    answer = hers.post("/api/progress/shells/events/", told, format="json")
    assert answer.json()["outcomes"][0]["accepted"] is True


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"status": "suspended"}, "enrolment_suspended"),
        ({"status": "withdrawn"}, "not_enrolled"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "enrolment_ended"),
    ],
)
def test_who_may_not_learn_now_is_told_why(values, code, hers, seat):
    Enrolment.objects.filter(pk=seat.pk).update(**values)
    for answer in (
        hers.get("/api/progress/shells/"),
        hers.post("/api/progress/shells/events/", {"events": [event()]}, format="json"),
    ):
        assert answer.status_code == 403
        assert answer.json()["errors"][0]["code"] == code


def test_strangers_nobody_and_drafts(client_of, bob, release, seat):
    assert client_of().get("/api/progress/shells/").status_code == 401
    assert client_of(bob).get("/api/progress/shells/").status_code == 403
    assert client_of(bob).get("/api/progress/nothing/").status_code == 404
    Course.objects.update(status="draft")
    assert client_of(bob).get("/api/progress/shells/").status_code == 404


def test_a_class_is_seen_by_those_who_teach_it(
    client_of, ingrid, bob, olga, alice, person, course, seat, tell
):
    tell("completed", "two")
    helper = person("asa")
    CourseStaff.objects.create(course=course, person=helper, role="assistant")
    one = f"/api/courses/shells/progress/{seat.pk}/"
    for someone in (ingrid, olga, helper):
        page = client_of(someone).get("/api/courses/shells/progress/").json()
        row = page["results"][0]
        assert row["learner"] == {"id": alice.pk, "enrolment_id": seat.pk, "name": "Alice"}
        assert (row["percent"], row["last_lesson"]) == (33, "shells/two")
        assert client_of(someone).get(one).json()["percent"] == 33
    for someone in (alice, bob):
        assert client_of(someone).get("/api/courses/shells/progress/").status_code == 403
        assert client_of(someone).get(one).status_code == 403
    assert client_of(ingrid).get("/api/courses/shells/progress/999999/").status_code == 404


def test_a_class_takes_the_same_queries_however_many_learn_in_it(
    client_of, ingrid, person, enrol, release, django_assert_max_num_queries
):
    for number in range(30):
        enrol(person(f"learner{number}"))
    with django_assert_max_num_queries(8):
        page = client_of(ingrid).get("/api/courses/shells/progress/?page_size=100").json()
    assert len(page["results"]) == 30


def test_an_instructor_decides_and_an_assistant_does_not(client_of, ingrid, person, course, seat):
    helper = person("asa")
    CourseStaff.objects.create(course=course, person=helper, role="assistant")
    one = f"/api/courses/shells/progress/{seat.pk}/"
    asked = {"lesson": "shells/one", "action": "complete"}
    assert client_of(helper).post(one, asked, format="json").status_code == 403
    assert client_of(ingrid).post(one, asked, format="json").json()["percent"] == 33
    asked["lesson"] = "shells/none"
    assert client_of(ingrid).post(one, asked, format="json").status_code == 404
    other = Course.objects.create(slug="other", title="Other", owner=ingrid)
    elsewhere = f"/api/courses/{other.slug}/progress/{seat.pk}/"
    assert client_of(ingrid).get(elsewhere).status_code == 404
    assert client_of(ingrid).post(elsewhere, asked, format="json").status_code == 404


@pytest.fixture
def her_page(alice, seat):
    client = Client()
    client.force_login(alice)
    return client


FORM = "/courses/shells/one/progress/"


def test_a_form_completes_and_reopens(her_page, course_row):
    answer = her_page.post(FORM, {"action": "complete"})
    assert (answer.status_code, answer["Location"]) == (303, "/courses/shells/one/")
    assert course_row().percent == 33
    assert her_page.post(FORM, {"action": "reopen"}).status_code == 303
    assert course_row().percent == 0


def test_a_form_that_is_sent_twice_counts_once(her_page, course_row):
    form = {"action": "complete", "id": str(uuid.uuid4())}
    her_page.post(FORM, form)
    seq = course_row().seq
    assert her_page.post(FORM, form).status_code == 303
    assert course_row().seq == seq


@pytest.fixture
def readable(lessons, seat):
    assert revision_render(revision_id=lessons["one"].draft_revision_id)


def fields_of(page, action):
    """What the form for `action` on the page would send."""
    for form in re.findall(r"<form.*?</form>", page.content.decode(), re.DOTALL):
        inputs = re.findall(
            r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', re.sub(r"\s+", " ", form)
        )
        if dict(inputs).get("action") == action:
            return dict(inputs)
    raise AssertionError(action)


def test_what_the_page_sends_counts_once_when_it_is_sent_twice(her_page, readable):
    form = fields_of(her_page.get("/courses/shells/one/"), "complete")
    for _ in range(2):
        assert her_page.post(FORM, form).status_code == 303
    assert ProgressEvent.objects.filter(kind="completed").count() == 1
    again = fields_of(her_page.get("/courses/shells/one/"), "reopen")
    assert again["id"] != form["id"]


def test_a_form_remembers_the_start_of_a_section(her_page, lesson_row, readable):
    page = her_page.get("/courses/shells/one/")
    form = fields_of(page, "checkpoint")
    assert '<option value="part-2"' in page.content.decode()
    assert her_page.post(FORM, {**form, "anchor": "part-2"}).status_code == 303
    assert lesson_row().checkpoint == {"anchor": "part-2", "fraction": 0.0}
    whole = {"action": "checkpoint", "anchor": "part-3", "fraction": "0.75"}
    assert her_page.post(FORM, whole).status_code == 303
    assert lesson_row().checkpoint == {"anchor": "part-3", "fraction": 0.75}
    resumed = her_page.get("/courses/shells/one/").content.decode()
    assert '<option value="part-3" selected>' in resumed


@pytest.mark.parametrize("fraction", ["half", "nan", "inf", "-1", "2", "\x00", "9" * 400])
def test_a_place_that_is_none_is_not_remembered(her_page, lesson_row, fraction):
    her_page.post(FORM, {"action": "checkpoint", "anchor": "a", "fraction": "0.5"})
    asked = {"action": "checkpoint", "anchor": "part-2", "fraction": fraction}
    assert her_page.post(FORM, asked).status_code in {303, 400}
    assert lesson_row().checkpoint == {"anchor": "a", "fraction": 0.5}


def test_a_form_says_what_is_missing(her_page, complete_by, lessons, publish, course_row):
    complete_by(lessons["one"], rule="minimum_time", seconds=600)
    publish()
    answer = her_page.post(FORM, {"action": "complete"})
    assert answer.status_code == 303
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        "Read for 10 more minutes."
    ]
    assert course_row().percent == 0


def test_a_form_without_rights_or_sense_is_refused(her_page, bob, seat):
    assert her_page.post(FORM, {"action": "burn"}).status_code == 400
    assert (
        her_page.post("/courses/shells/none/progress/", {"action": "complete"}).status_code == 404
    )
    assert her_page.post("/courses/none/one/progress/", {"action": "complete"}).status_code == 404
    assert her_page.get(FORM).status_code == 405
    assert Client().post(FORM, {"action": "complete"})["Location"].startswith("/accounts/")
    stranger = Client()
    stranger.force_login(bob)
    assert stranger.post(FORM, {"action": "complete"}).status_code == 403
