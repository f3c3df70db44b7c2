import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from drf_spectacular.generators import SchemaGenerator

from learning.conftest import save_and_publish
from learning.courses.models import Course, Section, Status
from learning.enrolments.models import DripRule, Enrolment
from learning.lessons import facets
from learning.lessons.models import Tier
from learning.lessons.services import lesson_save

TOO_BIG = str(2**80)


@pytest.fixture
def no_facets(monkeypatch):
    monkeypatch.setattr(facets, "_facets", {})


def test_a_lesson_says_what_it_is(client, make_lesson):
    make_lesson(title="はじめに 🌸", summary="مقدمة", language="ja")
    body = client.get("/api/lessons/shells/pipes/").json()
    assert body["permalink"] == "shells/pipes"
    assert body["title"] == "はじめに 🌸"
    assert (body["language"], body["direction"], body["access"]) == ("ja", "ltr", "full")
    assert (body["state"], body["problem"], body["is_premium"]) == ("ready", "", False)
    assert "word20" in body["body_html"]
    assert {"level": 2, "text": "Part 1", "anchor": "part-1"} in body["outline"]


def test_a_gated_answer_holds_nothing_of_the_rest(client, premium):
    response = client.get("/api/lessons/shells/secrets/")
    assert response["X-Robots-Tag"] == "noindex"
    assert response.json()["access"] == "gated"
    text = response.content.decode()
    assert "word1 " in text
    assert not any(f"word{n} " in text or f"Part {n}" in text for n in range(6, 21))


def test_the_same_lesson_answers_304_until_it_changes(client, make_lesson, alice):
    lesson = make_lesson()
    first = client.get("/api/lessons/shells/pipes/")
    headers = {"If-None-Match": first["ETag"]}
    again = client.get("/api/lessons/shells/pipes/", headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    assert "Authorization" in again["Vary"]
    lesson.title = "Tubes"
    save_and_publish(lesson)
    assert client.get("/api/lessons/shells/pipes/", headers=headers).status_code == 200


def test_a_new_grant_changes_the_etag(client, premium, alice, course, granted):
    client.force_login(alice)
    etag = client.get("/api/lessons/shells/secrets/")["ETag"]
    granted.delete()
    headers = {"If-None-Match": etag}
    response = client.get("/api/lessons/shells/secrets/", headers=headers)
    assert response.json()["access"] == "gated"


def test_an_old_permalink_redirects(client, make_lesson):
    lesson = make_lesson("old")
    lesson.slug = "new"
    lesson_save(lesson=lesson)
    response = client.get("/api/lessons/shells/old/")
    assert (response.status_code, response["Location"]) == (301, "/api/lessons/shells/new/")


@pytest.mark.parametrize("path", ["shells/none/", "none/pipes/", "shells/draft/", "shells/x%00y/"])
def test_missing_and_hidden_lessons_answer_alike(client, make_lesson, path):
    make_lesson("draft", status="draft")
    response = client.get(f"/api/lessons/{path}")
    assert response.status_code in {400, 404}
    assert response.json()["errors"]


def test_the_list_has_what_the_caller_may_know_of(client, make_lesson, premium, ingrid):
    make_lesson("draft", status="draft", rendered=False)
    body = client.get("/api/lessons/").json()
    found = {row["permalink"]: row["access"] for row in body["results"]}
    assert found == {"shells/secrets": "gated"}
    client.force_login(ingrid)
    body = client.get("/api/lessons/").json()
    found = {row["permalink"]: row["access"] for row in body["results"]}
    assert found == {"shells/draft": "full", "shells/secrets": "full"}
    assert "body_html" not in body["results"][0]


def test_the_list_is_filtered_and_ordered_by_what_is_allowed(client, make_lesson, course):
    section = Section.objects.create(course=course, title="S", position=1)
    make_lesson("b", title="B", section=section, rendered=False)
    make_lesson("a", title="A", summary="about pipes", language="ja", rendered=False)
    make_lesson("c", title="C", access=Tier.PREMIUM, rendered=False)

    def titles(query):
        response = client.get(f"/api/lessons/?{query}")
        assert response.status_code == 200, query
        return [row["title"] for row in response.json()["results"]]

    assert titles("") == ["B", "A", "C"]
    assert titles("ordering=title") == ["A", "B", "C"]
    assert titles("ordering=-title") == ["C", "B", "A"]
    assert titles("is_premium=true") == ["C"]
    assert titles("is_premium=false") == ["B", "A"]
    assert titles("language=JA") == ["A"]
    assert titles("language=en") == ["B", "C"]
    assert titles("course=shells&q=PIPES") == ["A"]
    assert titles("course=none") == []
    assert titles("owner__password__startswith=a") == ["B", "A", "C"]


def test_a_nul_in_a_query_is_refused(client):
    assert client.get("/api/lessons/?q=%00").status_code == 400


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (f"page={TOO_BIG}", 404),
        ("page=-1", 400),
        ("page=x", 400),
        ("page_size=1e9", 400),
        ("page_size=-1", 400),
        (f"course={'x' * 300}", 400),
        (f"q={'x' * 300}", 400),
        ("is_premium=banana", 400),
        ("ordering=password,title", 400),
        ("ordering=course__owner__password", 400),
    ],
)
def test_rubbish_in_a_query_is_refused_by_its_name(client, make_lesson, query, status):
    make_lesson(rendered=False)
    response = client.get(f"/api/lessons/?{query}")
    assert response.status_code == status
    if status == 400:
        assert response.json()["errors"][0]["attr"] == query.partition("=")[0]


def test_a_page_costs_as_many_queries_as_it_has_kinds_of_things(
    client, make_lesson, alice, no_facets, django_assert_max_num_queries
):
    for n in range(25):
        make_lesson(f"lesson-{n}", body="Text.", rendered=False)
    asked = []

    def provider(readings):
        asked.append(len(readings))
        return {}

    facets.register("colour", provider)
    client.force_login(alice)
    # session, person, seats, posts, grants, count, page, entries, rules and exceptions of openings
    with django_assert_max_num_queries(10):
        client.get("/api/lessons/")
    assert asked == [20]


def test_lessons_that_open_later_cost_as_much_in_four_courses_as_in_one(
    client, make_lesson, person, alice, no_facets
):
    client.force_login(alice)

    def one_more(name):
        course = Course.objects.create(
            slug=name, title=name, owner=person(f"of-{name}"), status=Status.PUBLISHED
        )
        first, later = (make_lesson(slug, course=course, rendered=False) for slug in ("a", "b"))
        Enrolment.objects.create(course=course, person=alice)
        DripRule.objects.create(lesson=later, kind=DripRule.Kind.AFTER_LESSON, after=first)
        DripRule.objects.create(lesson=first, kind=DripRule.Kind.AFTER_DAYS, days=0)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            rows = client.get("/api/lessons/").json()["results"]
        return len(queries), [(row["permalink"], row["access"]) for row in rows]

    one_more("solo")
    alone, rows = asked()
    assert rows == [("solo/a", "full"), ("solo/b", "locked")]
    for name in ("duo", "trio", "quartet"):
        one_more(name)
    together, rows = asked()
    assert [access for _permalink, access in rows] == ["full", "locked"] * 4
    assert together == alone


def test_facets_of_other_apps_stand_on_lessons_and_nowhere_else(client, make_lesson, no_facets):
    lesson = make_lesson()
    facets.register("export_pdf", lambda readings: {lesson.pk: "/api/exports/1/download/"})
    facets.register("export_generated_at", lambda readings: {}, kind="time")
    body = client.get("/api/lessons/shells/pipes/").json()
    row = client.get("/api/lessons/").json()["results"][0]
    for shown in (body, row):
        assert shown["export_pdf"] == "/api/exports/1/download/"
        assert shown["export_generated_at"] is None
    facets.forget("export_pdf")
    assert "export_pdf" not in client.get("/api/lessons/shells/pipes/").json()


def test_the_schema_tells_of_facets_and_of_every_answer(no_facets):
    facets.register("export_pdf", lambda readings: {})
    facets.register("export_generated_at", lambda readings: {}, kind="time")
    schema = SchemaGenerator().get_schema(request=None, public=True)
    lesson = schema["components"]["schemas"]["LessonOutput"]["properties"]
    assert lesson["export_pdf"]["type"] == ["string", "null"]
    assert lesson["export_generated_at"]["format"] == "date-time"
    assert lesson["access"]
    answers = schema["paths"]["/api/lessons/{course}/{slug}/"]["get"]["responses"]
    assert {"200", "301", "304", "404"} <= set(answers)
    listed = schema["paths"]["/api/lessons/"]["get"]["parameters"]
    assert {"ordering", "q", "language", "is_premium", "course"} <= {p["name"] for p in listed}


def test_a_facet_has_one_provider(no_facets):
    facets.register("size", len)
    facets.register("size", len)
    with pytest.raises(ValueError, match="size"):
        facets.register("size", max)


@pytest.mark.parametrize("path", ["/api/lessons/", "/api/lessons/shells/pipes/"])
def test_nobody_writes_here(client, make_lesson, path, olga):
    make_lesson()
    client.force_login(olga)
    answer = client.post(path, json.dumps({}), content_type="application/json")
    assert answer.status_code == 405
