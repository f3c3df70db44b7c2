"""The catalogue's filters and cards."""

import pytest

from learning.conftest import png
from learning.courses.models import Course, CourseStaff
from learning.courses.services.figures import figure_keep, figure_row_put
from learning.enrolments.models import Cohort, Enrolment
from learning.progress.models import CourseProgress

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(ingrid):
    def make(slug, **values):
        known = {"title": slug.title(), "owner": ingrid, "status": "published", "language": "en"}
        return Course.objects.create(slug=slug, **{**known, **values})

    make("easy", level="beginner", language="ja", title="待ち行列")
    make("hard", level="advanced", price=4900)
    make("secret", visibility="unlisted")
    return make


def titles(client, **asked):
    page = client.get("/", asked).context["page"]
    return [card.slug for card in page]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["hard", "easy"]),
        ({"level": "beginner"}, ["easy"]),
        ({"level": "wizard"}, ["hard", "easy"]),
        ({"language": "ja"}, ["easy"]),
        ({"language": "xx"}, []),
        ({"free": "1"}, ["easy"]),
        ({"q": "待ち", "free": "1", "level": "beginner", "language": "ja"}, ["easy"]),
        ({"q": "待ち", "level": "advanced"}, []),
        ({"mine": "1"}, []),
    ],
)
def test_filters_leave_out_what_is_not_like_that(client, shelf, asked, found):
    assert titles(client, **asked) == found


def test_only_the_languages_that_there_are_can_be_chosen(client, shelf):
    assert client.get("/").context["languages"] == [("en", "English"), ("ja", "日本語")]


def test_my_courses_are_those_in_which_i_learn_now(client, shelf, alice):
    seat = Enrolment.objects.create(
        course=Course.objects.get(slug="secret"), person=alice, source="key"
    )
    Enrolment.objects.create(
        course=Course.objects.get(slug="hard"), person=alice, source="self", status="withdrawn"
    )
    CourseProgress.objects.create(enrolment=seat, percent=45)
    client.force_login(alice)
    assert titles(client, mine="1") == ["secret"]
    cards = {card.slug: card.percent for card in client.get("/").context["page"]}
    assert cards == {"easy": None, "hard": None, "secret": 45}


def test_a_course_that_begins_later_is_not_mine_yet(client, shelf, alice):
    course = Course.objects.get(slug="hard")
    cohort = Cohort.objects.create(course=course, name="Next", starts_at="2999-01-01T00:00:00Z")
    Enrolment.objects.create(course=course, person=alice, source="self", cohort=cohort)
    client.force_login(alice)
    assert titles(client, mine="1") == []


def test_who_assists_finds_what_has_no_place_in_the_catalogue(client, shelf, bob):
    course = Course.objects.get(slug="secret")
    CourseStaff.objects.create(course=course, person=bob, role="assistant")
    client.force_login(bob)
    assert "secret" in titles(client)


def test_a_card_names_price_level_language_and_cover(client, shelf):
    course = Course.objects.get(slug="hard")
    figure_row_put(course_id=course.pk, stored=figure_keep(name="cover.png", data=png()))
    course.cover = course.figures.get()
    course.save(update_fields=["cover"])
    text = client.get("/").content.decode()
    assert "49.00\u00a0EUR" in text
    assert "Free" in text
    assert "Advanced" in text
    assert "日本語" in text
    assert f"/courses/hard/figures/cover.png?v={course.cover.digest[:16]}" in text


def test_whoever_sees_a_course_sees_its_cover_and_nothing_else_of_it(client, shelf):
    course = Course.objects.get(slug="hard")
    for name in ("cover.png", "other.png"):
        figure_row_put(course_id=course.pk, stored=figure_keep(name=name, data=png()))
    course.cover = course.figures.get(name="cover.png")
    course.save(update_fields=["cover"])
    assert client.get("/courses/hard/figures/cover.png").status_code == 200
    assert client.get("/courses/hard/figures/other.png").status_code == 404
    Course.objects.filter(pk=course.pk).update(status="draft")
    assert client.get("/courses/hard/figures/cover.png").status_code == 404


def test_filters_and_cards_say_what_the_release_says(client, course, make_lesson, ingrid):
    Course.objects.filter(pk=course.pk).update(level="beginner", language="en")
    make_lesson("pipes")
    Course.objects.filter(pk=course.pk).update(level="advanced", language="ja")
    assert titles(client, level="beginner", language="en") == ["shells"]
    assert titles(client, level="advanced") == []
