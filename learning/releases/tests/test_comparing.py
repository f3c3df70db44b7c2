import pytest

from learning.courses.models import Course, CourseFigure, Section, Status
from learning.lessons.models import Lesson, LessonRevision
from learning.releases.comparing import release_compare
from learning.releases.errors import NothingToPublishError
from learning.releases.models import Release
from learning.releases.services import course_withdraw


@pytest.fixture
def compare(tides):
    return lambda: release_compare(Course.objects.get(pk=tides.pk))


def edit(lesson, **values):
    Lesson.objects.filter(pk=lesson.pk).update(**values)


def slugs(places):
    return [place.permalink.partition("/")[2] for place in places]


def settings(change):
    return {setting.name: (setting.before, setting.after) for setting in change.settings}


def test_before_the_first_release_all_is_new(compare, lesson_of):
    lesson_of("moon", title="月", position=1)
    lesson_of("sun", title="شمس", position=2, is_required=False)
    lesson_of("draft", status=Status.DRAFT)
    diff = compare()
    assert (diff.number, diff.next_number, diff.is_first, diff.opens) == (None, 1, True, True)
    assert [(place.title, place.position) for place in diff.added] == [("月", 1), ("شمس", 2)]
    assert (diff.lesson_count, diff.required_count, diff.is_nothing) == (2, 1, False)
    assert not LessonRevision.objects.exists()


def test_a_course_without_lessons_is_nothing_to_publish(compare, lesson_of):
    lesson_of("draft", status=Status.DRAFT)
    assert compare().is_nothing


def test_what_was_published_differs_in_nothing(compare, lesson_of, publish):
    lesson_of("moon")
    publish()
    diff = compare()
    assert (diff.number, diff.next_number) == (1, 2)
    assert (diff.is_same, diff.is_nothing, diff.opens) == (True, True, False)


def test_a_course_that_was_taken_back_would_open_again(compare, lesson_of, publish, tides):
    lesson_of("moon")
    publish()
    course_withdraw(course=tides, acting_user=None)
    diff = compare()
    assert (diff.is_same, diff.is_nothing, diff.opens) == (True, False, True)


def test_lessons_come_go_and_change_their_places(compare, lesson_of, publish, tides):
    for position, slug in enumerate(["one", "two", "three", "four", "five"], start=1):
        lesson_of(slug, position=position * 10)
    publish()
    section = Section.objects.create(course=tides, title="満月", position=1)
    Lesson.objects.filter(slug="one").update(position=45)
    Lesson.objects.filter(slug="two").update(status=Status.DRAFT)
    Lesson.objects.filter(slug="five").update(section=section)
    lesson_of("new", position=5)
    diff = compare()
    assert slugs(diff.added) == ["new"]
    assert slugs(diff.removed) == ["two"]
    assert {move.after.permalink: move.changes_section for move in diff.moved} == {
        "tides/five": True, "tides/one": False
    }  # fmt: skip
    assert diff.changed == ()


def test_a_lesson_put_before_others_moves_none_of_them(compare, lesson_of, publish):
    for position in (2, 3, 4):
        lesson_of(f"lesson-{position}", position=position)
    publish()
    lesson_of("first", position=1)
    assert compare().moved == ()


def test_a_rewritten_lesson_shows_the_lines_that_differ(compare, lesson_of, publish):
    lesson = lesson_of("moon", body="## 月\n\n古い文。\n\n終わり。")
    publish()
    edit(lesson, body="## 月\n\nنص جديد.\n\n終わり。", title="القمر")
    (change,) = compare().changed
    assert settings(change) == {"title": ("Moon", "القمر")}
    assert [(line.sign, line.text) for line in change.text.lines if line.sign != " "] == [
        ("-", "古い文。"), ("+", "نص جديد.")
    ]  # fmt: skip


def test_settings_are_told_in_words(compare, lesson_of, publish):
    lesson = lesson_of("moon")
    publish()
    edit(
        lesson,
        is_required=False,
        access="premium",
        completion={"rule": "minimum_time", "seconds": 120},
        language="ar",
        video_url="https://video.example/1",
    )
    (change,) = compare().changed
    assert change.text is None
    told = settings(change)
    assert told["is_required"] == ("Yes", "No")
    assert told["access"] == ("Free", "Premium")
    assert told["language"] == ("ja", "ar")
    assert told["video_url"] == ("", "https://video.example/1")
    assert told["completion"] == ("Mark the lesson as done.", "Read for 2 more minutes.")


def test_new_and_other_pictures_are_named(compare, lesson_of, publish, tides):
    def picture(name, digest):
        CourseFigure.objects.update_or_create(
            course=tides,
            name=name,
            defaults={"digest": digest * 64, "content_type": "image/png", "size": 1},
        )

    lesson = lesson_of("moon", body="![a](fig/a.png) ![b](fig/b.png)")
    picture("fig/a.png", "a")
    picture("fig/b.png", "b")
    publish()
    picture("fig/a.png", "c")
    picture("fig/月.png", "d")
    edit(lesson, body="![a](fig/a.png) ![月](fig/月.png)")
    (change,) = compare().changed
    figures = change.figures
    assert (figures.added, figures.removed, figures.changed) == (
        ("fig/月.png",), ("fig/b.png",), ("fig/a.png",)
    )  # fmt: skip


def test_a_new_title_of_the_course_touches_lessons_that_did_not_change(
    compare, lesson_of, publish, tides
):
    lesson_of("moon")
    publish()
    Course.objects.filter(pk=tides.pk).update(title="المد والجزر", level="beginner")
    diff = compare()
    assert [(s.name, s.before, s.after) for s in diff.course_settings] == [
        ("title", "潮の満ち引き", "المد والجزر"), ("level", "", "Beginner")
    ]  # fmt: skip
    assert (diff.changed, slugs(diff.touched)) == ((), ["moon"])


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"title": "Other"},
        {"summary": "Other"},
        {"body": "Other"},
        {"language": "ar"},
        {"access": "premium"},
        {"video_url": "https://video.example/1"},
        {"is_required": False},
        {"completion": {"rule": "minimum_time", "seconds": 60}},
        {"completion": {"rule": "marked"}},
        {"position": 9},
        {"status": Status.DRAFT},
        {"slug": "other"},
    ],
)
def test_comparing_and_publishing_agree_on_what_is_nothing(compare, lesson_of, publish, change):
    lesson = lesson_of("moon", position=1, body="See [the sun](sun.md).")
    lesson_of("sun", position=5, body="See [the moon](moon.md).")
    publish()
    edit(lesson, **change)
    if compare().is_nothing:
        with pytest.raises(NothingToPublishError):
            publish()
    else:
        assert publish().number == 2
    assert compare().is_nothing


def test_a_hundred_lessons_are_compared_in_seven_queries(
    compare, tides, lesson_of, publish, django_assert_max_num_queries
):
    for number in range(100):
        lesson_of(f"lesson-{number}", position=number)
    publish()
    Lesson.objects.update(body="Other.")
    course = Course.objects.select_related("owner").get(pk=tides.pk)
    with django_assert_max_num_queries(7):
        assert len(release_compare(course).changed) == 100
    assert Release.objects.count() == 1
