"""Lists of people, and when lessons open, for programs."""

import json

import pytest
from drf_spectacular.generators import SchemaGenerator

from academy.accounts.models import User
from learning.courses.models import CourseStaff
from learning.enrolments.models import Cohort, DripOverride, Enrolment, EnrolmentList
from learning.enrolments.tests.test_api import check
from scheduler.jobs.models import Job

pytestmark = pytest.mark.usefixtures("cache")
LISTS = "/api/courses/shells/enrolment-lists/"
OPENING = "/api/lessons/shells/loops/opening/"


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.fixture
def send(client, bearer, schema):
    def post(
        person, path, body=None, method="post", kind="application/json", template=None, **more
    ):
        data = json.dumps(body) if kind == "application/json" and body is not None else body
        headers = {**bearer(person), **more}
        response = client.generic(
            method.upper(), path, data or "", content_type=kind, headers=headers
        )
        if template:
            check(schema, template, method, response)
        return response

    return post


@pytest.fixture
def amy(course, person):
    """Assists."""
    found = person("amy")
    CourseStaff.objects.create(course=course, person=found, role="assistant")
    return found


def test_a_list_is_sent_as_it_is_and_its_report_read_back(
    send, work, course, ingrid, amy, alice, bob
):
    template = "/api/courses/{course}/enrolment-lists/"
    text = "Username;Cohort\nalice\n=cmd|'/c calc'!A1\n"
    sent = send(ingrid, LISTS, text, kind="text/csv", template=template)
    assert sent.status_code == 202
    kept = sent.json()
    assert sent["Location"] == f"/async-monitoring/tasks/{kept['task_id']}/status/"
    work()
    status = send(ingrid, sent["Location"], method="get").json()
    assert status["status"] == "succeeded"
    one = f"{LISTS}{kept['id']}/"
    found = send(amy, one, method="get", template=f"{template}{{list_id}}/").json()
    assert (found["line_count"], found["enrolled_count"], found["refused_count"]) == (2, 1, 1)
    lines = send(
        amy, f"{one}lines/?outcome=refused", method="get", template=f"{template}{{list_id}}/lines/"
    ).json()
    assert [(row["number"], row["code"]) for row in lines["results"]] == [(3, "unknown_person")]
    sheet = send(amy, f"{one}report/", method="get", Accept="text/csv")
    assert sheet["Content-Type"] == "text/csv; charset=utf-8"
    assert sheet["Content-Disposition"].startswith("attachment;")
    assert "'=cmd" in sheet.content.decode("utf-8-sig")
    assert send(bob, f"{one}report/", method="get").status_code == 403
    assert send(amy, LISTS, text, kind="text/csv", template=template).status_code == 403
    assert send(amy, LISTS, method="get", template=template).json()["count"] == 1


def test_a_damaged_line_stops_no_other(send, work, course, ingrid, people):
    people(4)
    Cohort.objects.create(course=course, name="Frühling")
    text = (
        b"Name,Username,Cohort,Expires\n"
        b"J\xf6rg,learner0\n"
        b"Ann\x00,learner1\n"
        b"Bea,learner\x002\n"
        b"Cem,\xfflearner2\n"
        b"Dan,learner\xe22@example.org\n"
        b"Eve,learner2,Fr\xfchling\n"
        b"Fay,learner2,,2927-03-3\x001\n"
        b"Gil,learner3\n"
    )
    sent = send(ingrid, LISTS, text, kind="text/csv")
    assert sent.status_code == 202
    work()
    lines = send(ingrid, f"{LISTS}{sent.json()['id']}/lines/", method="get").json()["results"]
    assert [row["code"] or row["outcome"] for row in lines] == [
        "enrolled",
        "enrolled",
        "unknown_person",
        "unknown_person",
        "bad_email",
        "unknown_cohort",
        "bad_date",
        "enrolled",
    ]
    assert lines[2]["who"] == "learner\ufffd2"
    enrolled = Enrolment.objects.order_by("person_id").values_list("person__username", flat=True)
    assert list(enrolled) == ["learner0", "learner1", "learner3"]


def test_a_list_in_json_sent_twice_with_one_key_is_one_list(send, course, ingrid):
    body = {"csv": "\ufeffemail\nann@example.org\n"}
    first = send(ingrid, LISTS, body, **{"Idempotency-Key": "k"})
    again = send(ingrid, LISTS, body, **{"Idempotency-Key": "k"})
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["id"] == again.json()["id"]
    assert EnrolmentList.objects.count() == Job.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "body", "status", "code"),
    [
        ("text/csv", b"email\n" + b"a" * 1_000_000, 400, "list_too_large"),
        ("text/csv", b"em\xffail\nann@example.org\n", 400, "list_unreadable"),
        ("text/csv", "email\nann@example.org\n".encode("utf-16"), 400, "list_unreadable"),
        ("text/csv", "email\nann@example.org\n".encode("utf-16-be"), 400, "list_unreadable"),
        ("text/csv", b"PK\x03\x04\x14\x00\x06\x00\nemail\n", 400, "list_unreadable"),
        ("text/csv", b"", 400, "required"),
        ("text/csv", b"name\nAnn\n", 400, "list_unreadable"),
        ("application/json", {"csv": "email\n" + "a\n" * 5_001}, 400, "list_too_large"),
        ("application/json", {"csv": None}, 400, None),
        ("application/json", {}, 400, None),
        ("application/xml", b"<a/>", 415, None),
        ("multipart/form-data", b"x", 415, None),
    ],
)
def test_what_is_no_list_is_refused_and_no_job_begins(
    send, course, ingrid, kind, body, status, code
):
    template = "/api/courses/{course}/enrolment-lists/"
    response = send(ingrid, LISTS, body, kind=kind, template=template)
    assert response.status_code == status
    assert code in {None, response.json()["errors"][0]["code"]}
    assert not Job.objects.exists()


def test_rules_are_put_and_read_back(send, lessons, ingrid, amy, alice):
    template = "/api/lessons/{course}/{slug}/opening/"
    rules = [
        {"kind": "after_days", "days": 7},
        {"kind": "on_date", "opens_at": "2927-03-03T09:00:00Z"},
        {"kind": "after_lesson", "after": "shells/pipes"},
    ]
    put = send(ingrid, OPENING, {"rules": rules}, "put", template=template)
    assert put.status_code == 200
    read = send(amy, OPENING, method="get", template=template).json()
    assert [
        {name: value for name, value in rule.items() if value is not None} for rule in read["rules"]
    ] == rules
    assert send(amy, OPENING, {"rules": []}, "put", template=template).status_code == 403
    assert send(alice, OPENING, method="get", template=template).status_code == 403
    circle = {"rules": [{"kind": "after_lesson", "after": "shells/loops"}]}
    refused = send(ingrid, OPENING.replace("loops", "pipes"), circle, "put", template=template)
    assert refused.json()["errors"][0]["code"] == "rule_cycle"
    missing = send(ingrid, OPENING.replace("loops", "none"), method="get", template=template)
    assert missing.status_code == 404


@pytest.mark.parametrize(
    "rules",
    [
        [{"kind": "after_days", "days": 2**40}],
        [{"kind": "after_days"}],
        [{"kind": "on_date", "opens_at": "9999-12-31T23:59:59Z"}],
        [{"kind": "after_lesson", "after": "shells/none"}],
        [{"kind": "after_lesson", "after": "other/pipes"}],
        [{"kind": "after_lesson", "after": "pipes"}],
        [{"kind": "never"}],
        [{"kind": "after_days", "days": 1}] * 11,
        "x",
        None,
    ],
)
def test_rules_that_make_no_sense_are_refused(send, lessons, ingrid, rules):
    template = "/api/lessons/{course}/{slug}/opening/"
    response = send(ingrid, OPENING, {"rules": rules}, "put", template=template)
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("rule", "field", "said"),
    [
        (
            {"kind": "after_lesson", "lesson": "shells/pipes"},
            "after",
            "“after_lesson” needs “after”",
        ),
        ({"kind": "after_days"}, "days", "“after_days” needs “days”"),
        ({"kind": "on_date"}, "opens_at", "“on_date” needs “opens_at”"),
        ({"kind": "after_lesson", "after": "pipes"}, "after", "shells/…"),
    ],
)
def test_a_rule_that_lacks_something_says_what_its_kind_needs(
    send, lessons, ingrid, rule, field, said
):
    rules = {"rules": [{"kind": "after_days", "days": 1}, rule]}
    template = "/api/lessons/{course}/{slug}/opening/"
    (error,) = send(ingrid, OPENING, rules, "put", template=template).json()["errors"]
    assert (error["code"], error["attr"]) == ("bad_rule", f"rules.1.{field}")
    assert said in error["detail"]


def test_exceptions_are_put_replaced_and_cleared(send, lessons, course, ingrid, enrolled):
    place = f"{OPENING}overrides/"
    template = "/api/lessons/{course}/{slug}/opening/overrides/"
    spring = Cohort.objects.create(course=course, name="Spring")
    now = {"enrolment": enrolled.pk, "opens_at": None}
    first = send(ingrid, place, now, "put", template=template)
    later = {"enrolment": enrolled.pk, "opens_at": "2927-01-01T00:00:00Z"}
    second = send(ingrid, place, later, "put", template=template).json()
    assert (first.json()["id"], first.json()["who"]) == (second["id"], "Alice")
    send(ingrid, place, {"cohort": spring.pk, "opens_at": None}, "put", template=template)
    read = send(ingrid, OPENING, method="get").json()["overrides"]
    assert [row["who"] for row in read] == ["Spring", "Alice"]
    one = f"{place}{second['id']}/"
    assert send(ingrid, one, method="delete").status_code == 204
    assert send(ingrid, one, method="delete").status_code == 404
    assert DripOverride.objects.count() == 1


def test_an_exception_names_one_of_the_course(send, lessons, course, ingrid, bob):
    place = f"{OPENING}overrides/"
    for body, status in (
        ({"opens_at": None}, 400),
        ({"enrolment": 10**9, "opens_at": None}, 404),
        ({"cohort": 2**63 - 1, "opens_at": None}, 404),
        ({"cohort": 2**63, "opens_at": None}, 400),
    ):
        assert send(ingrid, place, body, "put").status_code == status
    assert not DripOverride.objects.exists()
    assert not Enrolment.objects.exists()
    assert User.objects.filter(pk=bob.pk).exists()
