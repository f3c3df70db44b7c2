"""Coming and leaving with plain forms."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from learning.courses.models import Course, Visibility
from learning.enrolments.models import Cohort, Enrolment
from learning.enrolments.selectors import offer_for
from learning.enrolments.services import enrolment_by_staff, enrolment_suspend, key_make
from learning.releases.services import release_publish
from learning.rights.selectors import standing_of

pytestmark = pytest.mark.usefixtures("cache")
ENROL, LEAVE = "/courses/shells/enrol/", "/courses/shells/leave/"


@pytest.fixture
def browser(client, alice):
    client.force_login(alice)
    return client


def put(course, **values):
    Course.objects.filter(pk=course.pk).update(**values)
    course.refresh_from_db()


def test_a_button_enrols_and_another_leaves(browser, course, lessons):
    came = browser.post(ENROL)
    assert (came.status_code, came["Location"]) == (303, "/courses/shells/")
    assert "You are enrolled" in browser.get("/courses/shells/").content.decode()
    left = browser.post(LEAVE)
    assert (left.status_code, left["Location"]) == (303, "/courses/shells/")
    assert Enrolment.objects.get().status == "withdrawn"


def test_a_stranger_signs_in_first(client, course):
    for method, path in (("get", ENROL), ("post", ENROL), ("post", LEAVE), ("get", "/enrol/")):
        answer = getattr(client, method)(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/")
    assert not Enrolment.objects.exists()


def test_a_wrong_key_comes_back_with_the_form(browser, course):
    put(course, price=100)
    page = browser.get(ENROL).content.decode()
    assert 'name="key"' in page
    wrong = browser.post(ENROL, {"key": "nothing"})
    assert wrong.status_code == 400
    assert "This key opens nothing" in wrong.content.decode()
    empty = browser.post(ENROL, {"key": ""})
    assert empty.status_code == 409
    assert browser.post(ENROL, {"key": "x" * 500}).status_code == 400
    assert browser.post(ENROL, {"key": "a\x00b"}).status_code == 400


@pytest.mark.parametrize(("price", "is_free"), [(4900, False), (0, True)])
def test_a_published_course_says_free_only_where_it_is(browser, course, lessons, price, is_free):
    release_publish(course=course, acting_user=None)
    put(course, price=price)
    pages = [browser.get(ENROL), browser.post(ENROL, {"key": "nothing"})]
    told = [answer.content.decode() for answer in pages]
    assert ["This course is free." in page for page in told] == [is_free] * 2
    assert ["You enrol in this course with a key." in page for page in told] == [not is_free] * 2


def test_a_hidden_course_opens_on_a_page_of_its_own(browser, course, ingrid):
    put(course, visibility=Visibility.ENROLLED)
    key = key_make(course=course, acting_user=ingrid)
    assert browser.get(ENROL).status_code == 404
    assert browser.post(ENROL, {"key": key.key}).status_code == 404
    refused = [
        browser.post("/enrol/", {"course": slug, "key": word}).content.decode()
        for slug, word in (("shells", "wrong"), ("nowhere", key.key))
    ]
    assert all("This key opens nothing" in page for page in refused)
    came = browser.post("/enrol/", {"course": "shells", "key": key.key})
    assert (came.status_code, came["Location"]) == (303, "/courses/shells/")


def test_the_catalogue_and_my_learning_lead_to_where_a_key_is_used(browser, client, course):
    for page in ("/", "/learn/"):
        assert 'href="/enrol/"' in browser.get(page).content.decode()
    client.logout()
    assert 'href="/enrol/"' in client.get("/").content.decode()


def test_who_cannot_see_the_course_yet_goes_to_their_own_page(browser, course, ingrid):
    put(course, visibility=Visibility.ENROLLED)
    soon = timezone.now() + timedelta(days=3)
    cohort = Cohort.objects.create(course=course, name="Soon", starts_at=soon)
    key = key_make(course=course, acting_user=ingrid, cohort=cohort)
    came = browser.post("/enrol/", {"course": "shells", "key": key.key})
    assert (came.status_code, came["Location"]) == (303, "/learn/")
    assert browser.post(LEAVE)["Location"] == "/learn/"


def test_guessing_on_the_page_counts_with_guessing_by_the_api(browser, course, settings):
    limit = settings.RATES["key"].amount
    codes = [browser.post(ENROL, {"key": f"guess{n}"}).status_code for n in range(limit + 1)]
    assert codes == [400] * limit + [429]


def test_leaving_what_one_is_not_in_is_missing(browser, course, bob):
    Enrolment.objects.create(course=course, person=bob, source="self")
    assert browser.post(LEAVE).status_code == 404
    assert browser.post("/courses/nowhere/leave/").status_code == 404
    assert browser.get(LEAVE).status_code == 405


def test_the_offer_says_what_can_be_done(course, alice, bob, ingrid, django_assert_max_num_queries):
    def offer(person):
        standing = standing_of(person)
        with django_assert_max_num_queries(2):
            return offer_for(standing=standing, course=course)

    assert offer(None).action == "sign_in"
    assert offer(alice).action == "enrol"
    put(course, price=100, seat_limit=1)
    assert offer(alice).action == "key"
    later = timezone.now() + timedelta(days=1)
    cohort = Cohort.objects.create(course=course, name="Soon", starts_at=later)
    enrolment = enrolment_by_staff(course=course, person=alice, acting_user=ingrid, cohort=cohort)
    assert (offer(alice).action, offer(alice).starts_at) == ("leave", later)
    assert (offer(bob).action, offer(bob).sentence) == (
        "",
        "All seats of this course are taken.",
    )
    enrolment_suspend(enrolment=enrolment, acting_user=ingrid)
    assert offer(alice).action == ""
    assert "suspended" in offer(alice).sentence
    put(course, status="draft")
    assert offer(bob).action == ""


@pytest.mark.parametrize(
    ("values", "action", "said"),
    [
        ({"status": "withdrawn"}, "enrol", "You left this course. What you have done is kept."),
        ({"status": "withdrawn", "is_barred": True}, "", "An instructor ended this enrolment"),
        ({"status": "suspended"}, "", "The enrolment is suspended"),
        ({"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}, "enrol", "Your time in this course"),
    ],
)
def test_whoever_is_no_longer_in_a_course_is_told_what_happened_beside_what_can_be_done(
    browser, course, alice, values, action, said
):
    seat = Enrolment.objects.create(course=course, person=alice, source="self")
    Enrolment.objects.filter(pk=seat.pk).update(**values)
    text = browser.get("/courses/shells/").content.decode()
    assert said in text
    assert ('action="/courses/shells/enrol/"' in text) == (action == "enrol")


@pytest.mark.parametrize(
    ("values", "form"),
    [
        ({"price": 4900}, 'name="key"'),
        ({"visibility": "enrolled"}, 'action="/courses/shells/enrol/"'),
        ({"price": 4900, "visibility": "enrolled"}, 'name="key"'),
    ],
)
def test_who_teaches_is_told_how_learners_come_in(
    client, course, lessons, ingrid, olga, alice, values, form
):
    put(course, **values)
    for teacher in (ingrid, olga):
        client.force_login(teacher)
        for query in ({}, {"draft": "1"}):
            page = client.get("/courses/shells/", query).content.decode()
            assert "Ask those who teach it" not in page
            assert "Learners enrol in this course with a key" in page
            assert 'href="/courses/shells/class/keys/"' in page
            assert form in page
            assert client.get("/courses/shells/class/keys/").status_code == 200
    client.force_login(alice)
    page = client.get("/courses/shells/")
    assert page.status_code == (404 if "visibility" in values else 200)
    assert "class/keys/" not in page.content.decode()


def test_who_teaches_a_course_for_everybody_may_take_it_like_them(
    course, ingrid, django_assert_max_num_queries
):
    standing = standing_of(ingrid)
    with django_assert_max_num_queries(2):
        assert offer_for(standing=standing, course=course).action == "enrol"
    put(course, price=100)
    with django_assert_max_num_queries(2):
        assert offer_for(standing=standing, course=course).action == "teach"
    Enrolment.objects.create(course=course, person=ingrid, source="staff")
    with django_assert_max_num_queries(2):
        assert offer_for(standing=standing, course=course).action == "leave"
