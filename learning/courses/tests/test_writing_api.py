"""An instructor's way from an empty course to its second release, as programs go it."""

import pytest
from allauth.account.models import EmailAddress

from academy.accounts.models import Role, User
from learning.courses.models import Course, CourseStaff, Section
from learning.enrolments.models import Enrolment
from learning.lessons.models import Lesson
from scheduler.jobs.tests.conftest import cache, shared_cache

__all__ = ["cache", "shared_cache"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]
JSON = {"content_type": "application/json"}


@pytest.fixture
def ask(client):
    def one(method, path, body=None, **headers):
        return getattr(client, method)(f"/api/{path}", body or {}, headers=headers, **JSON)

    return one


def test_a_course_is_written_published_edited_and_compared(client, ask, ingrid, alice):
    client.force_login(ingrid)
    made = ask("post", "courses/", {"title": "潮 \u202e🌊", "slug": "tides", "price": 900})
    assert (made.status_code, made["Location"]) == (201, "/api/courses/tides/")
    assert (made.json()["title"], made.json()["owner"]) == ("潮 🌊", "ingrid")
    for slug in ("moon", "sun"):
        lesson = {"title": slug, "slug": slug, "body": "Text.", "status": "published"}
        assert ask("post", "courses/tides/lessons/", lesson).status_code == 201
    sections = [{"title": "Zuerst\x7f ", "lessons": ["sun"]}, {"title": "", "lessons": ["moon"]}]
    assert ask("put", "courses/tides/contents/", {"sections": sections}).status_code == 200
    assert Section.objects.get().title == "Zuerst"
    client.logout()
    assert ask("get", "courses/tides/").status_code == 404
    client.force_login(ingrid)
    released = ask("post", "courses/tides/releases/", {"note": "はじめて"})
    assert (released.status_code, released["Location"]) == (
        201,
        "/api/courses/tides/releases/1/",
    )
    assert ask("post", "courses/tides/releases/").status_code == 409
    draft = ask("get", "lessons/tides/moon/draft/")
    changed = ask("patch", "lessons/tides/moon/", {"body": "Other."}, **{"If-Match": draft["ETag"]})
    assert (changed.status_code, changed.json()["body"]) == (200, "Other.")
    late = ask("patch", "lessons/tides/moon/", {"body": "x"}, **{"If-Match": draft["ETag"]})
    assert late.status_code == 412
    changes = ask("get", "courses/tides/changes/").json()
    assert [change["lesson"]["permalink"] for change in changes["changed"]] == ["tides/moon"]
    assert changes["impact"]["follower_count"] == 0
    assert ask("post", "courses/tides/releases/").json()["number"] == 2
    client.force_login(alice)
    listed = ask("get", "courses/tides/releases/").json()["results"]
    assert [row["number"] for row in listed] == [2, 1]
    first = ask("get", "courses/tides/releases/1/").json()
    assert [row["permalink"] for row in first["lessons"]] == ["tides/sun", "tides/moon"]
    assert first["lessons"][0]["section"] == "Zuerst"
    shown = ask("get", "courses/tides/").json()
    assert (shown["release"], shown["price"], shown["id"]) == (2, 900, Course.objects.get().pk)
    assert ask("get", f"courses/{shown['id']}/").status_code == 301


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("patch", "courses/shells/", {"title": "x"}),
        ("delete", "courses/shells/", None),
        ("post", "courses/shells/lessons/", {"title": "x", "slug": "x"}),
        ("patch", "lessons/shells/pipes/", {"title": "x"}),
        ("delete", "lessons/shells/pipes/", None),
        ("get", "lessons/shells/pipes/draft/", None),
        ("put", "courses/shells/contents/", {"sections": []}),
        ("post", "courses/shells/releases/", {}),
        ("get", "courses/shells/changes/", None),
        ("post", "courses/shells/withdraw/", {}),
        ("put", "courses/shells/staff/bob/", {"role": "assistant"}),
        ("delete", "courses/shells/staff/bob/", None),
    ],
)
def test_who_does_not_teach_is_refused(client, ask, make_lesson, alice, bob, method, path, body):
    make_lesson()
    assert ask(method, path, body).status_code == 401
    client.force_login(alice)
    assert ask(method, path, body).status_code == 403
    Course.objects.update(status="draft")
    assert ask(method, path, body).status_code == 404


def test_an_assistant_sees_the_draft_and_writes_nothing(client, ask, make_lesson, course, bob):
    make_lesson()
    make_lesson("draft", status="draft")
    CourseStaff.objects.create(course=course, person=bob, role="assistant")
    client.force_login(bob)
    assert ask("get", "lessons/shells/draft/").json()["is_draft"] is True
    assert ask("get", "lessons/shells/pipes/draft/").status_code == 200
    assert ask("get", "courses/shells/changes/").status_code == 200
    for method, path in (
        ("patch", "lessons/shells/pipes/"),
        ("post", "courses/shells/releases/"),
        ("patch", "courses/shells/"),
    ):
        assert ask(method, path, {"title": "x"}).status_code == 403


@pytest.mark.parametrize(
    "values",
    [
        {"title": "\u202e"},
        {"title": "a\x00b"},
        {"price": -1},
        {"price": 2**40},
        {"currency": "eur"},
        {"language": "not a tag"},
        {"visibility": "secret"},
        {"description": "> " * 300 + "x"},
        {"slug": "日本"},
        {"seat_limit": 0},
    ],
)
def test_what_cannot_be_used_of_a_course_is_400(client, ask, course, ingrid, values):
    client.force_login(ingrid)
    assert ask("patch", "courses/shells/", values).status_code == 400


@pytest.mark.parametrize(
    "values",
    [
        {"title": "\u202e"},
        {"video_url": "http://video.example/1"},
        {"video_url": "javascript:alert(1)"},
        {"section": "none"},
        {"completion": {"rule": "no-such-rule"}},
        {"completion": []},
        {"slug": "releases"},
        {"position": -1},
        {"access": "secret"},
    ],
)
def test_what_cannot_be_used_of_a_lesson_is_400(client, ask, make_lesson, ingrid, values):
    make_lesson()
    client.force_login(ingrid)
    assert ask("patch", "lessons/shells/pipes/", values).status_code == 400


@pytest.mark.parametrize(
    "sections",
    [
        [],
        [{"title": "A", "lessons": ["a"]}],
        [{"title": "A", "lessons": ["a", "b", "b"]}],
        [{"title": "A", "lessons": ["a"]}, {"title": "A ", "lessons": ["b"]}],
        [{"title": "", "lessons": ["a"]}, {"title": "B", "lessons": ["b"]}],
        [{"title": "A", "lessons": ["a", "b", "c"]}],
    ],
)
def test_contents_name_each_lesson_and_each_title_once(client, ask, make_lesson, ingrid, sections):
    make_lesson("a")
    make_lesson("b")
    client.force_login(ingrid)
    assert ask("put", "courses/shells/contents/", {"sections": sections}).status_code == 400


def test_addresses_that_are_taken_are_409(client, ask, make_lesson, ingrid):
    make_lesson("a")
    make_lesson("b")
    Course.objects.create(slug="taken", title="Taken", owner=ingrid)
    client.force_login(ingrid)
    assert ask("patch", "lessons/shells/a/", {"slug": "b"}).status_code == 409
    assert ask("patch", "courses/shells/", {"slug": "taken"}).status_code == 409
    assert ask("post", "courses/", {"slug": "taken", "title": "x"}).status_code == 409


def test_what_somebody_reads_or_read_is_not_deleted(client, ask, make_lesson, course, ingrid, bob):
    make_lesson()
    make_lesson("draft", status="draft")
    client.force_login(ingrid)
    refused = ask("delete", "lessons/shells/pipes/")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "lesson_released")
    assert ask("delete", "lessons/shells/draft/").status_code == 204
    enrolment = Enrolment.objects.create(course=course, person=bob, source="self")
    assert ask("delete", "courses/shells/").json()["errors"][0]["code"] == "course_in_use"
    enrolment.delete()
    assert ask("delete", "courses/shells/").status_code == 204
    assert not Lesson.objects.exists()


def test_people_are_put_in_and_out_of_the_staff(client, ask, course, ingrid, bob):
    client.force_login(ingrid)
    for role in ("assistant", "co_instructor"):
        assert ask("put", "courses/shells/staff/BOB/", {"role": role}).status_code == 200
    (row,) = ask("get", "courses/shells/staff/").json()["results"]
    assert (row["username"], row["role"]) == ("bob", "co_instructor")
    assert CourseStaff.objects.get().added_by == ingrid
    assert ask("delete", "courses/shells/staff/bob/").status_code == 204
    assert ask("delete", "courses/shells/staff/bob/").status_code == 404


def test_posts_and_the_course_itself_are_given_to_a_confirmed_address(
    client, ask, course, ingrid, person
):
    heir = person("haruko", Role.INSTRUCTOR)
    User.objects.filter(pk=heir.pk).update(email="Hanako.Ito@example.org")
    waiting = person("newcomer")
    User.objects.filter(pk=waiting.pk).update(email="")
    EmailAddress.objects.create(user=waiting, email="waits@example.org", verified=False)
    client.force_login(ingrid)
    post = "courses/shells/staff/hanako.ITO@example.org/"
    answer = ask("put", post, {"role": "assistant"})
    assert (answer.status_code, answer.json()["username"]) == (200, "haruko")
    assert ask("delete", post).status_code == 204
    assert not CourseStaff.objects.exists()
    nobody = [
        ask("put", f"courses/shells/staff/{address}/", {"role": "assistant"})
        for address in ("waits@example.org", "nobody@example.org")
    ]
    assert [answer.status_code for answer in nobody] == [404, 404]
    assert nobody[0].json() == nobody[1].json()
    handed = ask("put", "courses/shells/owner/", {"username": "HANAKO.ito@example.org"})
    assert (handed.status_code, handed.json()["owner"]) == (200, "haruko")


def test_who_left_keeps_no_post_by_an_address(client, ask, course, ingrid, bob):
    User.objects.filter(pk=bob.pk).update(email="bob@example.org", is_active=False)
    client.force_login(ingrid)
    answer = ask("put", "courses/shells/staff/bob@example.org/", {"role": "assistant"})
    assert answer.status_code == 404


def test_refusals_about_the_staff_say_what_is_the_matter(client, ask, course, ingrid, bob, alice):
    client.force_login(ingrid)

    def told(method, username):
        answer = ask(method, f"courses/shells/staff/{username}/", {"role": "assistant"})
        (error,) = answer.json()["errors"]
        return answer.status_code, error["code"], error["detail"]

    owns = "They own the course, and have no post beside that."
    assert told("put", "nosuch") == (404, "not_found", "Nobody here goes by that name.")
    assert told("put", "ingrid") == (409, "owns_course", owns)
    assert told("delete", "bob") == (404, "not_found", "Nobody of that name teaches this course.")
    assert told("delete", "nosuch") == told("delete", "bob")
    client.force_login(alice)
    refused = ask("post", "courses/", {"slug": "tides", "title": "Tides"})
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["code"]) == (403, "permission_denied")
    assert error["detail"] == "Courses are made by instructors and operators."


def test_who_left_the_academy_leaves_the_staff(client, ask, course, ingrid, bob):
    CourseStaff.objects.create(course=course, person=bob, role="assistant")
    bob.is_active = False
    bob.save()
    client.force_login(ingrid)
    assert ask("delete", "courses/shells/staff/bob/").status_code == 204


VIDEO = "https://video.example"


@pytest.mark.parametrize(
    "address",
    [
        "https://user:pw@evil.example/",
        "https://user@evil.example/",
        "https://video.example@evil.example/",
        "https://@evil.example/",
        "https://vid\u202eeo.example/",
        "https://vid\u200beo.example/",
        "https://video.example\\@evil.example/",
        f"{VIDEO}/a b",
        f"{VIDEO}/a\tb",
        f'{VIDEO}/"onclick="x',
        f"{VIDEO}/it's",
        f"{VIDEO}/<b>",
        f"{VIDEO}/\u202egpj.exe",
        f"{VIDEO}/\u200b",
        f"{VIDEO}:99999/",
        "https://",
        "https:///watch",
        "https://[::1/",
        "http://video.example/1",
        "HTTP://video.example/1",
        "//video.example/1",
        "video.example/1",
    ],
)
def test_a_video_is_where_it_seems_to_be(client, ask, make_lesson, ingrid, address):
    make_lesson()
    client.force_login(ingrid)
    answer = ask("patch", "lessons/shells/pipes/", {"video_url": address})
    assert answer.status_code == 400
    assert {error["attr"] for error in answer.json()["errors"]} == {"video_url"}


@pytest.mark.parametrize(
    "address",
    [
        f"{VIDEO}/watch?v=a-B_1&t=3s#part(2)",
        "HTTPS://video.example/1",
        "https://видео.example:8443/урок-1",
        "https://[2001:db8::1]/1",
        "",
    ],
)
def test_a_video_is_at_any_address_with_https(client, ask, make_lesson, ingrid, address):
    make_lesson()
    client.force_login(ingrid)
    answer = ask("patch", "lessons/shells/pipes/", {"video_url": address})
    assert (answer.status_code, answer.json().get("video_url")) == (200, address)


def test_a_course_is_handed_over_and_its_former_owner_goes_on_teaching(
    client, ask, course, ingrid, bob, person
):
    heir = person("haruko", Role.INSTRUCTOR)
    client.force_login(ingrid)
    refused = ask("put", "courses/shells/owner/", {"username": "bob"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "owner_unfit")
    assert ask("put", "courses/shells/owner/", {"username": "nobody"}).status_code == 404
    ask("put", "courses/shells/staff/haruko/", {"role": "assistant"})
    answer = ask("put", "courses/shells/owner/", {"username": "Haruko"})
    assert (answer.status_code, answer.json()["owner"]) == (200, "haruko")
    posts = CourseStaff.objects.values_list("person__username", "role")
    assert list(posts) == [("ingrid", "co_instructor")]
    assert ask("put", "courses/shells/owner/", {"username": "ingrid"}).status_code == 403
    client.force_login(heir)
    assert ask("put", "courses/shells/owner/", {"username": "haruko"}).status_code == 200
    assert CourseStaff.objects.count() == 1


def test_the_same_key_makes_one_course_and_one_release(client, ask, ingrid, make_lesson):
    client.force_login(ingrid)
    key = {"Idempotency-Key": "k1"}
    answers = [ask("post", "courses/", {"title": "x", "slug": "x"}, **key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert Course.objects.filter(slug="x").count() == 1


def test_learners_make_no_courses(client, ask, alice):
    assert ask("post", "courses/", {"title": "x", "slug": "x"}).status_code == 401
    client.force_login(alice)
    assert ask("post", "courses/", {"title": "x", "slug": "x"}).status_code == 403


def test_a_course_that_was_taken_back_is_404_until_it_opens_again(client, ask, make_lesson, ingrid):
    make_lesson()
    client.force_login(ingrid)
    assert ask("post", "courses/shells/withdraw/").status_code == 204
    client.logout()
    assert ask("get", "courses/shells/").status_code == 404
    client.force_login(ingrid)
    assert ask("post", "courses/shells/releases/").json()["number"] == 1
    client.logout()
    assert ask("get", "lessons/shells/pipes/").status_code == 200
