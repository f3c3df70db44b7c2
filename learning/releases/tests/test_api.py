import pytest

from learning.courses.models import Course, CourseStaff, StaffRole
from learning.enrolments.models import Enrolment
from learning.lessons.models import Lesson
from learning.progress.services import course_progress_refresh
from learning.releases.models import Release
from scheduler.jobs.tests.conftest import cache, shared_cache

__all__ = ["cache", "shared_cache"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]

RELEASES = "/api/courses/tides/releases/"
CHANGES = "/api/courses/tides/changes/"


@pytest.fixture
def teach(asked_by, ingrid):
    return asked_by(ingrid)


def codes(answer):
    return [error["code"] for error in answer.json()["errors"]]


def test_a_course_is_published_and_read_again(teach, lesson_of, tides):
    lesson_of("moon", title="月", position=1)
    lesson_of("sun", title="الشمس", position=2, is_required=False)
    answer = teach.post(RELEASES, {"note": "はじめて 🌊"}, format="json")
    assert (answer.status_code, answer["Location"]) == (201, f"{RELEASES}1/")
    made = answer.json()
    assert (made["number"], made["note"], made["author"]) == (1, "はじめて 🌊", "Ingrid")
    one = teach.get(answer["Location"]).json()
    assert [
        (lesson["permalink"], lesson["title"], lesson["is_required"]) for lesson in one["lessons"]
    ] == [("tides/moon", "月", True), ("tides/sun", "الشمس", False)]
    assert len(one["lessons"][0]["content_hash"]) == 64
    assert [release["number"] for release in teach.get(RELEASES).json()["results"]] == [1]
    assert teach.get(f"/api/courses/{tides.pk}/releases/1/").json() == one


def test_the_same_key_publishes_once(teach, lesson_of):
    lesson_of("moon")
    keyed = {"headers": {"Idempotency-Key": "k1"}}
    first = teach.post(RELEASES, {"note": "a"}, format="json", **keyed)
    again = teach.post(RELEASES, {"note": "a"}, format="json", **keyed)
    other = teach.post(RELEASES, {"note": "b"}, format="json", **keyed)
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
    assert Release.objects.count() == 1


def test_nothing_to_publish_is_a_conflict(teach, lesson_of, publish):
    answer = teach.post(RELEASES, {}, format="json")
    assert (answer.status_code, codes(answer)) == (409, ["nothing_to_publish"])
    lesson_of("moon")
    publish()
    assert teach.post(RELEASES, {}, format="json").status_code == 409


def test_a_course_that_was_taken_back_opens_again_with_200(teach, lesson_of, publish, tides):
    lesson_of("moon")
    publish()
    assert teach.post("/api/courses/tides/withdraw/").status_code == 204
    answer = teach.post(RELEASES, {}, format="json")
    assert (answer.status_code, answer.json()["number"]) == (200, 1)
    tides.refresh_from_db()
    assert not tides.is_draft


@pytest.mark.parametrize("note", ["x" * 2001, ["a"], {"a": 1}, None, "a\x00b"])
def test_a_note_that_cannot_be_used_is_told(teach, lesson_of, note):
    lesson_of("moon")
    assert teach.post(RELEASES, {"note": note}, format="json").status_code == 400
    assert not Release.objects.exists()


def test_changes_tell_the_difference_and_what_it_does_to_learners(
    teach, lesson_of, publish, tides, alice
):
    lesson = lesson_of("moon", title="月", body="古い文。", position=1)
    gone = lesson_of("gone", position=2)
    publish()
    Enrolment.objects.create(course=tides, person=alice, source="self")
    course_progress_refresh(course_id=tides.pk)
    Lesson.objects.filter(pk=lesson.pk).update(body="新しい文。", access="premium")
    Lesson.objects.filter(pk=gone.pk).update(status="draft")
    lesson_of("sun", title="الشمس", position=3)
    told = teach.get(CHANGES).json()
    assert (told["number"], told["next_number"], told["is_nothing"]) == (1, 2, False)
    assert [place["title"] for place in told["added"]] == ["الشمس"]
    assert [place["permalink"] for place in told["removed"]] == ["tides/gone"]
    (change,) = told["changed"]
    assert change["lesson"]["permalink"] == "tides/moon"
    assert [line for line in change["text"]["lines"] if line["kind"] != "same"] == [
        {"kind": "removed", "text": "古い文。"}, {"kind": "added", "text": "新しい文。"}
    ]  # fmt: skip
    assert change["settings"] == [
        {"name": "access", "title": "Access", "before": "Free", "after": "Premium"}
    ]
    assert told["impact"]["follower_count"] == 1


def test_an_unchanged_answer_is_not_sent_again(teach, lesson_of, publish):
    lesson_of("moon")
    publish()
    for address in (RELEASES, f"{RELEASES}1/", CHANGES):
        tag = teach.get(address)["ETag"]
        assert teach.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_an_empty_line_is_a_line(teach, lesson_of, publish):
    lesson = lesson_of("moon", body="一")
    publish()
    Lesson.objects.filter(pk=lesson.pk).update(body="一\n\n二")
    (change,) = teach.get(CHANGES).json()["changed"]
    assert [line["text"] for line in change["text"]["lines"]] == ["一", "", "二"]


def test_drafts_are_nobody_elses_and_assistants_do_not_publish(
    asked_by, lesson_of, publish, tides, alice, person
):
    asa = person("آسا")
    CourseStaff.objects.create(course=tides, person=asa, role=StaffRole.ASSISTANT)
    lesson_of("moon")
    for stranger in (None, alice):
        client = asked_by(stranger)
        assert client.get(RELEASES).status_code == 404
        assert client.get(f"{RELEASES}1/").status_code == 404
        assert client.get(CHANGES).status_code in {401, 404}
        assert client.post(RELEASES, {}, format="json").status_code == 404
    assert asked_by(asa).get(CHANGES).status_code == 200
    assert asked_by(asa).post(RELEASES, {}, format="json").status_code == 403
    assert asked_by(asa).post("/api/courses/tides/withdraw/").status_code == 403
    publish()
    assert asked_by().get(f"{RELEASES}1/").status_code == 200
    assert asked_by().post(RELEASES, {}, format="json").status_code == 401
    assert asked_by(alice).get(CHANGES).status_code == 403
    assert asked_by(alice).post(RELEASES, {}, format="json").status_code == 403
    assert Release.objects.count() == 1


@pytest.mark.parametrize("number", ["2", "0", "-1", "x", "9" * 19, "9" * 40])
def test_a_number_that_no_release_has_is_404(teach, lesson_of, publish, number):
    lesson_of("moon")
    publish()
    assert teach.get(f"{RELEASES}{number}/").status_code == 404


def test_a_release_of_another_course_is_404(teach, lesson_of, publish, ingrid):
    lesson_of("moon")
    publish()
    Course.objects.create(slug="ebb", title="引き潮", owner=ingrid)
    assert teach.get("/api/courses/ebb/releases/1/").status_code == 404


def test_lists_take_a_constant_number_of_queries(
    teach, lesson_of, publish, tides, django_assert_max_num_queries
):
    for number in range(30):
        lesson_of(f"lesson-{number}", position=number)
        if number % 3 == 0:
            publish()
    with django_assert_max_num_queries(8):
        assert len(teach.get(RELEASES).json()["results"]) == 10
    with django_assert_max_num_queries(8):
        assert len(teach.get(f"{RELEASES}10/").json()["lessons"]) == 28
    with django_assert_max_num_queries(16):
        assert len(teach.get(CHANGES).json()["added"]) == 2
