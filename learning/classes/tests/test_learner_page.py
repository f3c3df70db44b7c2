"""One learner's page: why they stand where they stand, and what is done to them."""

import re
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from academy.accounts.models import User
from learning.classes.actions import ACTIONS
from learning.classes.learner import percent_in
from learning.courses.models import Course, ReleasePolicy
from learning.enrolments.models import Cohort, DripOverride, DripRule, Enrolment
from learning.progress.models import CourseProgress, LessonProgress, ProgressEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]


@pytest.fixture
def enrolment(release, alice, enrol):
    return enrol(alice, 0)


def path(enrolment, action=""):
    return f"/courses/{enrolment.course.slug}/class/{enrolment.pk}/{action}{'/' if action else ''}"


@pytest.fixture
def do(signed_in, enrolment, ingrid):
    """Does something to alice, confirmed."""

    def post(action, person=None, **values):
        client = signed_in(person or ingrid)
        return client.post(path(enrolment, action), {"confirmed": "1", **values})

    return post


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_the_page_says_of_each_lesson_what_is_met_and_what_is_missing(
    signed_in, ingrid, enrolment, open_lesson
):
    open_lesson(enrolment, "pipes", days=3, seconds=100)

    text = signed_in(ingrid).get(path(enrolment)).content.decode()

    assert "Alice" in text
    assert "The lesson is marked as done." in text
    assert "Mark the lesson as done." in text
    assert "Not opened" in text


@pytest.mark.parametrize(
    ("role", "status"),
    [("ingrid", 200), ("carla", 200), ("asa", 200), ("olga", 200), ("alice", 404), ("bob", 404)],
)
def test_staff_alone_see_it(request, signed_in, enrolment, role, status):
    assert signed_in(request.getfixturevalue(role)).get(path(enrolment)).status_code == status


def test_a_learner_of_another_course_is_not_under_this_one(
    signed_in, ingrid, course, bob, enrol, release
):
    other = Course.objects.create(slug="other", title="Other", owner=ingrid)
    theirs = enrol(bob, into=other)
    client = signed_in(ingrid)

    assert client.get(f"/courses/other/class/{theirs.pk}/").status_code == 200
    assert client.get(f"/courses/shells/class/{theirs.pk}/").status_code == 404
    for action in ACTIONS:
        url = f"/courses/shells/class/{theirs.pk}/{action}/"
        assert client.post(url, {"confirmed": "1"}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.status == Enrolment.Status.ACTIVE


@pytest.mark.parametrize("number", ["0", "999999", str(2**63), str(2**80), "-1", "1e3"])
def test_what_is_no_learner_is_not_found(signed_in, ingrid, course, number):
    assert signed_in(ingrid).get(f"/courses/shells/class/{number}/").status_code == 404


def test_an_assistant_has_no_button_and_every_post_is_refused(signed_in, asa, enrolment):
    client = signed_in(asa)

    text = client.get(path(enrolment)).content.decode()

    assert "/suspend/" not in text
    assert "Reopen" not in text
    for action in ACTIONS:
        assert client.post(path(enrolment, action), {"confirmed": "1"}).status_code == 403
    enrolment.refresh_from_db()
    assert enrolment.status == Enrolment.Status.ACTIVE


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_a_form_of_another_site_is_refused(ingrid, enrolment, action):
    from_elsewhere = Client(enforce_csrf_checks=True)
    from_elsewhere.force_login(ingrid)

    answer = from_elsewhere.post(path(enrolment, action), {"confirmed": "1"})

    assert answer.status_code == 403


def test_it_is_asked_before_anything_is_done(signed_in, ingrid, enrolment):
    answer = signed_in(ingrid).post(path(enrolment, "suspend"))

    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Suspend Alice?" in text
    assert "Their progress is kept" in text
    assert 'name="confirmed" value="1"' in text
    enrolment.refresh_from_db()
    assert enrolment.status == Enrolment.Status.ACTIVE


def test_what_was_filled_in_survives_the_question(signed_in, ingrid, enrolment, course):
    cohort = Cohort.objects.create(course=course, name="秋 🍁")

    answer = signed_in(ingrid).post(
        path(enrolment, "reschedule"), {"cohort": cohort.pk, "expires_at": "2030-01-31T12:00"}
    )

    text = answer.content.decode()
    assert "秋 🍁" in text
    assert f'name="cohort" value="{cohort.pk}"' in text
    assert 'name="expires_at" value="2030-01-31T12:00"' in text


def test_suspended_resumed_and_removed(do, enrolment):
    for action, status in (
        ("suspend", "suspended"),
        ("resume", "active"),
        ("withdraw", "withdrawn"),
        ("resume", "active"),
    ):
        answer = do(action)
        enrolment.refresh_from_db()
        assert (answer.status_code, answer["Location"]) == (303, path(enrolment))
        assert enrolment.status == status


def test_a_lesson_is_completed_and_reopened_for_them(do, enrolment, ingrid, course):
    lesson = course.lessons.get(slug="pipes")

    answer = do("complete", lesson="pipes")

    assert said(answer) == ["“Pipes” is completed for Alice."]
    assert LessonProgress.objects.get(enrolment=enrolment, lesson=lesson).state == "completed"
    assert CourseProgress.objects.get(enrolment=enrolment).percent == 50
    assert ProgressEvent.objects.get(enrolment=enrolment).by == ingrid
    do("reopen", lesson="pipes")
    assert CourseProgress.objects.get(enrolment=enrolment).percent == 0


@pytest.mark.parametrize("lesson", ["", "nothing", "1 or 1=1", "x" * 5000, "pipes\x00"])
def test_another_lesson_is_refused_in_place(do, enrolment, lesson):
    assert do("complete", lesson=lesson).status_code == 400


def test_a_lesson_of_another_course_is_refused(do, enrolment, ingrid, publish):
    other = Course.objects.create(slug="other", title="Other", owner=ingrid)
    publish(other, ("elsewhere",))

    assert do("complete", lesson="elsewhere").status_code == 400
    assert do("open", lesson="elsewhere").status_code == 400


def test_a_lesson_that_is_not_in_their_release_says_so(do, enrolment, course):
    course.lessons.create(slug="new", title="New")

    answer = do("complete", lesson="new")

    assert answer.status_code in {400, 404, 409}
    assert not ProgressEvent.objects.exists()


def test_cohort_and_end_are_changed(do, enrolment, course):
    cohort = Cohort.objects.create(course=course, name="Spring")

    do("reschedule", cohort=cohort.pk, expires_at="2030-01-31T12:00")

    enrolment.refresh_from_db()
    assert enrolment.cohort == cohort
    assert enrolment.expires_at.isoformat() == "2030-01-31T12:00:00+00:00"
    do("reschedule", cohort="", expires_at="")
    enrolment.refresh_from_db()
    assert (enrolment.cohort, enrolment.expires_at) == (None, None)


@pytest.mark.parametrize(
    "moment", ["yesterday", "2030-02-30T00:00", "0001-01-01T00:00", "9999-12-31T23:59", "\u0661"]
)
def test_dates_that_are_none_stand_beside_their_field(do, enrolment, moment):
    answer = do("reschedule", cohort="", expires_at=moment)

    assert answer.status_code == 400
    assert "field-error" in answer.content.decode()
    enrolment.refresh_from_db()
    assert enrolment.expires_at is None


def test_a_cohort_of_another_course_is_none_of_the_choices(do, enrolment, ingrid):
    other = Course.objects.create(slug="other", title="Other", owner=ingrid)
    cohort = Cohort.objects.create(course=other, name="Theirs")

    assert do("reschedule", cohort=cohort.pk).status_code == 400


def test_an_end_before_the_cohort_starts_is_refused(do, enrolment, course):
    cohort = Cohort.objects.create(
        course=course, name="Later", starts_at=Now() + timedelta(days=10)
    )

    answer = do("reschedule", cohort=cohort.pk, expires_at="2020-01-01T00:00")

    assert answer.status_code == 400


def test_moving_tells_the_percentage_before(
    signed_in, ingrid, course, enrolment, publish, open_lesson
):
    first = enrolment.course.newest_release
    open_lesson(enrolment, "pipes", days=2, seconds=60)
    second = publish(course, ("pipes", "loops", "files", "names"))
    Course.objects.filter(pk=course.pk).update(release_policy=ReleasePolicy.PINNED)
    assert (percent_in(enrolment, first), percent_in(enrolment, second)) == (50, 25)
    client = signed_in(ingrid)

    assert "/move/" in client.get(path(enrolment)).content.decode()
    asked = client.post(path(enrolment, "move"), {"release": second.pk}).content.decode()
    client.post(path(enrolment, "move"), {"release": second.pk, "confirmed": "1"})

    assert "Their progress will be 25%; it is" in asked
    enrolment.refresh_from_db()
    assert enrolment.release == second


def test_a_course_whose_learners_read_the_newest_release_moves_nobody(signed_in, ingrid, enrolment):
    assert "/move/" not in signed_in(ingrid).get(path(enrolment)).content.decode()


def test_a_release_of_another_course_is_refused(do, enrolment, ingrid, publish):
    other = Course.objects.create(slug="other", title="Other", owner=ingrid)
    theirs = publish(other, ("elsewhere",))

    assert do("move", release=theirs.pk).status_code == 400


def test_a_lesson_opens_at_another_time_for_one(do, enrolment, course):
    do("open", lesson="loops", opens_at="2030-01-31T12:00")
    assert DripOverride.objects.get(enrolment=enrolment).opens_at.year == 2030
    do("open", lesson="loops", opens_at="")
    assert DripOverride.objects.get(enrolment=enrolment).opens_at is None
    do("follow", lesson="loops")
    assert not DripOverride.objects.exists()


def test_who_opens_a_lesson_later_for_one_is_told_that_it_closes(signed_in, ingrid, enrolment):
    asked = signed_in(ingrid).post(
        path(enrolment, "open"), {"lesson": "loops", "opens_at": "2037-01-31T12:00"}
    )

    text = asked.content.decode()
    assert "Set when “Loops” opens for Alice?" in text
    assert "opens on 31 January 2037, 12:00 and is closed until then" in text
    assert not DripOverride.objects.exists()


def test_a_moment_that_is_none_is_refused_once_and_beside_the_field(signed_in, ingrid, enrolment):
    answer = signed_in(ingrid).post(
        path(enrolment, "open"), {"lesson": "loops", "opens_at": "soon", "confirmed": "1"}
    )

    text = answer.content.decode()
    assert answer.status_code == 400
    assert text.count("Enter a valid date/time.") == 1
    assert 'id="id_opens_at_error"' in text
    assert '<option value="loops" selected>' in text


def test_who_may_not_learn_now_is_not_said_to_be_let_into_a_lesson(
    signed_in, ingrid, enrolment, course
):
    DripRule.objects.create(lesson=course.lessons.get(slug="loops"), kind="after_days", days=30)
    Enrolment.objects.filter(pk=enrolment.pk).update(status="suspended")

    assert "Open it for them" not in signed_in(ingrid).get(path(enrolment)).content.decode()


@pytest.mark.parametrize("role", ["ingrid", "asa"])
def test_the_page_says_which_exceptions_hold_for_them(
    request, signed_in, enrolment, course, bob, enrol, role
):
    pipes, loops = (course.lessons.get(slug=slug) for slug in ("pipes", "loops"))
    cohort = Cohort.objects.create(course=course, name="Spring")
    Enrolment.objects.filter(pk=enrolment.pk).update(cohort=cohort)
    far = timezone.now().replace(year=2037, month=3, day=3)
    DripOverride.objects.create(lesson=pipes, enrolment=enrolment)
    DripOverride.objects.create(lesson=pipes, cohort=cohort, opens_at=far)
    DripOverride.objects.create(lesson=loops, cohort=cohort, opens_at=far)
    DripOverride.objects.create(lesson=loops, enrolment=enrol(bob))

    page = signed_in(request.getfixturevalue(role)).get(path(enrolment))

    text = page.content.decode()
    assert text.count("<bdi>Their own exception</bdi>: open at once") == 1
    cohorts = "<bdi>Their cohort's exception</bdi>: opens <time datetime=\"2037-03-03T"
    assert text.count(cohorts) == 1
    assert text.count("exception</bdi>") == 2


def test_a_locked_lesson_leads_to_the_form_that_opens_it_for_them(
    signed_in, ingrid, asa, enrolment, course
):
    loops = course.lessons.get(slug="loops")
    DripRule.objects.create(lesson=loops, kind="after_days", days=30)

    text = signed_in(ingrid).get(path(enrolment)).content.decode()
    assert f'href="{path(enrolment)}?lesson=loops#opening"' in text
    assert "?lesson=loops" not in signed_in(asa).get(path(enrolment)).content.decode()

    text = signed_in(ingrid).get(f"{path(enrolment)}?lesson=loops").content.decode()
    assert '<option value="loops" selected>' in text
    assert re.search(r'id="opening"\s+open>', text)


def test_an_exception_is_changed_from_where_it_stands(signed_in, ingrid, enrolment, course):
    loops = course.lessons.get(slug="loops")
    far = timezone.now().replace(year=2037, month=3, day=3, hour=9, minute=0)
    DripOverride.objects.create(lesson=loops, enrolment=enrolment, opens_at=far)
    client = signed_in(ingrid)

    assert (
        f'href="{path(enrolment)}?lesson=loops#opening"'
        in client.get(path(enrolment)).content.decode()
    )
    text = client.get(f"{path(enrolment)}?lesson=loops").content.decode()
    assert 'value="2037-03-03T09:00"' in text
    for odd in ("nowhere", "😀", "x" * 300):
        assert client.get(path(enrolment), {"lesson": odd}).status_code == 200


def test_an_action_that_nobody_knows_is_not_found(do, enrolment):
    assert do("promote").status_code == 404


def test_an_action_is_sent_not_visited(signed_in, ingrid, enrolment):
    assert signed_in(ingrid).get(path(enrolment, "suspend")).status_code == 405


@pytest.mark.parametrize("name", ["山田 花子 🌸", "ليلى", "<b>x</b>", "100 %s %(name)s {0}"])
def test_questions_hold_any_name(signed_in, ingrid, enrolment, alice, name):
    User.objects.filter(pk=alice.pk).update(display_name=name)

    answer = signed_in(ingrid).post(path(enrolment, "withdraw"))

    assert answer.status_code == 200
    assert name.replace("<", "&lt;").replace(">", "&gt;") in answer.content.decode()


def test_a_page_of_a_hundred_lessons_takes_few_queries(
    signed_in, ingrid, course, publish, alice, enrol, django_assert_max_num_queries
):
    publish(course, [f"lesson-{n}" for n in range(100)])
    enrolment = enrol(alice, 10)
    client = signed_in(ingrid)

    with django_assert_max_num_queries(16):
        assert client.get(path(enrolment)).status_code == 200
