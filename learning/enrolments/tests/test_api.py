"""Enrolments for programs: who sees what, and what is answered to everybody else."""

import uuid
from datetime import timedelta

import jsonschema
import pytest
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from academy.accounts.models import User
from learning.courses.models import Course, CourseStaff, Status, Visibility
from learning.enrolments.models import Cohort, Enrolment, EnrolmentKey
from learning.enrolments.services import enrolment_suspend, key_make
from learning.enrolments.tests.conftest import release_of

pytestmark = pytest.mark.usefixtures("cache")
STAFF = "/api/courses/shells/enrolments/"


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.fixture
def call(client, bearer, schema):
    """Sends a request as somebody, and holds the answer against the schema."""

    def send(person, method, path, body=None, template=None, **headers):
        more = {"headers": {**(bearer(person) if person else {}), **headers}}
        if body is not None:
            more |= {"data": body, "content_type": "application/json"}
        response = getattr(client, method)(path, **more)
        if template:
            check(schema, template, method, response)
        return response

    return send


def check(schema, template, method, response):
    answers = schema["paths"][template][method]["responses"]
    answer = answers[str(response.status_code)]
    if "content" not in answer:
        assert response.content == b""
        return
    described = answer["content"]["application/json"]["schema"]
    jsonschema.Draft202012Validator(
        {**described, "components": schema["components"]},
        format_checker=jsonschema.FormatChecker(),
    ).validate(response.json())


def code_of(response):
    return response.json()["errors"][0]["code"]


def put(course, **values):
    Course.objects.filter(pk=course.pk).update(**values)


def test_enrolling_oneself_is_201_and_then_200(call, course, alice, lessons):
    template = "/api/courses/{course}/enrol/"
    first = call(alice, "post", "/api/courses/shells/enrol/", {}, template)
    again = call(alice, "post", f"/api/courses/{course.pk}/enrol/", {}, template)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["state"] == "open"
    assert first.json()["release"] == 1
    found = call(alice, "get", first["Location"], None, "/api/enrolments/{enrolment}/")
    assert found.json() == first.json()


def test_strangers_sign_in_first_and_hidden_courses_are_missing(call, course, alice):
    template = "/api/courses/{course}/enrol/"
    assert call(None, "post", "/api/courses/shells/enrol/", {}, template).status_code == 401
    for values in ({"status": Status.DRAFT}, {"visibility": Visibility.ENROLLED}):
        put(course, **{"status": Status.PUBLISHED, **values})
        response = call(alice, "post", "/api/courses/shells/enrol/", {"key": "abc"}, template)
        assert response.status_code == 404
    assert call(alice, "post", "/api/courses/none/enrol/", {}, template).status_code == 404


def test_a_key_opens_a_hidden_course_and_everything_else_is_refused_alike(
    call, course, alice, ingrid
):
    put(course, visibility=Visibility.ENROLLED)
    key_make(course=course, acting_user=ingrid, key="open-sesame")
    refused = [
        call(alice, "post", "/api/enrolments/", body, "/api/enrolments/")
        for body in (
            {"course": "shells", "key": "close-sesame"},
            {"course": "none", "key": "open-sesame"},
            {"course": str(2**80), "key": "open-sesame"},
        )
    ]
    assert {(r.status_code, r.content) for r in refused} == {(400, refused[0].content)}
    assert code_of(refused[0]) == "key_refused"
    body = {"course": "shells", "key": "OPEN-SESAME"}
    opened = call(alice, "post", "/api/enrolments/", body, "/api/enrolments/")
    assert (opened.status_code, opened.json()["origin"]) == (201, "key")
    assert call(alice, "post", "/api/enrolments/", body, "/api/enrolments/").status_code == 200


def test_guessing_keys_is_limited_and_enrolling_without_one_is_not(call, course, alice, settings):
    template = "/api/courses/{course}/enrol/"
    limit = settings.RATES["key"].amount
    tries = [
        call(alice, "post", "/api/courses/shells/enrol/", {"key": f"guess-{n}"}, template)
        for n in range(limit + 1)
    ]
    assert [r.status_code for r in tries] == [400] * limit + [429]
    assert int(tries[-1]["Retry-After"]) > 0
    body = {"course": "shells", "key": "x"}
    assert call(alice, "post", "/api/enrolments/", body, "/api/enrolments/").status_code == 429
    assert call(alice, "post", "/api/courses/shells/enrol/", {}, template).status_code == 201


def test_guesses_are_counted_exactly_while_the_cache_is_silent(call, course, alice, settings):
    settings.CACHE_URL = "unix:///nowhere/academy.sock"
    limit = settings.RATES["key"].amount
    tries = [
        call(alice, "post", "/api/courses/shells/enrol/", {"key": f"guess-{n}"})
        for n in range(limit + 1)
    ]
    assert [r.status_code for r in tries] == [400] * limit + [429]


def test_an_idempotency_key_enrols_once(call, course, alice):
    header = {"Idempotency-Key": "k1"}
    first = call(alice, "post", "/api/courses/shells/enrol/", {}, **header)
    again = call(alice, "post", "/api/courses/shells/enrol/", {}, **header)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again["Idempotency-Replayed"] == "true"
    other = call(
        alice,
        "post",
        "/api/courses/shells/enrol/",
        {"key": "x"},
        "/api/courses/{course}/enrol/",
        **header,
    )
    assert other.status_code == 422


def test_a_priced_and_a_full_course_say_so(call, course, alice, bob, enrolled):
    template = "/api/courses/{course}/enrol/"
    put(course, seat_limit=1)
    full = call(bob, "post", "/api/courses/shells/enrol/", {}, template)
    put(course, price=100)
    priced = call(bob, "post", "/api/courses/shells/enrol/", {}, template)
    assert [(r.status_code, code_of(r)) for r in (full, priced)] == [
        (409, "course_full"),
        (409, "key_needed"),
    ]


def test_my_enrolments_are_mine_and_filtered(call, course, alice, bob, ingrid, enrolled):
    other = Course.objects.create(slug="other", title="O", owner=ingrid, status=Status.PUBLISHED)
    Enrolment.objects.create(course=other, person=alice, source="self", status="withdrawn")
    Enrolment.objects.create(course=other, person=bob, source="self")

    def slugs(query):
        found = call(alice, "get", f"/api/enrolments/{query}", None, "/api/enrolments/")
        return {row["course"]["slug"] for row in found.json()["results"]}

    assert slugs("") == {"shells", "other"}
    assert slugs("?state=open") == {"shells"}
    assert slugs("?course=other") == {"other"}
    for query in ("?state=sleeping", "?page=-1", "?page=0"):
        response = call(alice, "get", f"/api/enrolments/{query}", None, "/api/enrolments/")
        assert response.status_code == 400


@pytest.mark.parametrize("who", ["bob", "ivan"])
def test_other_peoples_enrolments_are_missing(call, course, enrolled, who, person):
    somebody = person(who, "instructor" if who == "ivan" else "learner")
    place = f"/api/enrolments/{enrolled.pk}/"
    template = "/api/enrolments/{enrolment}/"
    for method, path, body in (
        ("get", place, None),
        ("patch", place, {"status": "withdrawn"}),
        ("post", f"{place}withdraw/", {}),
        ("get", f"/api/enrolments/{2**63}/", None),
        ("get", f"/api/enrolments/{2**80}/", None),
    ):
        shown = template if path == place else None
        assert call(somebody, method, path, body, shown).status_code == 404
    enrolled.refresh_from_db()
    assert enrolled.status == "active"


def test_a_learner_leaves_and_comes_back_but_changes_nothing_else(call, course, alice, enrolled):
    place = f"/api/enrolments/{enrolled.pk}/"
    changed = call(alice, "patch", place, {"expires_at": None}, "/api/enrolments/{enrolment}/")
    assert changed.status_code == 403
    template = "/api/enrolments/{enrolment}/withdraw/"
    left = call(alice, "post", f"{place}withdraw/", {}, template)
    assert (left.status_code, left.json()["state"]) == (200, "withdrawn")
    assert call(alice, "post", "/api/courses/shells/enrol/", {}).status_code == 201


def test_a_suspended_learner_gets_no_further_by_any_way(call, course, alice, ingrid, enrolled):
    key_make(course=course, acting_user=ingrid, key="open-sesame")
    enrolment_suspend(enrolment=enrolled, acting_user=ingrid)
    place = f"/api/enrolments/{enrolled.pk}/"

    def tries():
        return [
            call(alice, "post", "/api/courses/shells/enrol/", {}),
            call(alice, "post", "/api/courses/shells/enrol/", {"key": "open-sesame"}),
            call(alice, "post", "/api/enrolments/", {"course": "shells", "key": "open-sesame"}),
        ]

    assert {code_of(response) for response in tries()} == {"enrolment_suspended"}
    assert call(alice, "patch", place, {"status": "active"}).status_code == 403
    call(alice, "post", f"{place}withdraw/", {})
    assert {code_of(response) for response in tries()} == {"enrolment_barred"}


def test_the_class_is_seen_by_its_staff_and_managed_by_its_teachers(
    call, course, alice, bob, ingrid, ivan, olga, person, enrolled
):
    carla, amy = person("carla", "instructor"), person("amy")
    CourseStaff.objects.create(course=course, person=carla, role="co_instructor")
    CourseStaff.objects.create(course=course, person=amy, role="assistant")
    template = "/api/courses/{course}/enrolments/"
    seen = {
        who: call(who, "get", STAFF, None, template).status_code
        for who in (None, bob, alice, ivan, amy, carla, ingrid, olga)
    }
    assert list(seen.values()) == [401, 403, 403, 403, 200, 200, 200, 200]
    body = {"person": "BOB"}
    refused = [call(who, "post", STAFF, body, template) for who in (bob, ivan, amy)]
    assert {response.status_code for response in refused} == {403}
    added = [call(who, "post", STAFF, body, template) for who in (carla, ingrid, olga)]
    assert [response.status_code for response in added] == [201, 200, 200]
    assert added[0].json()["origin"] == "instructor"


def test_staff_lists_are_filtered_and_cost_the_same_for_any_class(
    call, course, ingrid, people, django_assert_max_num_queries
):
    spring = Cohort.objects.create(course=course, name="Spring")
    Enrolment.objects.bulk_create(
        Enrolment(
            course=course,
            person=learner,
            source="self",
            cohort=spring if n % 2 else None,
            status="suspended" if n < 10 else "active",
        )
        for n, learner in enumerate(people(60))
    )

    def count(query):
        template = "/api/courses/{course}/enrolments/"
        return call(ingrid, "get", f"{STAFF}?{query}", None, template).json()["count"]

    assert count("") == 60
    assert count("status=suspended") == count("state=suspended") == 10
    assert count(f"cohort={spring.pk}") == 30
    assert count("q=learner59@EXAMPLE") == 1
    assert count("q=%25") == 0
    for size in (1, 100):
        with django_assert_max_num_queries(8):
            call(ingrid, "get", f"{STAFF}?page_size={size}")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"person": "nobody@example.org"}, "unknown_person"),
        ({"person": "a\x00b"}, "parse_error"),
        ({"person": "bob", "expires_at": "9999-12-31T23:59:59-12:00"}, None),
        ({"person": "bob", "expires_at": "9999-12-31T23:59:59Z"}, "bad_date"),
        ({"person": "bob", "expires_at": "0001-01-01T00:00:00+14:00"}, None),
        ({"person": "bob", "expires_at": "2001-01-01T00:00:00"}, "dates_reversed"),
        ({"person": "bob", "cohort": 2**63}, None),
        ({"person": "bob", "cohort": True}, None),
        ({"person": ["bob"]}, None),
        ([], None),
        ("x", None),
    ],
)
def test_what_cannot_be_used_is_refused_with_400(call, course, bob, ingrid, body, code):
    response = call(ingrid, "post", STAFF, body, "/api/courses/{course}/enrolments/")
    assert response.status_code in ({400} if code else {400, 404})
    assert code in {None, code_of(response)}
    assert not Enrolment.objects.exists()


def test_a_change_is_all_of_it_or_nothing(call, course, alice, ingrid, enrolled, lessons):
    release_of(course, lessons, number=2)
    spring = Cohort.objects.create(course=course, name="Spring")
    place, template = f"/api/enrolments/{enrolled.pk}/", "/api/enrolments/{enrolment}/"
    ends = (timezone.now() + timedelta(days=9)).replace(microsecond=0)
    body = {
        "status": "suspended",
        "cohort": spring.pk,
        "expires_at": ends.isoformat(),
        "release": 1,
    }
    refused = call(ingrid, "patch", place, {**body, "release": 7}, template)
    assert (refused.status_code, code_of(refused)) == (400, "unknown_release")
    enrolled.refresh_from_db()
    assert (enrolled.status, enrolled.cohort_id, enrolled.expires_at) == ("active", None, None)
    done = call(ingrid, "patch", place, body, template).json()
    assert (done["state"], done["release"], done["cohort"]["name"]) == ("suspended", 1, "Spring")
    lifted = call(ingrid, "patch", place, {"status": "active", "cohort": None}, template).json()
    assert (lifted["state"], lifted["cohort"]) == ("open", None)
    assert lifted["expires_at"] == done["expires_at"]


def test_the_cohorts_of_a_course_are_made_changed_and_deleted(call, course, ingrid, enrolled):
    place, template = "/api/courses/shells/cohorts/", "/api/courses/{course}/cohorts/"
    one = "/api/courses/{course}/cohorts/{cohort}/"
    body = {"name": " Frühling\u202e ", "ends_at": "2927-01-01T00:00:00Z"}
    made = call(ingrid, "post", place, body, template)
    assert (made.status_code, made.json()["name"]) == (201, "Frühling")
    cohort = f"{place}{made.json()['id']}/"
    Enrolment.objects.update(cohort_id=made.json()["id"])
    twice = call(ingrid, "post", place, {"name": "Frühling"}, template)
    assert (twice.status_code, code_of(twice)) == (409, "name_taken")
    reversed_ = call(ingrid, "patch", cohort, {"starts_at": "2928-01-01T00:00:00Z"}, one)
    assert (reversed_.status_code, code_of(reversed_)) == (400, "dates_reversed")
    assert call(ingrid, "get", cohort, None, one).json()["learner_count"] == 1
    assert call(ingrid, "get", place, None, template).json()["count"] == 1
    assert call(ingrid, "patch", cohort, {"name": ""}, one).status_code == 400
    assert call(ingrid, "delete", cohort, None, one).status_code == 204
    assert call(ingrid, "delete", cohort, None, one).status_code == 404
    assert Enrolment.objects.get().cohort is None


def test_keys_are_for_those_who_may_enrol_people(call, course, alice, ingrid, person):
    amy = person("amy")
    CourseStaff.objects.create(course=course, person=amy, role="assistant")
    place, template = "/api/courses/shells/keys/", "/api/courses/{course}/keys/"
    revoke = "/api/courses/{course}/keys/{key}/revoke/"
    assert call(amy, "get", place, None, template).status_code == 403
    drawn = call(ingrid, "post", place, {"max_uses": 3}, template).json()
    assert (len(drawn["key"]), drawn["is_good"]) == (14, True)
    chosen = call(ingrid, "post", place, {"key": "Open Sesame"}, template)
    taken = call(ingrid, "post", place, {"key": "OPEN  sesame"}, template)
    assert [r.status_code for r in (chosen, taken)] == [201, 409]
    for body in ({"key": "short"}, {"max_uses": 0}, {"max_uses": 2**40}, {"key": "x" * 65}):
        assert call(ingrid, "post", place, body, template).status_code == 400
    gone = call(ingrid, "post", f"{place}{drawn['id']}/revoke/", {}, revoke).json()
    assert not gone["is_good"]
    assert call(ingrid, "get", place, None, template).json()["count"] == 2
    assert EnrolmentKey.objects.filter(revoked_at=None).count() == 1


def test_rows_of_another_course_are_missing_in_this_one(call, course, ingrid, bob):
    mine = Course.objects.create(slug="mine", title="Mine", owner=bob, status=Status.PUBLISHED)
    cohort = Cohort.objects.create(course=course, name="Theirs")
    key = key_make(course=course, acting_user=ingrid)
    User.objects.filter(pk=bob.pk).update(role="instructor")
    for method, path, body in (
        ("get", f"cohorts/{cohort.pk}/", None),
        ("patch", f"cohorts/{cohort.pk}/", {"name": "Mine"}),
        ("delete", f"cohorts/{cohort.pk}/", None),
        ("post", f"keys/{key.pk}/revoke/", {}),
        ("post", "keys/", {"cohort": cohort.pk}),
        ("post", "enrolments/", {"person": "bob", "cohort": cohort.pk}),
        ("get", f"enrolment-lists/{uuid.uuid4()}/", None),
    ):
        assert call(bob, method, f"/api/courses/{mine.slug}/{path}", body).status_code == 404
    key.refresh_from_db()
    assert key.revoked_at is None
