"""When lessons open, on the pages of the class: rules for everybody, exceptions of cohorts."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from learning.classes.opening import LEARNERS_SHOWN
from learning.classes.tests.crowd import crowd
from learning.courses.models import Course
from learning.enrolments.models import Cohort, DripOverride, DripRule
from learning.enrolments.opening import openings
from learning.lessons.models import Lesson
from learning.rights.selectors import standing_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]

OPENING = "/courses/shells/class/opening/"
PIPES = f"{OPENING}pipes/"
MARCH = datetime(2037, 3, 3, 9, tzinfo=UTC)


@pytest.fixture
def teach(signed_in, ingrid, release):
    """Ingrid's browser; the course has the lessons pipes and loops."""
    return signed_in(ingrid)


@pytest.fixture
def pipes(course, release):
    return Lesson.objects.get(course=course, slug="pipes")


@pytest.fixture
def loops(course, release):
    return Lesson.objects.get(course=course, slug="loops")


@pytest.fixture
def autumn(course):
    return Cohort.objects.create(course=course, name="秋のクラス")


def rules(lesson):
    rows = DripRule.objects.filter(lesson=lesson).order_by("pk")
    return list(rows.values_list("kind", "days", "opens_at", "after__slug"))


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_lessons_stand_in_their_order_with_what_opens_them(teach, course, loops, pipes, autumn):
    Lesson.objects.filter(pk=loops.pk).update(position=0)
    Lesson.objects.filter(pk=pipes.pk).update(position=1, title="أنابيب")
    DripRule.objects.create(lesson=pipes, kind="after_days", days=7)
    DripRule.objects.create(lesson=pipes, kind="on_date", opens_at=MARCH)
    DripRule.objects.create(lesson=pipes, kind="after_lesson", after=loops)
    DripOverride.objects.create(lesson=pipes, cohort=autumn, opens_at=MARCH)

    text = text_of(teach.get(OPENING))

    assert text.index(">Loops</a>") < text.index("Open from the start") < text.index("أنابيب</a>")
    assert "Opens 7 days after the start" in text
    assert "Opens on 3 March 2037, 09:00" in text
    assert "Opens when “Loops” is completed" in text
    assert "<bdi>秋のクラス</bdi>: opens <time " in text
    assert ">3 March 2037, 09:00</time>" in text


@pytest.mark.parametrize(
    ("days", "sentence"),
    [(0, "Opens at the start"), (1, "Opens 1 day after the start"), (9, "Opens 9 days after")],
)
def test_days_are_counted_in_words(teach, pipes, days, sentence):
    DripRule.objects.create(lesson=pipes, kind="after_days", days=days)

    assert sentence in text_of(teach.get(OPENING))


def test_rules_are_set_changed_and_removed(teach, pipes):
    first = teach.post(PIPES, {"days": "7", "opens_at": "2037-03-03T09:00", "after": ["loops"]})
    assert (first.status_code, first["Location"]) == (303, OPENING)
    assert said(first) == ["The rules of “Pipes” are set."]
    assert rules(pipes) == [
        ("after_days", 7, None, None),
        ("on_date", None, MARCH, None),
        ("after_lesson", None, None, "loops"),
    ]

    teach.post(PIPES, {"days": "0"})
    assert rules(pipes) == [("after_days", 0, None, None)]

    asked = teach.post(f"{PIPES}clear/", {"days": "0"})
    assert "Remove the rules of “Pipes”?" in asked.content.decode()
    assert len(rules(pipes)) == 1
    done = teach.post(f"{PIPES}clear/", {"confirmed": "1"})
    assert (done.status_code, done["Location"]) == (303, OPENING)
    assert rules(pipes) == []


def test_a_form_that_is_emptied_opens_the_lesson_from_the_start(teach, pipes):
    DripRule.objects.create(lesson=pipes, kind="after_days", days=7)

    answer = teach.post(PIPES, {"days": "", "opens_at": ""})

    assert said(answer) == ["“Pipes” has no rules: it is open from the start."]
    assert rules(pipes) == []


def test_the_form_shows_what_is_set_and_sending_it_changes_nothing_for_learners(
    teach, course, pipes, loops, alice, enrol
):
    enrol(alice)
    for days in (3, 12, 5):
        DripRule.objects.create(lesson=pipes, kind="after_days", days=days)
    DripRule.objects.create(lesson=pipes, kind="on_date", opens_at=MARCH)
    DripRule.objects.create(lesson=pipes, kind="on_date", opens_at=MARCH - timedelta(days=9))
    DripRule.objects.create(lesson=pipes, kind="after_lesson", after=loops)

    def opens():
        fresh = Course.objects.get(pk=course.pk)
        found = openings(standing=standing_of(alice), course=fresh, lesson_ids=[pipes.pk])
        return found[pipes.pk]

    before = opens()
    form = teach.get(PIPES).context["rules_form"]
    shown = {name: form[name].value() for name in form.fields}
    teach.post(PIPES, {**shown, "opens_at": "2037-03-03T09:00"})

    assert (shown["days"], shown["after"]) == (12, ["loops"])
    assert len(rules(pipes)) == 3
    assert opens() == before


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"days": "-1"}, "id_days"),
        ({"days": "3651"}, "id_days"),
        ({"days": "soon"}, "id_days"),
        ({"days": "9" * 40}, "id_days"),
        ({"opens_at": "soon"}, "id_opens_at"),
        ({"opens_at": "9999-12-31T23:59"}, "id_opens_at"),
        ({"after": ["nowhere"]}, "id_after"),
        ({"after": ["pipes"]}, "id_after"),
    ],
)
def test_rules_that_cannot_be_are_refused_beside_the_field_and_nothing_is_lost(
    teach, pipes, values, field
):
    DripRule.objects.create(lesson=pipes, kind="after_days", days=2)
    kept = {"days": "7", "opens_at": "2037-03-03T09:00", "after": ["loops"], **values}

    answer = teach.post(PIPES, kept)

    text = answer.content.decode()
    assert answer.status_code == 400
    assert f'id="{field}_error"' in text
    assert text.count("field-error") == 1
    assert answer.context["rules_form"]["days"].value() == kept["days"]
    assert answer.context["rules_form"]["opens_at"].value() == kept["opens_at"]
    assert rules(pipes) == [("after_days", 2, None, None)]


def test_lessons_that_would_wait_for_each_other_are_refused_beside_the_lessons(teach, pipes, loops):
    DripRule.objects.create(lesson=loops, kind="after_lesson", after=pipes)

    answer = teach.post(PIPES, {"days": "7", "after": ["loops"]})

    text = answer.content.decode()
    assert answer.status_code == 400
    assert 'id="id_after_error"' in text
    assert "The lessons would wait for each other" in text
    assert 'value="7"' in text
    assert re.search(r'<input[^>]*value="loops"[^>]*checked', text)
    assert rules(pipes) == []


def test_more_than_ten_rules_are_refused_beside_the_lessons(teach, course, publish):
    publish(course, [f"l{n}" for n in range(12)])

    answer = teach.post(f"{OPENING}l0/", {"days": "1", "after": [f"l{n}" for n in range(1, 12)]})

    assert answer.status_code == 400
    assert "A lesson has at most 10 rules." in answer.content.decode()
    assert not DripRule.objects.exists()


def test_a_cohorts_exception_is_made_changed_and_ended(teach, pipes, autumn):
    made = teach.post(f"{PIPES}cohort/", {"cohort": autumn.pk, "opens_at": "2037-03-03T09:00"})
    override = DripOverride.objects.get()
    assert (made.status_code, made["Location"]) == (303, PIPES)
    assert said(made) == ["“Pipes” opens for 秋のクラス as you said."]
    assert (override.lesson, override.cohort, override.opens_at) == (pipes, autumn, MARCH)

    form = text_of(teach.get(f"{PIPES}?cohort={autumn.pk}"))
    assert f'<option value="{autumn.pk}" selected>' in form
    assert 'value="2037-03-03T09:00"' in form
    teach.post(f"{PIPES}cohort/", {"cohort": autumn.pk, "opens_at": ""})
    override.refresh_from_db()
    assert override.opens_at is None
    assert "open at once" in teach.get(OPENING).content.decode()

    asked = teach.post(f"{PIPES}cohort/{autumn.pk}/end/")
    assert "End the exception of 秋のクラス?" in asked.content.decode()
    assert DripOverride.objects.exists()
    for _ in range(2):
        done = teach.post(f"{PIPES}cohort/{autumn.pk}/end/", {"confirmed": "1"})
        assert (done.status_code, done["Location"]) == (303, PIPES)
    assert not DripOverride.objects.exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"cohort": ""}, "for_cohort"),
        ({"cohort": "x"}, "for_cohort"),
        ({"cohort": str(2**70)}, "for_cohort"),
        ({"opens_at": "soon"}, "for_opens_at"),
        ({"opens_at": "1960-01-01T00:00"}, "for_opens_at"),
    ],
)
def test_an_exception_that_cannot_be_is_refused_beside_the_field(
    teach, pipes, autumn, values, field
):
    answer = teach.post(
        f"{PIPES}cohort/", {"cohort": autumn.pk, "opens_at": "2037-03-03T09:00", **values}
    )

    assert answer.status_code == 400
    assert f'id="{field}_error"' in answer.content.decode()
    assert not DripOverride.objects.exists()


def test_whom_an_exception_concerns_is_told_with_a_way_to_their_page(
    teach, course, pipes, alice, enrol
):
    theirs = enrol(alice)
    DripOverride.objects.create(lesson=pipes, enrolment=theirs)

    assert "1 exception" in text_of(teach.get(OPENING))
    text = text_of(teach.get(PIPES))
    assert "<bdi>Alice</bdi>: open at once" in text
    assert f"/courses/shells/class/{theirs.pk}/" in text


def test_of_very_many_exceptions_the_first_are_shown_and_the_rest_counted(
    signed_in, ingrid, course
):
    enrolments = crowd(course, learners=LEARNERS_SHOWN + 3, lessons=2)
    lesson = course.lessons.get(slug="lesson-0")
    DripOverride.objects.bulk_create(
        DripOverride(lesson=lesson, enrolment=enrolment) for enrolment in enrolments
    )

    text = text_of(signed_in(ingrid).get(f"{OPENING}lesson-0/"))

    assert text.count("Their page") == LEARNERS_SHOWN
    assert "3 learners more have an exception" in text


POSTS = ("", "clear/", "cohort/", "cohort/{cohort}/end/")


def test_an_assistant_sees_it_and_changes_nothing(signed_in, asa, pipes, autumn):
    DripRule.objects.create(lesson=pipes, kind="after_days", days=7)
    DripOverride.objects.create(lesson=pipes, cohort=autumn)
    client = signed_in(asa)

    pages = [client.get(OPENING).content.decode(), client.get(PIPES).content.decode()]

    for text in pages:
        assert "Opens 7 days after the start" in text
        assert "秋のクラス" in text
        assert "Change" not in text
        assert not re.search(r'<form[^>]*action="/courses/', text)
    for address in POSTS:
        url = PIPES + address.format(cohort=autumn.pk)
        values = {"days": "1", "cohort": autumn.pk, "confirmed": "1"}
        assert client.post(url, values).status_code == 403
    assert rules(pipes) == [("after_days", 7, None, None)]
    assert DripOverride.objects.exists()


def test_others_find_nothing(signed_in, alice, enrol, pipes, autumn):
    enrol(alice)
    client = signed_in(alice)

    assert {client.get(OPENING).status_code, client.get(PIPES).status_code} == {404}
    for address in POSTS:
        assert client.post(PIPES + address.format(cohort=autumn.pk)).status_code == 404


def test_what_belongs_to_another_course_is_not_under_this_one(teach, ingrid, pipes):
    other = Course.objects.create(slug="other", title="Other", owner=ingrid)
    theirs = Cohort.objects.create(course=other, name="Theirs")
    Lesson.objects.create(course=other, slug="their-lesson", title="Theirs")

    assert teach.get(f"{OPENING}their-lesson/").status_code == 404
    assert teach.post(f"{OPENING}their-lesson/", {"days": "1"}).status_code == 404
    assert teach.post(f"{PIPES}cohort/", {"cohort": theirs.pk}).status_code == 400
    assert teach.post(f"{PIPES}cohort/{theirs.pk}/end/", {"confirmed": "1"}).status_code == 404
    assert teach.post(PIPES, {"after": ["their-lesson"]}).status_code == 400
    assert not DripRule.objects.exists()


@pytest.mark.parametrize("address", ["", "clear/", "cohort/"])
def test_forms_of_another_site_are_refused(ingrid, pipes, address):
    from_elsewhere = Client(enforce_csrf_checks=True)
    from_elsewhere.force_login(ingrid)

    assert from_elsewhere.post(PIPES + address, {"days": "1"}).status_code == 403


def test_a_moment_is_meant_and_shown_in_the_instructors_time_zone(teach, ingrid, pipes):
    ingrid.time_zone = "Asia/Tokyo"
    ingrid.save(update_fields=["time_zone"])

    teach.post(PIPES, {"opens_at": "2037-03-03T18:00"})

    assert rules(pipes) == [("on_date", None, MARCH, None)]
    text = teach.get(OPENING).content.decode()
    assert "Opens on 3 March 2037, 18:00" in text
    assert "Asia/Tokyo" in text


def test_an_address_that_the_course_had_leads_there(teach, course, pipes):
    course.old_addresses.create(slug="old-shells")

    answer = teach.post("/courses/old-shells/class/opening/pipes/", {"days": "1"})

    assert (answer.status_code, answer["Location"]) == (303, OPENING)


def test_a_lesson_that_the_next_release_leaves_out_has_no_number(teach, course, pipes):
    Lesson.objects.filter(pk=pipes.pk).update(status="draft")

    shown = teach.get(OPENING).context["lessons"]

    assert [(row.lesson.slug, row.number) for row in shown] == [("pipes", None), ("loops", 1)]


def test_a_course_without_lessons_says_so(signed_in, ingrid, course):
    assert "This course has no lessons yet." in signed_in(ingrid).get(OPENING).content.decode()


@pytest.fixture
def full(course):
    """100 lessons, each with rules and with exceptions of ten cohorts and of learners."""
    enrolments = crowd(course, learners=5, lessons=100)
    lessons = list(course.lessons.order_by("position"))
    cohorts = Cohort.objects.bulk_create(Cohort(course=course, name=f"C{n}") for n in range(10))
    now = timezone.now()
    DripRule.objects.bulk_create(
        rule
        for before, lesson in pairwise(lessons)
        for rule in (
            DripRule(lesson=lesson, kind="after_days", days=lesson.position),
            DripRule(lesson=lesson, kind="on_date", opens_at=now),
            DripRule(lesson=lesson, kind="after_lesson", after=before),
        )
    )
    DripOverride.objects.bulk_create(
        DripOverride(lesson=lesson, opens_at=now, **whose)
        for lesson in lessons
        for whose in (
            *({"cohort": cohort} for cohort in cohorts),
            *({"enrolment": enrolment} for enrolment in enrolments),
        )
    )


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize(("address", "queries"), [("", 7), ("lesson-99/", 12)])
def test_pages_take_the_same_few_queries_at_a_hundred_lessons(
    signed_in, ingrid, address, queries, django_assert_max_num_queries
):
    client = signed_in(ingrid)

    with django_assert_max_num_queries(queries):
        answer = client.get(OPENING + address)
    assert answer.status_code == 200
    assert answer.content.decode().count("C9") >= 1
